// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/replication/log_replica_actor.hpp"

#include <string>

namespace agora {

/// Keeps a session to this address open.
void dial_member(log_replica_ptr self, const std::string& address);

/// Dials the members as the log has them now, and nobody else.
void follow_members(log_replica_ptr self);

/// A session is open: says who this member is.
void greet(log_replica_ptr self, const session_actor& session);

/// The peer has said who it is.
/// @returns why it is none to talk to: errc::malformed_message,
///          errc::wrong_cluster, errc::conflict.
status take_greeting(log_replica_ptr self, session_number number,
                     const session::ReplicaHello& hello);

/// This member belongs to a cluster from now on: tells all peers.
void introduce_anew(log_replica_ptr self);

/// Belongs to the cluster of a leader that has taken it in.
void join_cluster(log_replica_ptr self, const std::string& cluster_id);

} // namespace agora
