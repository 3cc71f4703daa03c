// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/load_totals.hpp"

#include <utility>

namespace agora::load {

uint64_t nanoseconds_of(load_totals::time_point when) {
  return static_cast<uint64_t>(
    std::chrono::duration_cast<std::chrono::nanoseconds>(
      when.time_since_epoch())
      .count());
}

void take_newer(Report& last, Report news) {
  if (!news.has_accept_to_running() && last.has_accept_to_running())
    news.mutable_accept_to_running()->Swap(last.mutable_accept_to_running());
  last = std::move(news);
}

void load_totals::subscribed() {
  std::lock_guard guard{mutex_};
  counts_.set_frameworks_subscribed(counts_.frameworks_subscribed() + 1);
}

void load_totals::accepted(uint64_t tasks, time_point now) {
  std::lock_guard guard{mutex_};
  counts_.set_tasks_accepted(counts_.tasks_accepted() + tasks);
  if (counts_.first_accept_ns() == 0)
    counts_.set_first_accept_ns(nanoseconds_of(now));
}

void load_totals::running(std::chrono::nanoseconds since_accept) {
  std::lock_guard guard{mutex_};
  counts_.set_tasks_running(counts_.tasks_running() + 1);
  latencies_.add(since_accept);
}

void load_totals::finished(time_point now) {
  std::lock_guard guard{mutex_};
  counts_.set_tasks_finished(counts_.tasks_finished() + 1);
  counts_.set_last_finished_ns(nanoseconds_of(now));
}

void load_totals::dropped() {
  std::lock_guard guard{mutex_};
  counts_.set_tasks_dropped(counts_.tasks_dropped() + 1);
}

void load_totals::failed(const std::string& what) {
  std::lock_guard guard{mutex_};
  counts_.set_tasks_failed(counts_.tasks_failed() + 1);
  if (!counts_.has_first_failure())
    counts_.set_first_failure(what);
}

void load_totals::offered(time_point now) {
  std::lock_guard guard{mutex_};
  if (counts_.first_offer_ns() == 0)
    counts_.set_first_offer_ns(nanoseconds_of(now));
}

void load_totals::begin() {
  std::lock_guard guard{mutex_};
  latencies_ = {};
  counts_.clear_first_accept_ns();
}

void load_totals::begin_watch() {
  std::lock_guard guard{mutex_};
  counts_.clear_first_offer_ns();
}

void load_totals::fill(Report& report, bool with_latencies) const {
  std::lock_guard guard{mutex_};
  report.MergeFrom(counts_);
  if (with_latencies)
    *report.mutable_accept_to_running() = latencies_.to_message();
}

} // namespace agora::load
