// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocation_planner.hpp"
#include "actors/master/master_machine.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace agora::test {

using namespace std::chrono_literals;

inline resources amount_of(const std::string& text) {
  auto parsed = parse_resources(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : resources{};
}

/// What has been logged about one task, from its launch on.
struct task_history {
  size_t launches = 0;
  size_t ends = 0;
  v1::TaskState last = v1::TASK_STAGING;
};

/// A leading master's decisions with everything around them: the log, in
/// memory, which commits when the test says so; the allocator's decisions;
/// sessions that only remember. Time stands still unless it is told otherwise.
///
/// After each step it holds the allocator's books against the cluster's state
/// and the master's own books, and a second state against the first.
class master_bench {
public:
  explicit master_bench(master_settings settings = {})
    : settings_(std::move(settings)) {
    settings_.software = "bench";
    settings_.address = {"127.0.0.1", 7050};
    start();
    settle();
  }

  // -- control ----------------------------------------------------------------

  /// Whether entries wait for commit().
  bool hold_log = false;
  /// Whether plans of the allocator wait for deliver_plans().
  bool hold_plans = false;
  /// Whether the allocator does not even hear of changes; see catch_up().
  bool hold_allocator = false;

  /// Commits the next entries that wait.
  void commit(size_t count = 1) {
    for (; count > 0 && !log_.empty(); --count)
      apply_next();
    settle();
  }

  void commit_all() {
    commit(log_.size());
  }

  size_t uncommitted() const {
    return log_.size();
  }

  /// Of the log's entries that wait.
  size_t largest_uncommitted() const {
    size_t largest = 0;
    for (auto& entry : log_)
      largest = std::max(largest, entry.payload.size());
    return largest;
  }

  void deliver_plans() {
    auto plans = std::exchange(plans_, {});
    for (auto& plan : plans) {
      machine_->planned(std::move(plan));
      gather();
    }
    settle();
  }

  void advance(std::chrono::nanoseconds by) {
    now_ += by;
    wall_ += std::chrono::duration_cast<wall_time::duration>(by);
    machine_->at(now_, wall_);
    auto next = machine_->next_deadline();
    if (next && *next <= now_)
      machine_->tick();
    settle();
  }

  /// Another leader takes over: it knows what is committed, and the first
  /// `survivors` of what is not. Every session is new.
  void restart(size_t survivors = 0) {
    for (; survivors > 0 && !log_.empty(); --survivors) {
      apply_to_shadow(log_.front());
      log_.pop_front();
    }
    log_.clear();
    plans_.clear();
    unheard_.clear();
    sessions_.clear();
    planner_ = {};
    start();
    settle();
  }

  // -- sessions ---------------------------------------------------------------

  session_number open() {
    auto number = ++last_session_;
    sessions_.insert(number);
    machine_->session_opened(number);
    return number;
  }

  bool is_open(session_number number) const {
    return sessions_.contains(number);
  }

  void lose(session_number number, errc why = errc::session_lost) {
    if (sessions_.erase(number) == 0)
      return;
    machine_->session_lost({number, fail(why, "the test cut it"), {}});
    settle();
  }

  void from_agent(session_number number, session::AgentMessage message) {
    session::AgentToMaster body;
    *body.add_messages() = std::move(message);
    machine_->from_agent(number, body);
    settle();
  }

  void call(session_number number, v1::scheduler::Call what) {
    session::SchedulerToMaster body;
    *body.add_calls() = std::move(what);
    machine_->from_scheduler(number, body);
    settle();
  }

  session::ToolResponse ask(session::ToolRequest request) {
    request.set_id(++last_request_);
    session::ToolRequests body;
    *body.add_requests() = std::move(request);
    machine_->from_tool(tool_session, body);
    settle();
    auto& got = tools_[tool_session];
    for (auto& response : got)
      if (response.id() == last_request_)
        return response;
    return {};
  }

  /// What came to the session since the last call.
  std::vector<session::MasterMessage> take_agent(session_number number) {
    return std::exchange(agents_[number], {});
  }

  std::vector<v1::scheduler::Event> take_events(session_number number) {
    return std::exchange(events_[number], {});
  }

  std::vector<session::CallRefused> take_refused(session_number number) {
    return std::exchange(refused_[number], {});
  }

  // -- looking ----------------------------------------------------------------

  const cluster_state& state() const {
    return machine_->state();
  }

  const master_context& context() const {
    return machine_->context();
  }

  master_machine& machine() {
    return *machine_;
  }

  const std::map<task_key, task_history>& histories() const {
    return histories_;
  }

  /// What the allocator thinks is on offer of the agent.
  resources offered_of(const agent_id& agent) const {
    auto& all = planner_.state();
    auto number = all.agent_numbers.find(agent);
    return number == all.agent_numbers.end()
             ? resources{}
             : sum_of(all.agents.at(number->second).account).first;
  }

  /// If agents were adopted onto, more may be used than there is.
  bool may_be_overdrawn = false;

  /// Holds the books against each other.
  void check() const {
    for (auto& wrong : state().check_invariants())
      ADD_FAILURE() << wrong;
    ASSERT_EQ(state().digest(), shadow_.digest());
    if (unheard_.empty())
      check_allocator();
    if (log_.empty())
      check_presence();
  }

private:
  static constexpr session_number tool_session = 1'000'000'000;

  static std::pair<resources, resources> sum_of(const agent_account& account) {
    std::pair<resources, resources> sums;
    for (auto& [client, held] : account.holdings()) {
      EXPECT_FALSE(sums.first.add(held.offered));
      EXPECT_FALSE(sums.second.add(held.used));
    }
    return sums;
  }

  /// The allocator has taken back what it planned for one that has ended.
  bool is_alive(const framework_id& id) const {
    auto* framework = state().find_framework(id);
    return framework != nullptr && !framework->has_ended();
  }

  void check_allocator() const {
    auto& all = planner_.state();
    size_t attached = 0;
    for (auto& [number, agent] : all.agents) {
      if (!agent.account.attached())
        continue;
      auto* record = state().find_agent(agent.id);
      ASSERT_NE(record, nullptr);
      ASSERT_TRUE(context().agents.attached(agent.id)) << agent.id.text();
      ++attached;
      if (may_be_overdrawn)
        continue;
      auto [offered, used] = sum_of(agent.account);
      EXPECT_EQ(to_string(used), to_string(record->used)) << agent.id.text();
      auto held = context().offers.offered_of(agent.id);
      for (auto& plan : plans_)
        for (auto& offer : plan.offers)
          if (offer.agent == agent.id && offer.attachment == agent.attachment
              && is_alive(offer.framework)) {
            EXPECT_FALSE(held.add(offer.amount));
          }
      // Launches under way count as offered, but for those of a framework that
      // has ended meanwhile.
      EXPECT_TRUE(offered.contains(held)) << agent.id.text();
      EXPECT_FALSE(held.add(context().overlay.pending({}, agent.id).amount));
      EXPECT_TRUE(held.contains(offered)) << agent.id.text();
      if (log_.empty()) {
        EXPECT_EQ(to_string(offered), to_string(held)) << agent.id.text();
      }
      auto sum = agent.account.free();
      EXPECT_FALSE(sum.add(offered));
      EXPECT_FALSE(sum.add(used));
      EXPECT_EQ(to_string(sum), to_string(record->total)) << agent.id.text();
    }
    EXPECT_EQ(attached, context().agents.attached_count());
  }

  /// With nothing under way, the log and the leader agree on who is there, and
  /// who is not is waited for.
  void check_presence() const {
    state().for_each_agent([&](const agent_record& agent) {
      auto there = context().agents.attached(agent.id);
      if (there) {
        EXPECT_TRUE(agent.attached()) << agent.id.text();
      } else if (agent.counted()) {
        EXPECT_TRUE(context().agents.awaited.contains(agent.id))
          << agent.id.text();
      }
      return true;
    });
    state().for_each_framework([&](const framework_record& framework) {
      auto there = context().frameworks.connected(framework.id);
      if (there) {
        EXPECT_TRUE(framework.connected()) << framework.id.text();
      } else if (!framework.has_ended()) {
        EXPECT_TRUE(context().frameworks.awaited.contains(framework.id))
          << framework.id.text();
      }
      return true;
    });
  }

  void start() {
    auto loaded = cluster_state::load([this](auto& visitor) {
      return shadow_.for_each_record(visitor);
    });
    ASSERT_TRUE(loaded);
    ++term_;
    machine_.emplace(settings_, std::move(*loaded), epoch{1, term_}, now_,
                     wall_);
    machine_->session_opened(tool_session);
    machine_->begin("c1u57e12");
  }

  const applied_entry& apply_to_shadow(const log_entry& entry) {
    write_batch changes;
    auto applied = shadow_.apply(entry, changes);
    EXPECT_TRUE(applied);
    last_applied_ = applied ? std::move(*applied) : applied_entry{};
    for (auto& started : last_applied_.started)
      ++histories_[started.key].launches;
    for (auto& change : last_applied_.transitions) {
      histories_[change.key].last = change.to;
      if (change.became_terminal)
        ++histories_[change.key].ends;
    }
    return last_applied_;
  }

  void apply_next() {
    auto entry = std::move(log_.front());
    log_.pop_front();
    apply_to_shadow(entry);
    write_batch changes;
    EXPECT_FALSE(machine_->apply(entry, changes));
    gather();
  }

  /// Takes out of the machine what it wants to have happen, as its actor does.
  void gather() {
    auto out = machine_->take_outbox();
    for (auto& change : out.allocations)
      unheard_.push_back(std::move(change));
    for (auto& payload : machine_->stamp(std::move(out.proposals)))
      log_.push_back({++last_index_, term_, std::move(payload)});
    for (auto& [number, list] : out.agents)
      move_to(agents_[number], list);
    for (auto& [number, list] : out.schedulers)
      move_to(events_[number], list);
    for (auto& [number, list] : out.refused_calls)
      move_to(refused_[number], list);
    for (auto& [number, list] : out.tools)
      move_to(tools_[number], list);
    for (auto& query : out.queries) {
      if (query.request.has_explain_framework())
        machine_->explained(
          query.session, query.request.id(),
          planner_.explain(id_of<framework_id>(
                             query.request.explain_framework().framework_id()),
                           now_));
      else
        machine_->shares_known(query.session, query.request, planner_.shares());
    }
    for (auto& [number, reason] : out.closes)
      if (sessions_.erase(number) != 0)
        machine_->session_lost({number, reason, {}});
  }

  template <class T>
  static void move_to(std::vector<T>& to, std::vector<T>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()),
              std::make_move_iterator(from.end()));
  }

  void catch_up() {
    auto changes = std::exchange(unheard_, {});
    for (auto& change : changes)
      planner_.apply(change, now_);
    planned_offers plan{planner_.plan(now_)};
    if (!plan.offers.empty())
      plans_.push_back(std::move(plan));
  }

  void settle() {
    for (auto rounds = 0; rounds < 100'000; ++rounds) {
      gather();
      if (!hold_allocator)
        catch_up();
      if (!hold_plans && !plans_.empty()) {
        auto plans = std::exchange(plans_, {});
        for (auto& plan : plans)
          machine_->planned(std::move(plan));
        continue;
      }
      if (!hold_log && !log_.empty()) {
        apply_next();
        continue;
      }
      if (context_is_quiet())
        return check();
    }
    FAIL() << "the master does not come to rest";
  }

  bool context_is_quiet() const {
    return context().out.empty() && (hold_allocator || unheard_.empty());
  }

  master_settings settings_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours{1}};
  wall_time wall_{std::chrono::hours{1'000}};
  uint64_t term_ = 0;
  uint64_t last_index_ = 0;
  session_number last_session_ = 0;
  uint64_t last_request_ = 0;
  cluster_state shadow_;
  applied_entry last_applied_;
  std::optional<master_machine> machine_;
  allocation_planner planner_;
  std::deque<log_entry> log_;
  std::vector<allocation_change> unheard_;
  std::vector<planned_offers> plans_;
  std::set<session_number> sessions_;
  std::map<session_number, std::vector<session::MasterMessage>> agents_;
  std::map<session_number, std::vector<v1::scheduler::Event>> events_;
  std::map<session_number, std::vector<session::CallRefused>> refused_;
  std::map<session_number, std::vector<session::ToolResponse>> tools_;
  std::map<task_key, task_history> histories_;
};

} // namespace agora::test
