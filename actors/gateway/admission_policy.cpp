// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/gateway/admission_policy.hpp"

#include "runtime/messaging/session_frame.hpp"

namespace agora {

status admission_policy::judge(const session::OpenSession& request,
                               const admission_load& load) const {
  if (request.software().size() > introduction_text_bytes
      || request.cluster_id().size() > introduction_text_bytes)
    return fail(errc::too_large, "a text of the introduction is longer than "
                                   + std::to_string(introduction_text_bytes)
                                   + " bytes");
  if (request.protocol_version() != session_protocol_version)
    return fail(errc::version_mismatch,
                "this node (" + software + ") speaks protocol version "
                  + std::to_string(session_protocol_version) + ", the peer ("
                  + request.software() + ") version "
                  + std::to_string(request.protocol_version()));
  if (!kinds.contains(request.kind()))
    return fail(errc::invalid_argument,
                "sessions of kind " + session::PeerKind_Name(request.kind())
                  + " are not served by this node; is the address right?");
  if (!cluster_id.empty() && !request.cluster_id().empty()
      && request.cluster_id() != cluster_id)
    return fail(errc::wrong_cluster, "this node belongs to cluster "
                                       + cluster_id + ", the peer to cluster "
                                       + request.cluster_id());
  if (load.sessions >= sessions_limit)
    return fail(errc::limit_reached, "this node has "
                                       + std::to_string(load.sessions)
                                       + " sessions, which is its limit");
  if (!load.is_connected && load.connections >= connections_limit)
    return fail(errc::limit_reached,
                "this node is connected with "
                  + std::to_string(load.connections)
                  + " nodes that have sessions, which is its limit");
  return {};
}

} // namespace agora
