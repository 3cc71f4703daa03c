// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace agora {

/// Which keys are due when. A plain value; time is an argument. Keys that are
/// due at the same time come in their own order.
template <class Key>
class deadline_queue {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Sets the key's deadline, in place of the one it had. The end of time
  /// means that it has none.
  void set(const Key& key, time_point deadline) {
    erase(key);
    if (deadline == time_point::max())
      return;
    by_key_.emplace(key, deadline);
    by_deadline_.emplace(deadline, key);
  }

  /// Does nothing if the key has no deadline.
  void erase(const Key& key) {
    auto found = by_key_.find(key);
    if (found == by_key_.end())
      return;
    by_deadline_.erase({found->second, key});
    by_key_.erase(found);
  }

  bool contains(const Key& key) const {
    return by_key_.contains(key);
  }

  /// Takes out at most `limit` keys whose deadline is at or before `now`, the
  /// earliest first.
  std::vector<Key> take_due(time_point now,
                            size_t limit = std::numeric_limits<size_t>::max()) {
    std::vector<Key> due;
    while (due.size() < limit && !by_deadline_.empty()
           && by_deadline_.begin()->first <= now) {
      due.push_back(by_deadline_.begin()->second);
      erase(due.back());
    }
    return due;
  }

  /// The earliest deadline.
  std::optional<time_point> next() const {
    if (by_deadline_.empty())
      return std::nullopt;
    return by_deadline_.begin()->first;
  }

  size_t size() const {
    return by_key_.size();
  }

private:
  std::map<Key, time_point> by_key_;
  std::set<std::pair<time_point, Key>> by_deadline_;
};

} // namespace agora
