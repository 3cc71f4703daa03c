// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/entry_retention.hpp"

#include <algorithm>

namespace agora {

entry_retention::entry_retention(const log_settings& settings, uint64_t base)
  : retained_entries_(settings.retained_entries),
    retained_bytes_(settings.retained_bytes),
    step_(std::max(settings.trim_step, uint64_t{1})),
    base_(base) {
  // nop
}

void entry_retention::applied(uint64_t index, uint64_t bytes) {
  // In one step they could go together only, and stay for long until then.
  auto before = steps_.empty() ? base_ : steps_.back().last;
  for (; index - before > step_; before += step_) {
    auto share = bytes / (index - before) * step_;
    add(before + step_, share);
    bytes -= share;
  }
  add(index, bytes);
}

void entry_retention::add(uint64_t index, uint64_t bytes) {
  auto begun = steps_.size() < 2 ? base_ : steps_[steps_.size() - 2].last;
  if (steps_.empty() || steps_.back().last - begun >= step_)
    steps_.push_back({});
  steps_.back().last = index;
  steps_.back().bytes += bytes;
  bytes_ += bytes;
}

uint64_t entry_retention::removable(uint64_t limit) const {
  if (steps_.empty())
    return base_;
  auto newest = steps_.back().last;
  auto until = base_;
  auto bytes = bytes_;
  for (auto& one : steps_) {
    auto kept = newest - one.last;
    bytes -= one.bytes;
    // A step goes if what is behind it is still enough.
    auto enough = kept >= retained_entries_ || bytes >= retained_bytes_;
    if (!enough || one.last > limit)
      break;
    until = one.last;
  }
  // What is left of a step that went in part may be less than one.
  return until - base_ < step_ ? base_ : until;
}

void entry_retention::removed(uint64_t index) {
  base_ = index;
  while (!steps_.empty() && steps_.front().last <= index) {
    bytes_ -= steps_.front().bytes;
    steps_.pop_front();
  }
}

void entry_retention::restart(uint64_t index) {
  base_ = index;
  steps_.clear();
  bytes_ = 0;
}

} // namespace agora
