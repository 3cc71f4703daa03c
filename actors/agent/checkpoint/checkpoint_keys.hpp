// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace agora {

/// The longest framework, executor or task id that an agent takes: two of them
/// make a key, which a store limits.
inline constexpr size_t stored_id_bytes = 1'024;

/// Where an agent's records are in its store. A value holds all that its key
/// was made of, so keys are never read back; they only have to be unique, for
/// ids with any bytes in them.
class checkpoint_keys {
public:
  /// @param prefix Before every key; ends in '/'.
  explicit checkpoint_keys(std::string prefix);

  /// AgentIdentity.
  std::string identity() const;

  /// FrameworkCheckpoint.
  std::string framework(const framework_id& id) const;

  /// ExecutorCheckpoint.
  std::string executor(const executor_key& key) const;

  /// TaskCheckpoint.
  std::string task(const task_key& key) const;

  /// PendingStatus. Those of one framework are in the order of their numbers.
  std::string status(const framework_id& id, uint64_t number) const;

  /// What all keys of one kind start with.
  std::string frameworks() const;
  std::string executors() const;
  std::string tasks() const;
  std::string statuses() const;

private:
  std::string prefix_;
};

} // namespace agora
