// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"

#include <cstddef>
#include <deque>
#include <filesystem>
#include <unordered_map>
#include <utility>

namespace agora {

/// Where the files of tasks are that the agent does not hold any more: the
/// newest ones, up to a number.
class ended_sandboxes {
public:
  explicit ended_sandboxes(size_t limit) : limit_(limit) {
    // nop
  }

  void add(const task_key& key, std::filesystem::path sandbox) {
    if (sandboxes_.insert_or_assign(key, std::move(sandbox)).second)
      order_.push_back(key);
    while (order_.size() > limit_) {
      sandboxes_.erase(order_.front());
      order_.pop_front();
    }
  }

  const std::filesystem::path* find(const task_key& key) const {
    auto found = sandboxes_.find(key);
    return found == sandboxes_.end() ? nullptr : &found->second;
  }

private:
  size_t limit_;
  std::unordered_map<task_key, std::filesystem::path> sandboxes_;
  std::deque<task_key> order_;
};

} // namespace agora
