// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/executor_driver_machine.hpp"

#include <algorithm>
#include <utility>

namespace agora {

using v1::executor::Call;
using v1::executor::Event;

executor_driver_machine::executor_driver_machine(
  executor_driver_settings settings, std::string random, time_point now)
  : settings_(std::move(settings)),
    random_(std::move(random)),
    away_since_(now) {
  random_.resize(16);
}

Call executor_driver_machine::session_up() {
  phase_ = phase::subscribing;
  Call call;
  call.set_type(Call::SUBSCRIBE);
  call.mutable_framework_id()->set_value(settings_.framework.text());
  call.mutable_executor_id()->set_value(settings_.executor.text());
  auto subscribe = call.mutable_subscribe();
  for (auto& update : updates_)
    *subscribe->add_unacknowledged_updates() = update;
  for (auto& task : tasks_)
    *subscribe->add_unacknowledged_tasks() = task;
  return call;
}

void executor_driver_machine::session_lost(time_point now) {
  if (phase_ != phase::away)
    away_since_ = now;
  phase_ = phase::away;
}

result<bool> executor_driver_machine::call(Call& what, wall_time wall) {
  what.mutable_framework_id()->set_value(settings_.framework.text());
  what.mutable_executor_id()->set_value(settings_.executor.text());
  if (what.type() == Call::MESSAGE)
    return phase_ == phase::subscribed;
  if (what.type() != Call::UPDATE)
    return fail(errc::invalid_argument,
                "an executor sends UPDATE and MESSAGE; the driver does the "
                "rest");
  auto& news = *what.mutable_update()->mutable_status();
  if (news.task_id().value().empty() || !news.has_state())
    return fail(errc::invalid_argument,
                "update.status needs task_id and state");
  if (updates_.size() >= settings_.updates_limit)
    return fail(errc::limit_reached, "the agent has not acknowledged "
                                       + std::to_string(updates_.size())
                                       + " updates");
  if (news.uuid().empty()) {
    auto uuid = random_;
    auto number = ++uuids_;
    for (size_t at = 8; at < 16; ++at) {
      uuid[at] = static_cast<char>(uuid[at] ^ static_cast<char>(number & 0xff));
      number >>= 8;
    }
    news.set_uuid(std::move(uuid));
  }
  // Never back, whatever the machine's clock does: the agent orders by it.
  last_timestamp_ = std::max(last_timestamp_,
                             static_cast<double>(to_nanoseconds(wall)) / 1e9);
  if (!news.has_timestamp())
    news.set_timestamp(last_timestamp_);
  if (!news.has_source())
    news.set_source(v1::TaskStatus::SOURCE_EXECUTOR);
  updates_.push_back(what.update());
  // Behind a SUBSCRIBE that is under way, too: that one did not have it, and
  // the agent takes them in this order.
  return phase_ != phase::away;
}

bool executor_driver_machine::event(const Event& what, time_point now) {
  auto is_known = [&](const v1::TaskInfo& task) {
    return std::any_of(tasks_.begin(), tasks_.end(), [&](auto& known) {
      return known.task_id().value() == task.task_id().value();
    });
  };
  switch (what.type()) {
    case Event::SUBSCRIBED:
      phase_ = phase::subscribed;
      return true;
    case Event::LAUNCH:
      if (is_known(what.launch().task()))
        return false;
      tasks_.push_back(what.launch().task());
      return true;
    case Event::LAUNCH_GROUP: {
      auto& group = what.launch_group().task_group().tasks();
      if (std::any_of(group.begin(), group.end(), is_known))
        return false;
      tasks_.insert(tasks_.end(), group.begin(), group.end());
      return true;
    }
    case Event::ACKNOWLEDGED: {
      auto& done = what.acknowledged();
      std::erase_if(updates_, [&](auto& update) {
        return update.status().uuid() == done.uuid();
      });
      std::erase_if(tasks_, [&](auto& task) {
        return task.task_id().value() == done.task_id().value();
      });
      return true;
    }
    case Event::SHUTDOWN:
    case Event::ERROR:
      if (!ending_until_)
        ending_until_ = now + settings_.shutdown_grace;
      return true;
    default:
      return true;
  }
}

void executor_driver_machine::executor_ended(time_point now) {
  ended_ = true;
  if (!ending_until_)
    ending_until_ = now + settings_.shutdown_grace;
}

bool executor_driver_machine::over(time_point now) const {
  if (ended_ && updates_.empty())
    return true;
  auto until = deadline();
  return until && *until <= now;
}

std::optional<executor_driver_machine::time_point>
executor_driver_machine::deadline() const {
  if (phase_ != phase::away)
    return ending_until_;
  auto until = away_since_ + settings_.recovery;
  return ending_until_ ? std::min(*ending_until_, until) : until;
}

} // namespace agora
