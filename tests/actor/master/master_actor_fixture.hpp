// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocator_actor.hpp"
#include "actors/master/master_actor.hpp"
#include "tests/support/deterministic_actors.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/master_calls.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace agora::test {

/// What a master has given to its log, which answers and commits when the test
/// says so.
struct fake_log_record {
  /// Proposed, one list a message, and not committed yet.
  std::vector<std::vector<std::string>> proposals;
  /// What the next proposals are refused with.
  status refusal;
  /// Proposals that were refused.
  size_t refused = 0;
  /// Whether the next proposals get no answer until the test gives one.
  bool hold_answers = false;
  std::vector<caf::typed_response_promise<uint64_t>> answers;

  /// An answer that the test wants to be given now.
  std::function<void()> late;

  uint64_t term = 1;
  uint64_t last_proposed = 0;
  uint64_t last_committed = 0;
  uint64_t last_applied = 0;
  size_t applied_messages = 0;

  /// Whether barriers wait for the test.
  bool hold_barriers = false;
  std::vector<caf::typed_response_promise<uint64_t>> barriers;
  status barrier_refusal;
  /// That were asked for.
  size_t barrier_count = 0;

  /// What it says of its members.
  session::MasterList members;
  /// Changes wait for the test.
  std::vector<session::ChangeMasters> changes;
  std::vector<caf::typed_response_promise<session::Done>> change_answers;
};

inline log_actor::behavior_type
fake_log(log_actor::pointer self, std::shared_ptr<fake_log_record> record) {
  return {
    [self, record](log_proposal& proposal) -> caf::result<uint64_t> {
      if (record->refusal) {
        ++record->refused;
        return record->refusal;
      }
      auto first = record->last_proposed + 1;
      record->last_proposed += proposal.payloads.size();
      record->proposals.push_back(std::move(proposal.payloads));
      if (!record->hold_answers)
        return first;
      record->answers.push_back(self->make_response_promise<uint64_t>());
      return record->answers.back();
    },
    [record](entries_applied& applied) {
      if (record->late)
        return std::exchange(record->late, nullptr)();
      record->last_applied = applied.index;
      ++record->applied_messages;
    },
    [self, record](read_barrier) -> caf::result<uint64_t> {
      ++record->barrier_count;
      if (record->barrier_refusal)
        return record->barrier_refusal;
      if (!record->hold_barriers)
        return record->last_committed;
      record->barriers.push_back(self->make_response_promise<uint64_t>());
      return record->barriers.back();
    },
    [record](get_log_members) {
      return record->members;
    },
    [self,
     record](session::ChangeMasters& change) -> caf::result<session::Done> {
      record->changes.push_back(std::move(change));
      record->change_answers.push_back(
        self->make_response_promise<session::Done>());
      return record->change_answers.back();
    },
  };
}

/// Remembers how the master says its node stands.
inline local_gateway_actor::behavior_type
fake_gateway(local_gateway_actor::pointer,
             std::shared_ptr<std::vector<node_standing>> told) {
  return {
    [](session::OpenSession&, session_endpoint&)
      -> caf::result<session::SessionOpened, session_endpoint> {
      return fail(errc::invalid_argument, "the test opens sessions");
    },
    [told](node_standing& standing) {
      told->push_back(std::move(standing));
    },
  };
}

/// A master actor beside real allocators and a log that the test plays, on the
/// virtual clock. Agents, frameworks and tools are sessions of the test's.
class master_actor_fixture : public deterministic_actors {
protected:
  using event = v1::scheduler::Event;

  /// Where the master that leads instead is reached.
  static constexpr const char* other = "10.0.0.2:7050";

  /// A session, its number, and what the master has sent there.
  template <class Body>
  struct peer {
    session_number number = 0;
    std::shared_ptr<session_record<Body>> got;
    session_actor session;
  };
  using agent_peer = peer<session::MasterToAgent>;
  using framework_peer = peer<session::MasterToScheduler>;
  using tool_peer = peer<session::ToolResponses>;

  /// Spawns the master, which leads. The test may set `settings` before.
  void start() {
    start_standby();
    lead(1);
  }

  /// Spawns the master, whose log has not said yet who leads.
  void start_standby() {
    master_begin begin;
    begin.settings = settings;
    begin.state = std::make_shared<cluster_state>();
    begin.new_allocator = [this](const master_actor& owner) {
      allocator_ = spawn(allocator, offer_sender_actor{owner});
      return allocator_;
    };
    begin.clock = wall();
    begin.on_failure = [this](const status& why) {
      failures.push_back(describe(why));
    };
    master_ = spawn(master, std::move(begin));
    log_ = spawn(fake_log, log);
    gateway_ = spawn(fake_gateway, standings);
    tell(master_, master_companions{log_, gateway_});
    run();
  }

  /// The log says that this master leads in `term`.
  void lead(uint64_t term) {
    log->term = term;
    tell(master_, log_leadership{term, true, {}, "c1u57e12"});
    run();
  }

  /// The log says that another one leads, or none. Drops what is proposed and
  /// not committed.
  void follow(const std::string& leader) {
    log->proposals.clear();
    log->last_proposed = log->last_committed;
    tell(master_, log_leadership{log->term, false, leader, "c1u57e12"});
    run();
  }

  /// Commits everything that is proposed. @returns false if that is nothing.
  bool commit() {
    committed_entries batch;
    for (auto& proposal : std::exchange(log->proposals, {}))
      for (auto& payload : proposal)
        batch.entries.push_back(next_entry(std::move(payload)));
    if (batch.entries.empty())
      return false;
    tell(master_, std::move(batch));
    return true;
  }

  /// The next entry that the log commits, of its present term.
  entry_ptr next_entry(std::string payload,
                       entry_kind kind = entry_kind::command) {
    return std::make_shared<const log_entry>(
      log_entry{++log->last_committed, log->term, std::move(payload), kind});
  }

  /// Delivers and, unless the test holds the log, commits until all is quiet.
  void run() {
    do
      settle();
    while (!hold_log && commit());
  }

  /// The log answers now what it was asked before.
  template <class Promise, class T>
  void answer(Promise& promise, T value) {
    // Only in a turn of its own.
    log->late = [&promise, value = std::move(value)]() mutable {
      promise.deliver(std::move(value));
    };
    tell(log_, entries_applied{});
    settle();
  }

  void pass(caf::timespan time) {
    advance(time);
    run();
  }

  template <class Body>
  peer<Body> open(session::PeerKind kind) {
    peer<Body> result;
    result.number = ++last_session_;
    result.got = std::make_shared<session_record<Body>>();
    result.session = spawn(fake_session<Body>, result.got);
    session_up up;
    up.number = result.number;
    up.kind = kind;
    tell(master_, up, result.session);
    return result;
  }

  template <class Body>
  void lose(const peer<Body>& which) {
    tell(master_,
         session_down{which.number, fail(errc::session_lost, "cut"), {}});
    run();
  }

  void say(const agent_peer& agent, session::AgentMessage message) {
    session::AgentToMaster body;
    *body.add_messages() = std::move(message);
    tell(master_, agent.number, std::move(body));
  }

  void say(const framework_peer& framework, v1::scheduler::Call call) {
    session::SchedulerToMaster body;
    *body.add_calls() = std::move(call);
    tell(master_, framework.number, std::move(body));
  }

  agent_peer attach(const std::string& uid = "a1") {
    auto agent = open<session::MasterToAgent>(session::AGENT);
    say(agent, attach_message(uid, 1, "cpus:4;mem:1024"));
    run();
    return agent;
  }

  framework_peer subscribe(const framework_kind& kind = {}) {
    auto framework = open<session::MasterToScheduler>(session::SCHEDULER);
    say(framework, subscribe_call(kind));
    run();
    return framework;
  }

  /// What the agent was told, but for who leads.
  static std::vector<session::MasterMessage> orders(const agent_peer& agent) {
    std::vector<session::MasterMessage> all;
    for (auto& body : agent.got->bodies)
      std::copy_if(body.messages().begin(), body.messages().end(),
                   std::back_inserter(all), [](auto& one) {
                     return !one.has_leadership();
                   });
    return all;
  }

  /// What the peer was told of who leads: "leads 1.3", "follows HOST:PORT".
  static std::vector<std::string> leaders(const agent_peer& agent) {
    std::vector<std::string> all;
    for (auto& body : agent.got->bodies)
      for (auto& one : body.messages())
        if (one.has_leadership())
          all.push_back(shown(one.leadership()));
    return all;
  }

  static std::vector<std::string> leaders(const framework_peer& framework) {
    std::vector<std::string> all;
    for (auto& body : framework.got->bodies)
      if (body.has_leadership())
        all.push_back(shown(body.leadership()));
    return all;
  }

  static std::string shown(const session::Leadership& said) {
    return said.leads() ? "leads "
                            + to_string(epoch{said.epoch().generation(),
                                              said.epoch().term()})
                        : "follows " + said.leader();
  }

  /// Opens a tool's session and asks.
  tool_peer ask_as_tool(session::ToolRequest request) {
    auto tool = open<session::ToolResponses>(session::TOOL);
    say(tool, std::move(request));
    return tool;
  }

  void say(const tool_peer& tool, session::ToolRequest request) {
    session::ToolRequests body;
    *body.add_requests() = std::move(request);
    tell(master_, tool.number, std::move(body));
    run();
  }

  static session::ToolRequest status_request(uint64_t id = 1) {
    session::ToolRequest request;
    request.set_id(id);
    request.mutable_get_status();
    return request;
  }

  static std::vector<session::ToolResponse> responses(const tool_peer& tool) {
    std::vector<session::ToolResponse> all;
    for (auto& body : tool.got->bodies)
      all.insert(all.end(), body.responses().begin(), body.responses().end());
    return all;
  }

  /// The events of one type that the framework has got, in order.
  static std::vector<event> events(const framework_peer& framework,
                                   event::Type type) {
    std::vector<event> all;
    for (auto& body : framework.got->bodies)
      std::copy_if(body.events().begin(), body.events().end(),
                   std::back_inserter(all), [type](const event& one) {
                     return one.type() == type;
                   });
    return all;
  }

  static std::string id_of_framework(const framework_peer& framework) {
    auto subscribed = events(framework, event::SUBSCRIBED);
    return subscribed.empty()
             ? ""
             : subscribed.front().subscribed().framework_id().value();
  }

  /// Accepts the framework's first offer with one task.
  void launch(const framework_peer& framework, const std::string& task) {
    auto offers = events(framework, event::OFFERS);
    ASSERT_FALSE(offers.empty());
    auto& offer = offers.front().offers().offers(0);
    auto accept = accept_call(id_of_framework(framework), {offer.id().value()});
    add_launch(accept, {command_task(task, offer.agent_id().value())});
    say(framework, std::move(accept));
  }

  /// "t1 TASK_RUNNING", ...: what the framework was told of its tasks.
  static std::vector<std::string> states(const framework_peer& framework) {
    std::vector<std::string> all;
    for (auto& one : events(framework, event::UPDATE)) {
      auto& status = one.update().status();
      all.push_back(status.task_id().value() + " "
                    + v1::TaskState_Name(status.state()));
    }
    return all;
  }

  void TearDown() override {
    master_ = nullptr;
    log_ = nullptr;
    gateway_ = nullptr;
    allocator_ = nullptr;
    // They hold the log, which holds the record.
    log->answers.clear();
    log->barriers.clear();
    log->change_answers.clear();
    deterministic_actors::TearDown();
  }

  master_settings settings;
  /// Whether what is proposed waits for commit().
  bool hold_log = false;
  std::shared_ptr<fake_log_record> log = std::make_shared<fake_log_record>();
  /// What the master said when it could not go on.
  std::vector<std::string> failures;
  /// What the gateway was told.
  std::shared_ptr<std::vector<node_standing>> standings
    = std::make_shared<std::vector<node_standing>>();
  master_actor master_;
  log_actor log_;
  local_gateway_actor gateway_;
  /// Of the newest leadership.
  allocator_actor allocator_;

private:
  session_number last_session_ = 0;
};

} // namespace agora::test
