// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/log_checker.hpp"

#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"

#include <utility>

namespace agora::simulation {

log_checker::log_checker(world& sim, simulated_cluster& cluster)
  : sim_(sim),
    log_(sim, cluster, [this](auto& raw, auto& entry, auto& applied) {
      take(raw, entry, applied);
    }) {
  // nop
}

void log_checker::violated(const std::string& text) {
  sim_.violated("log entry " + std::to_string(log_.index() + 1) + ": " + text);
}

bool log_checker::has_ended(const framework_id& framework) const {
  auto found = frameworks_.find(framework);
  return found != frameworks_.end() && found->second.ended;
}

void log_checker::take(const log_entry& raw, const cluster::Entry& entry,
                       const applied_entry& applied) {
  check_order(raw, entry);
  if (applied.rejected) {
    ++rejected_;
    return;
  }
  check(entry, applied);
  for (auto& agent : std::exchange(touched_, {}))
    check_amounts(agent);
}

void log_checker::check_order(const log_entry& raw,
                              const cluster::Entry& entry) {
  if (raw.term < term_)
    violated("its term " + std::to_string(raw.term) + " comes after "
             + std::to_string(term_));
  term_ = raw.term;
  if (entry.proposed_ns() < proposed_ns_)
    violated("its time goes back");
  proposed_ns_ = entry.proposed_ns();
  if (entry.has_cluster_founded() == std::exchange(founded_, true))
    violated("a cluster is founded once, by its first command");
  if (!entry.has_term_started())
    return;
  auto& wire = entry.term_started().epoch();
  epoch started{wire.generation(), wire.term()};
  if (started <= epoch_)
    violated("epoch " + to_string(started) + " comes after "
             + to_string(epoch_));
  if (started.term != raw.term)
    violated("it announces another term than its own");
  epoch_ = started;
}

void log_checker::check(const cluster::Entry& entry,
                        const applied_entry& applied) {
  if (applied.attached)
    check_attachment(applied);
  if (applied.agent_changed)
    change_agent(*applied.agent_changed);
  if (entry.has_framework_subscribed()) {
    auto& known = frameworks_[applied.subscribed->framework];
    if (applied.subscribed->incarnation <= known.incarnation || known.ended)
      violated("a subscription does not raise the incarnation of framework "
               + applied.subscribed->framework.text());
    known.incarnation = applied.subscribed->incarnation;
  }
  if (entry.has_tasks_accepted())
    check_launch(entry.tasks_accepted(), applied);
  for (auto& started : applied.executors_started) {
    auto& place = agents_[started.agent];
    place.executors[started.key] = started.amount;
    place.used += started.amount;
    touched_.insert(started.agent);
  }
  for (auto& change : applied.transitions)
    check_transition(change, applied.ended.has_value());
  for (auto& ended : applied.executors_ended) {
    auto& place = agents_[ended.agent];
    if (place.executors.erase(ended.key) > 0 && place.counted)
      place.used -= ended.amount;
    touched_.insert(ended.agent);
  }
  if (applied.acknowledged)
    check_acknowledgement(*applied.acknowledged);
  if (applied.ended)
    frameworks_[applied.ended->framework].ended = true;
}

void log_checker::check_attachment(const applied_entry& applied) {
  auto& news = *applied.attached;
  auto* record = state().find_agent(news.agent);
  auto& place = agents_[news.agent];
  if (place.uid.empty()) {
    place.uid = record->uid;
    if (!uids_.emplace(place.uid, news.agent).second)
      violated("a second agent is admitted with the uid of "
               + uids_[place.uid].text());
  }
  if (news.incarnation < place.incarnation)
    violated("agent " + news.agent.text() + " goes back to incarnation "
             + std::to_string(news.incarnation));
  place.incarnation = news.incarnation;
  place.attached = true;
  place.total = record->total;
  if (!std::exchange(place.counted, true)) {
    place.used = {};
    for (auto& key : place.tasks)
      place.used += stories_.at(key).amount;
    for (auto& [key, amount] : place.executors)
      place.used += amount;
  }
  touched_.insert(news.agent);
}

void log_checker::change_agent(const agent_change& change) {
  auto& place = agents_[change.agent];
  place.attached = false;
  if (change.what == agent_change::kind::detached)
    return;
  place.counted = false;
  touched_.insert(change.agent);
}

void log_checker::check_launch(const cluster::TasksAccepted& entry,
                               const applied_entry& applied) {
  auto framework = id_of<framework_id>(entry.framework_id());
  auto& owner = frameworks_[framework];
  if (entry.incarnation() != owner.incarnation || owner.ended)
    violated("tasks are accepted from incarnation "
             + std::to_string(entry.incarnation()) + " of framework "
             + framework.text() + ", which is in incarnation "
             + std::to_string(owner.incarnation));
  auto& place = agents_[id_of<agent_id>(entry.agent_id())];
  if (!place.attached)
    violated("tasks are accepted on an agent that is not attached");
  for (auto& started : applied.started) {
    auto [at, fresh] = stories_.try_emplace(started.key);
    if (!fresh)
      violated("task " + to_string(started.key) + " is launched again");
    auto& story = at->second;
    story.agent = started.agent;
    for (auto& task : entry.launches(static_cast<int>(started.place)).tasks())
      if (id_of<task_id>(task.task_id()) == started.key.task)
        if (auto amount = resources_from_wire(task.resources()))
          story.amount = *amount;
    place.tasks.insert(started.key);
    place.used += story.amount;
    touched_.insert(started.agent);
  }
}

void log_checker::check_transition(const task_transition& change,
                                   bool with_framework) {
  auto found = stories_.find(change.key);
  if (found == stories_.end())
    return violated("task " + to_string(change.key)
                    + " changes without having been launched");
  auto& story = found->second;
  if (story.ended)
    violated("task " + to_string(change.key) + " ended as "
             + v1::TaskState_Name(story.state) + ", and now it is "
             + v1::TaskState_Name(change.to));
  story.state = change.to;
  if (is_terminal(change.to) != change.became_terminal)
    violated("task " + to_string(change.key) + " ends, or not");
  if (!change.became_terminal)
    return;
  // What an agent has confirmed is on its disk until the log has its end.
  if (change.status.reason() == v1::TaskStatus::REASON_RECONCILIATION
      && !agents_may_forget_)
    violated("agent " + change.agent.text() + " has forgotten task "
             + to_string(change.key));
  story.ended = true;
  story.ended_with_framework = with_framework;
  story.uuid = change.status.uuid();
  auto& place = agents_[change.agent];
  if (place.tasks.erase(change.key) > 0 && place.counted)
    place.used -= story.amount;
  touched_.insert(change.agent);
}

void log_checker::check_acknowledgement(const task_acknowledged& done) {
  auto& story = stories_[done.key];
  if (!story.ended || story.acknowledged || story.uuid != done.uuid)
    violated("an acknowledgement of task " + to_string(done.key)
             + " fits no terminal state");
  story.acknowledged = true;
}

void log_checker::check_amounts(const agent_id& agent) {
  auto& place = agents_[agent];
  if (!place.counted)
    place.used = {};
  if (!place.total.contains(place.used))
    violated("agent " + agent.text() + " has " + to_string(place.total)
             + ", and its tasks use " + to_string(place.used));
  auto* record = state().find_agent(agent);
  if (record != nullptr && record->used != place.used)
    violated("agent " + agent.text() + "'s tasks use " + to_string(place.used)
             + ", and the state says " + to_string(record->used));
}

} // namespace agora::simulation
