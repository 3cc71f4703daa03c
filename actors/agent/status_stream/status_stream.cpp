// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/status_stream/status_stream.hpp"

#include "runtime/base/check.hpp"
#include "runtime/validation/task_states.hpp"

#include <algorithm>

namespace agora {

status_stream::status_stream(framework_id framework,
                             status_stream_settings settings)
  : framework_(std::move(framework)), settings_(settings) {
  // nop
}

void status_stream::recover(checkpoint::PendingStatus record) {
  next_number_ = std::max(next_number_, record.number() + 1);
  auto& task = tasks_[id_of<task_id>(record.status().task_id())];
  update what{record.number(), std::move(*record.mutable_status()), true,
              false};
  if (record.acknowledged())
    task.acknowledged = std::move(what);
  else
    task.pending.push_back(std::move(what));
}

bool status_stream::is_old(const task_updates& task,
                           const v1::TaskStatus& news) const {
  if (task.pending.empty() && !task.acknowledged)
    return false;
  auto& newest = task.newest().status;
  if (is_terminal(newest.state()) || newest.uuid() == news.uuid())
    return true;
  if (!is_terminal(news.state()) && news.timestamp() < newest.timestamp())
    return true;
  return std::any_of(task.pending.begin(), task.pending.end(),
                     [&](auto& known) {
                       return known.status.uuid() == news.uuid();
                     });
}

stream_change status_stream::record(v1::TaskStatus news) {
  auto id = id_of<task_id>(news.task_id());
  auto& task = tasks_[id];
  stream_change change;
  if (is_old(task, news)) {
    auto unwritten
      = std::any_of(task.pending.begin(), task.pending.end(), [&](auto& known) {
          return known.status.uuid() == news.uuid() && !known.durable;
        });
    if (!unwritten)
      change.known = durable_status{id, news.uuid(), news.state()};
    return change;
  }
  auto full = task.pending.size() >= settings_.pending_per_task
              && !is_terminal(news.state());
  if (full && !task.pending.back().sent) {
    change.erase.push_back(task.pending.back().number);
    task.pending.pop_back();
  }
  task.pending.push_back({next_number_++, std::move(news), false, false});
  auto& newest = task.pending.back();
  unpersisted_[newest.number]
    = {id, newest.status.uuid(), newest.status.state()};
  change.put.push_back(record_of(newest));
  if (task.acknowledged) {
    change.erase.push_back(task.acknowledged->number);
    task.acknowledged.reset();
  }
  return change;
}

std::vector<durable_status>
status_stream::persisted(const std::vector<uint64_t>& numbers, time_point now) {
  std::vector<durable_status> news;
  for (auto number : numbers) {
    auto known = unpersisted_.find(number);
    if (known == unpersisted_.end())
      continue;
    news.push_back(std::move(known->second));
    unpersisted_.erase(known);
    auto found = tasks_.find(news.back().task);
    AGORA_CHECK(found != tasks_.end());
    auto& [id, task] = *found;
    for (auto& what : task.pending)
      if (what.number == number)
        what.durable = true;
    if (!task.due && !task.pending.empty() && !task.pending.front().sent)
      schedule(id, task, now);
  }
  return news;
}

stream_change
status_stream::acknowledge(const stream_acknowledge::update& which,
                           time_point now) {
  auto found = tasks_.find(which.task);
  if (found == tasks_.end() || found->second.pending.empty())
    return {};
  auto& [id, task] = *found;
  auto& front = task.pending.front();
  auto& back = task.pending.back();
  stream_change change;
  // The log may know the end of a task that this agent has yet to report: then
  // nobody waits for what came before.
  if (back.durable && is_terminal(back.status.state())
      && back.status.uuid() == which.uuid) {
    while (task.pending.size() > 1) {
      change.erase.push_back(task.pending.front().number);
      task.pending.erase(task.pending.begin());
    }
  } else if (!front.durable || front.status.uuid() != which.uuid) {
    // One that is not on disk cannot have been sent by this agent.
    return {};
  }
  unschedule(id, task);
  task.backoff = {};
  auto done = std::move(task.pending.front());
  task.pending.erase(task.pending.begin());
  if (!task.pending.empty()) {
    change.erase.push_back(done.number);
    schedule(id, task, now);
  } else if (is_terminal(done.status.state())) {
    change.erase.push_back(done.number);
    change.settled.push_back(id);
    held_.erase(id);
    tasks_.erase(found);
  } else {
    auto record = record_of(done);
    record.set_acknowledged(true);
    change.put.push_back(std::move(record));
    task.acknowledged = std::move(done);
  }
  return change;
}

void status_stream::attach(std::vector<task_id> held, time_point now) {
  attached_ = true;
  held_ = {held.begin(), held.end()};
  for (auto& [id, task] : tasks_) {
    unschedule(id, task);
    task.backoff = {};
    schedule(id, task, now);
  }
}

void status_stream::detach() {
  attached_ = false;
  for (auto& [id, task] : tasks_)
    unschedule(id, task);
}

void status_stream::release(const task_id& which, time_point now) {
  held_.erase(which);
  auto found = tasks_.find(which);
  if (found != tasks_.end() && !found->second.due)
    schedule(found->first, found->second, now);
}

std::vector<session::TaskStatusEntry> status_stream::take_due(time_point now) {
  std::vector<session::TaskStatusEntry> entries;
  while (!due_.empty() && due_.begin()->first <= now) {
    auto id = due_.begin()->second;
    auto& task = tasks_.at(id);
    unschedule(id, task);
    auto& front = task.pending.front();
    front.sent = true;
    auto& entry = entries.emplace_back();
    entry.mutable_framework_id()->set_value(framework_.text());
    *entry.mutable_status() = front.status;
    entry.set_latest_state(task.pending.back().status.state());
    task.backoff = task.backoff.count() == 0
                     ? settings_.retry_first
                     : std::min(task.backoff * 2, settings_.retry_last);
    schedule(id, task, now + task.backoff);
  }
  return entries;
}

std::optional<status_stream::time_point> status_stream::next_deadline() const {
  if (due_.empty())
    return std::nullopt;
  return due_.begin()->first;
}

checkpoint::PendingStatus status_stream::record_of(const update& what) const {
  checkpoint::PendingStatus record;
  record.set_framework_id(framework_.text());
  record.set_number(what.number);
  *record.mutable_status() = what.status;
  return record;
}

void status_stream::schedule(const task_id& id, task_updates& task,
                             time_point at) {
  if (!attached_ || task.pending.empty() || !task.pending.front().durable
      || held_.contains(id))
    return;
  task.due = at;
  due_.emplace(at, id);
}

void status_stream::unschedule(const task_id& id, task_updates& task) {
  if (!task.due)
    return;
  due_.erase({*task.due, id});
  task.due.reset();
}

} // namespace agora
