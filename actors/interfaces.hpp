// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/local_messages.hpp"
#include "runtime/messaging/proto_inspect.hpp"
#include "runtime/messaging/session_frame.hpp"

#include "agora/session/agent.pb.h"
#include "agora/session/executor.pb.h"
#include "agora/session/scheduler.pb.h"
#include "agora/session/tool.pb.h"
#include "agora/v1/executor/executor.pb.h"
#include "agora/v1/scheduler/scheduler.pb.h"

#include <caf/typed_actor.hpp>

#include <string>

// The protocol of the system: every typed handle, every message, who sends it
// and how it fails. Actors know each other through this page only.
//
// "Owner" below is the actor that a session serves: master, agent, driver, ...

namespace agora {

// -- sessions -----------------------------------------------------------------

/// SESSION: one end of one connection between two nodes: framing, sequence,
/// window, epoch, liveness. Lives as long as the connection; never resumed.
using session_actor = session_endpoint::extend<
  // From the owner: a body for the peer. Overflow of the queue ends the
  // session.
  caf::reacts_to<session_body>,
  // From the owner: end the session.
  caf::reacts_to<session_close>,
  // INTERNAL, on the dialing side: the peer's gateway has answered.
  caf::reacts_to<session::SessionOpened, session_endpoint>,
  // INTERNAL: time to ping, or to give up on a silent peer.
  caf::reacts_to<caf::tick_atom>>;

/// What an owner of sessions that carry `Body` towards it understands.
template <class Body>
using session_owner = caf::typed_actor<
  // From the session, before its first body.
  caf::reacts_to<session_up, session_actor>,
  // From the session: a body of the peer. The sender's window opens again when
  // the handler has returned; an owner that is slow slows its peers.
  caf::reacts_to<session_number, Body>,
  // From the session, once, as its last message.
  caf::reacts_to<session_down>>;

/// What an owner that dials understands besides.
template <class Body>
using dialing_owner = typename session_owner<Body>::template extend<
  // From the connector, after each attempt that failed.
  caf::reacts_to<dial_failed>>;

/// CONNECTOR: keeps one session to one of several addresses: dials, retries
/// with backoff, dials again when the session is lost. Ends with its owner.
using connector_actor = caf::typed_actor<
  // INTERNAL: dial now.
  caf::reacts_to<caf::tick_atom>,
  // From the owner: introduce this node so from the next session on.
  caf::reacts_to<session::OpenSession>,
  // From the owner: the current session is useless (its peer does not lead):
  // try the next address.
  caf::reacts_to<caf::get_atom>>;

// LINK: runtime/messaging/tcp_link_actor.hpp. GATEWAY and the session's far
// end: runtime/messaging/session_frame.hpp. These three are all that the layer
// below knows of actors.

// -- the master node ----------------------------------------------------------

/// LOG REPLICA: one member of one replicated log, and its disk.
using log_replica_actor = caf::typed_actor<
  // From the master: append these. Replies with the first index; they are not
  // committed yet. Fails: limit_reached, too_large, not_leader.
  caf::replies_to<log_proposal>::with<uint64_t>,
  // From the master, after it has applied what was committed.
  caf::reacts_to<entries_applied>,
  // INTERNAL: the store has persisted something.
  caf::reacts_to<caf::tick_atom>>;

/// Who applies a log.
using log_owner_actor = caf::typed_actor<
  // From the log replica, in order, each entry once.
  caf::reacts_to<committed_entries>>;

/// MASTER: the path of every call, outstanding offers, proposals in flight.
/// Acts only while its replica leads.
using master_actor = caf::typed_actor<
  // From sessions of agents, schedulers and tools.
  caf::reacts_to<session_up, session_actor>, caf::reacts_to<session_down>,
  caf::reacts_to<session_number, session::AgentToMaster>,
  caf::reacts_to<session_number, session::SchedulerToMaster>,
  caf::reacts_to<session_number, session::ToolRequests>,
  // From the log replica.
  caf::reacts_to<committed_entries>,
  // From the allocator: send these out.
  caf::reacts_to<planned_offers>,
  // INTERNAL: offers to rescind, agents and frameworks to give up on.
  caf::reacts_to<caf::tick_atom>,
  // INTERNAL: send what has gathered while messages were handled.
  caf::reacts_to<caf::flush_atom>>;

/// ALLOCATOR: who is offered what, and why not.
using allocator_actor = caf::typed_actor<
  // From the master; may cause planned_offers. Never fails: the master's books
  // decide, and what contradicts them is a broken invariant.
  caf::reacts_to<allocation_changes>,
  // From the master, for the admin tool. Fails: not_found.
  caf::replies_to<explain_framework>::with<session::FrameworkExplanation>,
  // From the master, for the admin tool.
  caf::replies_to<get_shares>::with<share_report>,
  // INTERNAL: the earliest filter has ended.
  caf::reacts_to<caf::tick_atom>>;

// -- the agent node -----------------------------------------------------------

/// EXECUTOR: runs tasks. The built-in one, for commands, lives under the
/// agent; custom ones are written by framework authors, against this handle,
/// and live in processes of their own under an executor driver.
using executor_actor = caf::typed_actor<
  // From the agent or the executor driver: one event of the executor API.
  caf::reacts_to<v1::executor::Event>>;

// -- a framework's process ----------------------------------------------------

/// SCHEDULER: a framework's decisions, written by its author.
using scheduler_actor = caf::typed_actor<
  // From the driver: one event of the scheduler API. UPDATE events are
  // acknowledged by the driver when the handler has returned, unless the
  // driver was told that the scheduler acknowledges by itself.
  caf::reacts_to<v1::scheduler::Event>>;

/// FRAMEWORK DRIVER: finds the leader, subscribes and subscribes again,
/// acknowledges, reconciles.
using framework_driver_actor = caf::typed_actor<
  // From the scheduler: a call of the scheduler API; framework_id is filled
  // in. Fails: invalid_argument, not_found (no subscription yet),
  // limit_reached.
  caf::reacts_to<v1::scheduler::Call>,
  // From the session to the leading master.
  caf::reacts_to<session_up, session_actor>, caf::reacts_to<session_down>,
  caf::reacts_to<session_number, session::MasterToScheduler>,
  caf::reacts_to<dial_failed>,
  // INTERNAL: time to reconcile.
  caf::reacts_to<caf::tick_atom>>;

} // namespace agora
