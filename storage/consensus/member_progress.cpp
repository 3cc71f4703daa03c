// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/member_progress.hpp"

#include <algorithm>

namespace agora {

member_progress::member_progress(uint64_t next, append_window window)
  : window_(window), next_(next) {
  // nop
}

bool member_progress::may_send() const {
  if (reading_)
    return false;
  switch (phase_) {
    case phase::probe:
      return !probe_sent_;
    case phase::replicate:
      return under_way_.size() < window_.messages
             && bytes_under_way_ < window_.bytes;
    case phase::snapshot:
      return false;
  }
  return false;
}

void member_progress::sent(uint64_t last, size_t bytes) {
  if (phase_ == phase::probe) {
    probe_sent_ = true;
    return;
  }
  if (last < next_)
    return; // Only a question.
  under_way_.push_back({last, bytes});
  bytes_under_way_ += bytes;
  next_ = last + 1;
}

bool member_progress::accepted(uint64_t index) {
  auto is_news = index > match_;
  match_ = std::max(match_, index);
  next_ = std::max(next_, index + 1);
  free_up_to(index);
  // Of old answers only those to entries that it did not have tell something.
  if (phase_ == phase::probe && (is_news || index + 1 == next_))
    become(phase::replicate);
  return is_news;
}

bool member_progress::refused(uint64_t index, uint64_t agree) {
  if (phase_ == phase::snapshot || index <= match_)
    return false;
  if (phase_ == phase::replicate) {
    become(phase::probe);
    return true;
  }
  if (index + 1 != next_)
    return false; // Answers a probe before the last.
  next_ = std::max(std::min(index, agree + 1), match_ + 1);
  probe_sent_ = false;
  return true;
}

void member_progress::alive() {
  if (phase_ == phase::probe)
    probe_sent_ = false;
}

void member_progress::lost() {
  reading_ = false;
  if (phase_ != phase::snapshot)
    become(phase::probe);
}

void member_progress::needs_snapshot() {
  reading_ = false;
  become(phase::snapshot);
}

void member_progress::snapshot_ended(uint64_t arrived) {
  if (phase_ != phase::snapshot)
    return;
  become(phase::probe);
  if (arrived > 0)
    next_ = std::max(next_, arrived + 1);
  else
    probe_sent_ = true;
}

void member_progress::become(phase to) {
  phase_ = to;
  probe_sent_ = false;
  under_way_.clear();
  bytes_under_way_ = 0;
  if (to != phase::snapshot)
    next_ = match_ + 1;
}

void member_progress::free_up_to(uint64_t index) {
  while (!under_way_.empty() && under_way_.front().last <= index) {
    bytes_under_way_ -= under_way_.front().bytes;
    under_way_.pop_front();
  }
}

} // namespace agora
