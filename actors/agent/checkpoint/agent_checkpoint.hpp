// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/checkpoint/checkpoint_keys.hpp"
#include "runtime/base/result.hpp"
#include "storage/store/store.hpp"

#include "agora/checkpoint/records.pb.h"

#include <vector>

namespace agora {

/// Everything that an earlier process of an agent has stored.
struct agent_checkpoint {
  /// All unset if there was no earlier process.
  checkpoint::AgentIdentity identity;
  std::vector<checkpoint::FrameworkCheckpoint> frameworks;
  std::vector<checkpoint::ExecutorCheckpoint> executors;
  std::vector<checkpoint::TaskCheckpoint> tasks;
  /// Those of one framework in the order of their numbers.
  std::vector<checkpoint::PendingStatus> statuses;
};

/// Reads it all.
/// @returns errc::store_corrupt if a record cannot be parsed, errc::io_failed.
result<agent_checkpoint> load_agent_checkpoint(const store_reader& from,
                                               const checkpoint_keys& keys);

} // namespace agora
