// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/resources/resources.hpp"

#include <cstdint>
#include <string_view>

namespace agora {

/// What a machine has, as its kernel says.
struct host_capacity {
  /// Processors that this process may run on.
  uint32_t cpus = 0;

  /// Main memory, without swap.
  uint64_t memory_bytes = 0;

  /// Size of the file system under the agent's work directory. The size, not
  /// what is free: that changes while the agent runs, and an agent whose
  /// total shrinks with each restart could not take back its running tasks.
  uint64_t disk_bytes = 0;
};

/// The ports that an agent offers if its setting does not say which.
inline constexpr interval default_ports{31000, 32000};

/// What an agent offers of `host` by default, as Mesos does: all cpus; memory
/// less 1 GiB for the system, or half of it if there are less than 2 GiB; disk
/// less 5 GiB, or half if there are less than 10 GiB; default_ports. Memory and
/// disk are rounded down to MiB.
resources default_resources(const host_capacity& host);

/// What an agent offers: what `setting` says, and the default for each of cpus,
/// mem, disk and ports that it does not name ("disk:0" names it). Fails as
/// parse_resources_setting does.
result<resources> agent_resources(std::string_view setting,
                                  const host_capacity& host);

} // namespace agora
