// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocator_actor.hpp"
#include "actors/master/master_actor.hpp"
#include "tests/support/deterministic_actors.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/master_calls.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace agora::test {

/// What a master has given to its log, which commits when the test says so.
struct fake_log_record {
  /// Proposed, one list a message, and not committed yet.
  std::vector<std::vector<std::string>> proposals;
  /// What the next proposals are refused with.
  status refusal;
  /// Proposals that were refused.
  size_t refused = 0;
  uint64_t last_proposed = 0;
  uint64_t last_committed = 0;
  uint64_t last_applied = 0;
};

inline log_actor::behavior_type
fake_log(log_actor::pointer, std::shared_ptr<fake_log_record> record) {
  return {
    [record](log_proposal& proposal) -> caf::result<uint64_t> {
      if (record->refusal) {
        ++record->refused;
        return record->refusal;
      }
      auto first = record->last_proposed + 1;
      record->last_proposed += proposal.payloads.size();
      record->proposals.push_back(std::move(proposal.payloads));
      return first;
    },
    [record](entries_applied& applied) {
      record->last_applied = applied.index;
    },
    [record](read_barrier) {
      return record->last_committed;
    },
    [](get_log_members) {
      return session::MasterList{};
    },
    [](const session::ChangeMasters&) {
      return session::Done{};
    },
  };
}

/// A master actor beside a real allocator and a log that the test plays, on the
/// virtual clock. Agents, frameworks and tools are sessions of the test's.
class master_actor_fixture : public deterministic_actors {
protected:
  using event = v1::scheduler::Event;

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

  /// Spawns the master. The test may set `settings` before.
  void start() {
    master_begin begin;
    begin.settings = settings;
    begin.state = std::make_shared<cluster_state>();
    begin.own_epoch = epoch{1, 1};
    begin.cluster_id = "c1u57e12";
    begin.clock = wall();
    begin.on_failure = [this](const status& why) {
      failures.push_back(describe(why));
    };
    master_ = spawn(master, std::move(begin));
    log_ = spawn(fake_log, log);
    allocator_ = spawn(allocator, offer_sender_actor{master_});
    tell(master_, master_companions{log_, allocator_});
    run();
  }

  /// Commits everything that is proposed. @returns false if that is nothing.
  bool commit() {
    committed_entries batch;
    for (auto& proposal : std::exchange(log->proposals, {}))
      for (auto& payload : proposal)
        batch.entries.push_back(std::make_shared<const log_entry>(
          log_entry{++log->last_committed, 1, std::move(payload)}));
    if (batch.entries.empty())
      return false;
    tell(master_, std::move(batch));
    return true;
  }

  /// Delivers and, unless the test holds the log, commits until all is quiet.
  void run() {
    do
      settle();
    while (!hold_log && commit());
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

  static std::vector<session::MasterMessage> orders(const agent_peer& agent) {
    std::vector<session::MasterMessage> all;
    for (auto& body : agent.got->bodies)
      all.insert(all.end(), body.messages().begin(), body.messages().end());
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
    allocator_ = nullptr;
    deterministic_actors::TearDown();
  }

  master_settings settings;
  /// Whether what is proposed waits for commit().
  bool hold_log = false;
  std::shared_ptr<fake_log_record> log = std::make_shared<fake_log_record>();
  /// What the master said when it could not go on.
  std::vector<std::string> failures;
  master_actor master_;
  log_actor log_;
  allocator_actor allocator_;

private:
  session_number last_session_ = 0;
};

} // namespace agora::test
