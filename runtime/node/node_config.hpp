// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_system_config.hpp>

#include <cstdint>

namespace agora {

/// CAF as every process of Agora runs it: the wire types, the middleman with
/// slow heartbeats, a set number of threads. Reads no file and no argument:
/// CAF's own parse() would take caf-application.ini from the working directory,
/// and ignore values of the wrong type.
class node_config : public caf::actor_system_config {
public:
  /// @param worker_threads Threads that run actors; 0 means one a core, at
  ///        least 2 and at most 16.
  explicit node_config(uint32_t worker_threads = 0);
};

} // namespace agora
