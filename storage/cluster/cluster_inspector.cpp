// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_rules.hpp"
#include "storage/cluster/cluster_state.hpp"
#include "storage/cluster/record_links.hpp"

#include <algorithm>
#include <set>

namespace agora {

/// Computes again, the slow way, what the state keeps up to date step by step.
class cluster_inspector {
public:
  explicit cluster_inspector(const cluster_state& state) : state_(state) {
    // nop
  }

  std::vector<std::string> inspect() {
    for (auto& [id, agent] : state_.agents_)
      inspect_agent(agent);
    for (auto& [id, framework] : state_.frameworks_)
      inspect_framework(framework);
    inspect_index_of_agents();
    inspect_history();
    demand(all_ == state_.counts_, "the cluster", "counts its tasks right");
    return std::move(broken_);
  }

private:
  void demand(bool holds, const std::string& who, const char* what) {
    if (!holds)
      broken_.push_back(who + " no longer " + what);
  }

  void inspect_agent(const agent_record& agent) {
    auto who = "agent " + agent.id.text();
    task_counts counts;
    agent_record expected;
    auto sums_up = true;
    for (auto* task : agent.tasks) {
      counts.add(task->state);
      demand(task->agent == &agent, who, "has only its own tasks");
      if (agent.counted() && !task->terminal())
        sums_up = sums_up
                  && !add_usage(expected, task->framework->id,
                                task->role.text(), task->amount);
      if (!agent.counted())
        demand(task->terminal() || task->state == v1::TASK_UNREACHABLE, who,
               "has only tasks whose state is unknown while it is away");
    }
    for (auto& [key, executor] : agent.executors) {
      demand(executor.agent == &agent && executor.key() == key
               && executor.framework->executors.contains(
                 std::pair{agent.id, executor.id}),
             who, "has executors that their frameworks know");
      if (agent.counted())
        sums_up = sums_up
                  && !add_usage(expected, executor.framework->id,
                                executor.role.text(), executor.amount);
    }
    demand(counts == agent.counts, who, "counts its tasks right");
    demand(sums_up && expected.used == agent.used
             && same_usage(expected.usage, agent.usage),
           who, "uses what its tasks and executors hold");
    demand(agent.total.contains(agent.used), who, "uses at most what it has");
    if (agent.state == cluster::AGENT_GONE)
      demand(agent.executors.empty() && agent.counts.live() == 0, who,
             "has ended all it had when it was marked gone");
    inspect_order(agent, who);
  }

  void inspect_order(const agent_record& agent, const std::string& who) {
    auto& tasks = agent.tasks;
    demand(std::is_sorted(tasks.begin(), tasks.end(),
                          [](auto* lhs, auto* rhs) {
                            return lhs->key() < rhs->key();
                          }),
           who, "has its tasks in order");
  }

  static bool same_usage(const std::vector<agent_usage>& lhs,
                         const std::vector<agent_usage>& rhs) {
    return std::equal(lhs.begin(), lhs.end(), rhs.begin(), rhs.end(),
                      [](auto& one, auto& other) {
                        return one.framework == other.framework
                               && one.role == other.role
                               && one.amount == other.amount;
                      });
  }

  void inspect_framework(const framework_record& framework) {
    auto who = "framework " + framework.id.text();
    task_counts counts;
    for (auto& [name, task] : framework.tasks) {
      counts.add(task.state);
      all_.add(task.state);
      inspect_task(framework, task);
    }
    demand(counts == framework.counts, who, "counts its tasks right");
    demand(framework.incarnation > 0, who, "has an incarnation");
    for (auto& [key, executor] : framework.executors)
      demand(executor->framework == &framework
               && executor->agent->id == key.first,
             who, "has only its own executors");
    if (!framework.has_ended())
      return;
    demand(framework.tasks.empty() && framework.executors.empty(), who,
           "has nothing after its end");
    auto found = state_.ended_frameworks_.find(framework.end_number);
    demand(found != state_.ended_frameworks_.end()
             && found->second == &framework,
           who, "stands among the ended");
  }

  void inspect_task(const framework_record& framework,
                    const task_record& task) {
    auto who = "task " + to_string(task.key());
    demand(task.framework == &framework, who, "has the framework it is in");
    auto& siblings = task.agent->tasks;
    demand(std::find(siblings.begin(), siblings.end(), &task) != siblings.end(),
           who, "is known to its agent");
    demand((task.ended_ns != 0) == task.terminal(), who,
           "has the time of its end if it has ended");
    if (task.terminal())
      demand(!task.status_uuid().empty(), who,
             "waits for something that can be acknowledged");
    demand(task.latest_status().state() == task.state, who,
           "is in the state that was last reported");
  }

  void inspect_index_of_agents() {
    std::array<size_t, cluster::AgentState_ARRAYSIZE> in_state{};
    size_t gone = 0;
    for (auto& [id, agent] : state_.agents_) {
      ++in_state[agent.state];
      demand(state_.find_agent_by_uid(agent.uid) == &agent,
             "agent " + id.text(), "is found by its uid");
      if (agent.state == cluster::AGENT_GONE)
        gone
          += state_.gone_agents_.contains(std::pair{agent.state_since_ns, id});
    }
    demand(in_state == state_.agents_in_state_, "the cluster",
           "counts its agents right");
    demand(state_.agents_by_uid_.size() == state_.agents_.size(), "the cluster",
           "has one uid for each agent");
    demand(gone == state_.gone_agents_.size()
             && gone == in_state[cluster::AGENT_GONE],
           "the cluster", "knows which agents are gone");
  }

  void inspect_history() {
    auto& ended = state_.ended_tasks_;
    auto& limits = state_.limits_;
    demand(ended.size() <= limits.ended_tasks, "the cluster",
           "remembers at most ended_tasks");
    demand(state_.ended_frameworks_.size() <= limits.ended_frameworks,
           "the cluster", "remembers at most ended_frameworks");
    std::map<task_key, uint64_t> newest;
    for (auto& [number, task] : ended) {
      demand(number < state_.next_end_ && number == task.end_number(),
             "the cluster", "numbers ended tasks in order");
      demand(is_terminal(task.state()) && task.acknowledged(),
             "ended task " + task.task_id(), "has ended");
      newest[{framework_id{task.framework_id()}, task_id{task.task_id()}}]
        = number;
    }
    demand(newest == state_.newest_end_, "the cluster",
           "finds the newest ended task of each name");
    size_t frameworks = 0;
    for (auto& [id, framework] : state_.frameworks_)
      frameworks += framework.has_ended();
    demand(frameworks == state_.ended_frameworks_.size(), "the cluster",
           "counts its ended frameworks right");
  }

  const cluster_state& state_;
  task_counts all_;
  std::vector<std::string> broken_;
};

std::vector<std::string> cluster_state::check_invariants() const {
  return cluster_inspector{*this}.inspect();
}

} // namespace agora
