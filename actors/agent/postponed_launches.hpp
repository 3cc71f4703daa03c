// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/launch_id.hpp"

#include "agora/session/agent.pb.h"
#include "agora/v1/frameworks.pb.h"

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

namespace agora {

/// A launch that waits for an older task of the same id to be gone from the
/// disk. It is not stored and not confirmed: were it lost, the master would
/// send it again.
struct postponed_launch {
  v1::FrameworkInfo framework;
  session::TaskLaunch launch;
  /// What was asked to be killed of it meanwhile, once a task.
  std::vector<session::KillTask> kills;
};

/// Launches that wait. No two of them have a task in common.
class postponed_launches {
public:
  /// The one that `key` is a task of.
  postponed_launch* find(const task_key& key);

  /// @pre None has a task of it.
  void add(postponed_launch what);

  /// Takes out the one that `key` is a task of.
  /// @pre There is one.
  postponed_launch take(const task_key& key);

  void drop_framework(const framework_id& id);

  void clear() {
    by_task_.clear();
  }

  /// Of all of them.
  size_t tasks() const {
    return by_task_.size();
  }

private:
  std::map<task_key, std::shared_ptr<postponed_launch>> by_task_;
};

/// Whether both are the same launch as far as anybody says.
bool may_be_same(const launch_id& left, const launch_id& right);

} // namespace agora
