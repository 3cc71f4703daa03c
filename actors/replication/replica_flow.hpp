// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/replication/log_replica_actor.hpp"

namespace agora {

/// Has flow() called soon: what else waits in the mailbox is handled before, so
/// that one body, one write and one message to the owner carry it all.
void schedule_flow(log_replica_ptr self);

/// Does everything that follows from what has happened: writes, sends, hands
/// out, answers. Ends the actor if the disk has failed.
void flow(log_replica_ptr self);

/// The process has to end.
void fail_replica(log_replica_ptr self, status why);

/// Sends `message` to the member, if there is a session.
void send_to_member(log_replica_ptr self, member_uid to,
                    session::ReplicaMessage message);

/// Gives up snapshots whose receivers take nothing any more.
void give_up_snapshots(log_replica_ptr self);

} // namespace agora
