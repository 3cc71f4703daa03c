// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/log_view.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

log_view::log_view(restored_log from, size_t tail_bytes)
  : tail_limit_(tail_bytes),
    base_(from.base),
    last_index_(from.last_index),
    persisted_(from.last_index),
    commit_(from.commit),
    handed_out_(from.last_index),
    runs_(std::move(from.runs)),
    configurations_(std::make_move_iterator(from.configurations.begin()),
                    std::make_move_iterator(from.configurations.end())) {
  AGORA_CHECK(base_.index <= commit_ && commit_ <= last_index_);
  AGORA_CHECK((last_index_ == base_.index) == runs_.empty());
  AGORA_CHECK(runs_.empty() || runs_.front().first == base_.index + 1);
}

log_position log_view::last() const {
  return {*term_at(last_index_), last_index_};
}

std::optional<uint64_t> log_view::term_at(uint64_t index) const {
  if (index == base_.index)
    return base_.term;
  if (index < base_.index || index > last_index_)
    return std::nullopt;
  auto behind = std::upper_bound(runs_.begin(), runs_.end(), index,
                                 [](uint64_t value, const term_run& run) {
                                   return value < run.first;
                                 });
  return std::prev(behind)->term;
}

log_position log_view::last_at_or_before(uint64_t index, uint64_t term) const {
  auto last = std::min(index, last_index_);
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (run->first > last)
      continue;
    if (run->term <= term)
      return {run->term, last};
    last = run->first - 1;
  }
  return base_;
}

entry_ptr log_view::find(uint64_t index) const {
  if (index < tail_first() || index > last_index_)
    return nullptr;
  return tail_[static_cast<size_t>(index - tail_first())];
}

const configuration& log_view::members() const {
  static const configuration nobody;
  return configurations_.empty() ? nobody : configurations_.back().members;
}

uint64_t log_view::members_index() const {
  return configurations_.empty() ? 0 : configurations_.back().index;
}

const configuration& log_view::members_at(uint64_t index) const {
  AGORA_CHECK(!configurations_.empty());
  auto found = std::find_if(configurations_.rbegin(), configurations_.rend(),
                            [&](auto& at) {
                              return at.index <= index;
                            });
  return found == configurations_.rend() ? configurations_.front().members
                                         : found->members;
}

void log_view::append(entry_ptr entry) {
  AGORA_CHECK(entry->index == last_index_ + 1);
  auto term = entry->term;
  AGORA_CHECK(term >= last().term);
  if (runs_.empty() || runs_.back().term != term)
    runs_.push_back({entry->index, term});
  if (entry->kind == entry_kind::configuration) {
    auto decoded = configuration::decode(entry->payload);
    AGORA_CHECK(decoded.engaged());
    configurations_.push_back({entry->index, std::move(*decoded)});
  }
  last_index_ = entry->index;
  tail_bytes_ += entry->payload.size();
  uncommitted_bytes_ += entry->payload.size();
  tail_.push_back(std::move(entry));
  let_go();
}

void log_view::truncate_from(uint64_t index) {
  AGORA_CHECK(commit_ < index && index <= last_index_);
  while (last_index_ >= index) {
    if (!tail_.empty()) {
      tail_bytes_ -= tail_.back()->payload.size();
      uncommitted_bytes_ -= tail_.back()->payload.size();
      tail_.pop_back();
      --last_index_;
    } else {
      last_index_ = index - 1;
    }
  }
  while (!runs_.empty() && runs_.back().first >= index)
    runs_.pop_back();
  while (!configurations_.empty() && configurations_.back().index >= index)
    configurations_.pop_back();
  persisted_ = std::min(persisted_, last_index_);
  handed_out_ = std::min(handed_out_, last_index_);
}

void log_view::commit_to(uint64_t index) {
  AGORA_CHECK(commit_ <= index && index <= last_index_);
  for (auto i = std::max(commit_ + 1, tail_first()); i <= index; ++i)
    uncommitted_bytes_ -= find(i)->payload.size();
  commit_ = index;
  let_go();
}

void log_view::persisted_to(const log_position& position) {
  if (!has(position) || position.index <= persisted_)
    return;
  persisted_ = position.index;
  let_go();
}

void log_view::compact_to(uint64_t index) {
  AGORA_CHECK(index <= commit_ && index <= persisted_);
  if (index <= base_.index)
    return;
  base_ = {*term_at(index), index};
  // The run that holds what follows begins there now.
  while (runs_.size() > 1 && runs_[1].first <= index + 1)
    runs_.erase(runs_.begin());
  runs_.front().first = index + 1;
  if (last_index_ == index)
    runs_.clear();
  while (configurations_.size() > 1 && configurations_[1].index <= index)
    configurations_.pop_front();
  while (!tail_.empty() && tail_first() <= index) {
    tail_bytes_ -= tail_.front()->payload.size();
    tail_.pop_front();
  }
}

void log_view::reset(const log_position& base, configuration members) {
  AGORA_CHECK(commit_ < base.index);
  base_ = base;
  last_index_ = commit_ = persisted_ = handed_out_ = base.index;
  runs_.clear();
  configurations_.clear();
  configurations_.push_back({base.index, std::move(members)});
  tail_.clear();
  tail_bytes_ = uncommitted_bytes_ = 0;
}

std::vector<entry_ptr> log_view::take_new() {
  std::vector<entry_ptr> result;
  for (auto i = handed_out_ + 1; i <= last_index_; ++i)
    result.push_back(find(i));
  handed_out_ = last_index_;
  return result;
}

void log_view::let_go() {
  auto until = std::min({commit_, persisted_, handed_out_});
  while (tail_bytes_ > tail_limit_ && !tail_.empty() && tail_first() <= until) {
    tail_bytes_ -= tail_.front()->payload.size();
    tail_.pop_front();
  }
}

} // namespace agora
