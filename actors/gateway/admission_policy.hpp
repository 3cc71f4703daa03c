// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include "agora/session/common.pb.h"

#include <cstddef>
#include <set>
#include <string>

namespace agora {

/// Bytes of a peer's software and cluster texts, each: they are kept and
/// logged.
inline constexpr size_t introduction_text_bytes = 256;

/// What a node has when a request comes.
struct admission_load {
  size_t sessions = 0;
  /// Nodes that these are with.
  size_t connections = 0;
  /// Whether one of them is the node that asks.
  bool is_connected = false;
};

/// Who may open a session at a node.
struct admission_policy {
  /// Empty while this node belongs to no cluster yet: then any may come.
  std::string cluster_id;
  /// Of this node, for the peers' messages to people.
  std::string software;
  std::set<session::PeerKind> kinds;
  /// Sessions at once. Each costs a few KiB.
  size_t sessions_limit = 100'000;
  /// Nodes at once that these are with. Each costs a descriptor.
  size_t connections_limit = 100'000;

  /// Judges a request that comes while the node has `load`.
  /// @returns errc::too_large (a text), errc::version_mismatch,
  ///          errc::wrong_cluster,
  ///          errc::invalid_argument (a kind that is not served here) or
  ///          errc::limit_reached, with a text for the peer's operator.
  status judge(const session::OpenSession& request,
               const admission_load& load) const;
};

} // namespace agora
