// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/ranges.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace agora {

namespace {

bool overlap(const interval& lhs, const interval& rhs) {
  return lhs.first <= rhs.last && rhs.first <= lhs.last;
}

interval common(const interval& lhs, const interval& rhs) {
  return {std::max(lhs.first, rhs.first), std::min(lhs.last, rhs.last)};
}

void sort_by_first(std::vector<interval>& list) {
  std::sort(list.begin(), list.end(), [](auto& lhs, auto& rhs) {
    return lhs.first < rhs.first;
  });
}

/// Merges what overlaps or touches, in place. `list` must be sorted.
void coalesce(std::vector<interval>& list) {
  if (list.empty())
    return;
  size_t kept = 0;
  for (size_t i = 1; i < list.size(); ++i) {
    auto& current = list[kept];
    // `last + 1` wraps to 0 at the largest number, where everything touches.
    if (list[i].first <= current.last || list[i].first == current.last + 1)
      current.last = std::max(current.last, list[i].last);
    else
      list[++kept] = list[i];
  }
  list.resize(kept + 1);
}

/// Fails if there are too many or one ends before it begins.
status check_list(const std::vector<interval>& list) {
  if (list.size() > ranges::intervals_limit)
    return fail(errc::invalid_resources,
                "more than " + std::to_string(ranges::intervals_limit)
                  + " ranges");
  for (auto& item : list)
    if (item.first > item.last)
      return fail(errc::invalid_resources,
                  "the range " + to_string(item) + " ends before it begins");
  return {};
}

} // namespace

std::string to_string(const interval& what) {
  return std::to_string(what.first) + "-" + std::to_string(what.last);
}

result<ranges> ranges::from_intervals(std::vector<interval> list) {
  if (auto err = check_list(list))
    return err;
  sort_by_first(list);
  for (size_t i = 1; i < list.size(); ++i)
    if (overlap(list[i - 1], list[i]))
      return fail(errc::invalid_resources, "the ranges "
                                             + to_string(list[i - 1]) + " and "
                                             + to_string(list[i]) + " overlap");
  ranges made;
  coalesce(list);
  made.intervals_ = std::move(list);
  return made;
}

result<ranges> ranges::from_overlapping(std::vector<interval> list) {
  if (auto err = check_list(list))
    return err;
  ranges made;
  sort_by_first(list);
  coalesce(list);
  made.intervals_ = std::move(list);
  return made;
}

uint64_t ranges::count() const {
  uint64_t sum = 0;
  for (auto& item : intervals_) {
    auto size = item.last - item.first;
    // Only the one interval that has every number does not fit.
    if (size == std::numeric_limits<uint64_t>::max())
      return size;
    sum += size + 1;
  }
  return sum;
}

bool ranges::contains(uint64_t number) const {
  auto next = std::upper_bound(intervals_.begin(), intervals_.end(), number,
                               [](uint64_t value, const interval& item) {
                                 return value < item.first;
                               });
  return next != intervals_.begin() && std::prev(next)->last >= number;
}

bool ranges::contains(const ranges& other) const {
  auto here = intervals_.begin();
  for (auto& wanted : other.intervals_) {
    while (here != intervals_.end() && here->last < wanted.first)
      ++here;
    if (here == intervals_.end() || here->first > wanted.first
        || here->last < wanted.last)
      return false;
  }
  return true;
}

std::optional<interval> ranges::first_common(const ranges& other) const {
  auto lhs = intervals_.begin();
  auto rhs = other.intervals_.begin();
  while (lhs != intervals_.end() && rhs != other.intervals_.end()) {
    if (overlap(*lhs, *rhs))
      return common(*lhs, *rhs);
    if (lhs->last < rhs->last)
      ++lhs;
    else
      ++rhs;
  }
  return std::nullopt;
}

ranges ranges::united(const ranges& other) const {
  ranges made;
  made.intervals_.reserve(intervals_.size() + other.intervals_.size());
  std::merge(intervals_.begin(), intervals_.end(), other.intervals_.begin(),
             other.intervals_.end(), std::back_inserter(made.intervals_),
             [](auto& lhs, auto& rhs) {
               return lhs.first < rhs.first;
             });
  coalesce(made.intervals_);
  return made;
}

ranges ranges::intersected(const ranges& other) const {
  ranges made;
  auto lhs = intervals_.begin();
  auto rhs = other.intervals_.begin();
  while (lhs != intervals_.end() && rhs != other.intervals_.end()) {
    if (overlap(*lhs, *rhs))
      made.intervals_.push_back(common(*lhs, *rhs));
    if (lhs->last < rhs->last)
      ++lhs;
    else
      ++rhs;
  }
  return made;
}

ranges ranges::without(const ranges& other) const {
  ranges made;
  auto cut = other.intervals_.begin();
  auto end = other.intervals_.end();
  for (auto rest : intervals_) {
    bool used_up = false;
    while (cut != end && cut->last < rest.first)
      ++cut;
    // A cut that reaches beyond this interval is kept for the next one.
    while (!used_up && cut != end && cut->first <= rest.last) {
      if (cut->first > rest.first)
        made.intervals_.push_back({rest.first, cut->first - 1});
      if (cut->last >= rest.last)
        used_up = true;
      else
        rest.first = (cut++)->last + 1;
    }
    if (!used_up)
      made.intervals_.push_back(rest);
  }
  return made;
}

std::string to_string(const ranges& what) {
  std::string text = "[";
  for (auto& item : what.intervals()) {
    if (text.size() > 1)
      text += ',';
    text += to_string(item);
  }
  return text + "]";
}

} // namespace agora
