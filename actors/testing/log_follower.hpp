// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/simulated_cluster.hpp"
#include "actors/testing/world.hpp"
#include "storage/cluster/applied_entry.hpp"
#include "storage/cluster/cluster_state.hpp"
#include "storage/consensus/log_entry.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace agora::simulation {

/// Hears what the masters' log has committed, and folds it into a state of its
/// own: what the cluster knows, whether or not a master runs. All masters must
/// say the same.
class log_follower {
public:
  /// An entry that was applied or rejected.
  using listener = std::function<void(
    const log_entry& raw, const cluster::Entry& entry, applied_entry& applied)>;

  /// @param cluster Refers to it from now on.
  log_follower(world& sim, simulated_cluster& cluster, listener hears);
  log_follower(const log_follower&) = delete;
  log_follower& operator=(const log_follower&) = delete;

  /// The newest entry taken in.
  uint64_t index() const {
    return index_;
  }

  const cluster_state& state() const {
    return state_;
  }

private:
  struct digest {
    uint64_t term = 0;
    size_t payload = 0;

    friend bool operator==(const digest&, const digest&) = default;
  };

  void hear(const log_entry& entry);
  void take(const log_entry& raw);
  void violated(const std::string& text);

  world& sim_;
  listener hears_;
  cluster_state state_;
  uint64_t index_ = 0;
  /// Of each entry, from the first on.
  std::vector<digest> digests_;
};

} // namespace agora::simulation
