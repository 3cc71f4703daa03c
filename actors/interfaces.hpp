// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_messages.hpp"
#include "actors/local_messages.hpp"
#include "runtime/messaging/proto_inspect.hpp"
#include "runtime/messaging/session_frame.hpp"

#include "agora/session/agent.pb.h"
#include "agora/session/executor.pb.h"
#include "agora/session/replica.pb.h"
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

/// GATEWAY, as actors of its own node see it.
using local_gateway_actor = gateway_actor::extend<
  // From the master.
  caf::reacts_to<node_standing>>;

// LINK: runtime/messaging/tcp_link_actor.hpp. GATEWAY and the session's far
// end: runtime/messaging/session_frame.hpp. These three are all that the layer
// below knows of actors.

// -- the master node ----------------------------------------------------------

/// LOG: what its owner sees of a log replica.
using log_actor = caf::typed_actor<
  // From the master: append these. Replies with the first index; they are not
  // committed yet. Fails: limit_reached or conflict (leadership is being
  // handed over), try again soon; too_large; not_leader.
  caf::replies_to<log_proposal>::with<uint64_t>,
  // From the master, after it has applied what was committed.
  caf::reacts_to<entries_applied>,
  // From the master, before it answers from its state. Fails: not_leader,
  // limit_reached.
  caf::replies_to<read_barrier>::with<uint64_t>,
  // From the master, for the admin tool. Never fails.
  caf::replies_to<get_log_members>::with<session::MasterList>,
  // From the master, for the admin tool. Answers when the change is committed.
  // Fails: not_leader, conflict, not_found, already_exists, invalid_argument,
  // unreachable (a new member), timeout.
  caf::replies_to<session::ChangeMasters>::with<session::Done>>;

/// LOG REPLICA: one member of one replicated log, and its disk.
using log_replica_actor
  = dialing_owner<session::ReplicaMessages>::extend_with<log_actor>::extend<
    // INTERNAL: time has passed.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: the store has persisted something.
    caf::reacts_to<caf::flush_atom>>;

/// Who applies a log.
using log_owner_actor = caf::typed_actor<
  // From the log replica, in order, each entry once.
  caf::reacts_to<committed_entries>, caf::reacts_to<state_installed>,
  caf::reacts_to<log_leadership>>;

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

/// The actors beside a master. They refer to it, so they come to it later.
struct master_companions {
  log_actor log;
  /// Told how this node stands in its cluster.
  local_gateway_actor gateway;
};

} // namespace agora

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::master_companions)

namespace agora {

/// MASTER: the path of every call, outstanding offers, proposals in flight.
/// Acts only while its replica leads, beside an allocator of its own.
using master_actor = caf::typed_actor<
  // INTERNAL, once, from the node's start: the actors beside it.
  caf::reacts_to<master_companions>,
  // From sessions of agents, schedulers and tools.
  caf::reacts_to<session_up, session_actor>, caf::reacts_to<session_down>,
  caf::reacts_to<session_number, session::AgentToMaster>,
  caf::reacts_to<session_number, session::SchedulerToMaster>,
  caf::reacts_to<session_number, session::ToolRequests>,
  // From the log replica.
  caf::reacts_to<committed_entries>, caf::reacts_to<state_installed>,
  caf::reacts_to<log_leadership>,
  // From the allocator: send these out.
  caf::reacts_to<planned_offers>,
  // INTERNAL: offers to rescind, agents and frameworks to give up on.
  caf::reacts_to<caf::tick_atom>,
  // INTERNAL: send what has gathered while messages were handled.
  caf::reacts_to<caf::flush_atom>>;

// -- the agent node -----------------------------------------------------------

/// CHECKPOINT WRITER: makes what agents store durable. One for all agents of a
/// process; whatever comes while the disk is busy shares the next fsync.
using checkpoint_writer_actor = caf::typed_actor<
  // From an agent or one of its status streams. Replies, in order, once the
  // batch is on disk. Fails: limit_reached, too_large, io_failed; an agent
  // whose batch was refused ends.
  caf::replies_to<write_batch>::with<caf::ok_atom>,
  // INTERNAL: everything up to this ticket is on disk.
  caf::reacts_to<uint64_t>>;

/// Who is told what becomes of containers.
using container_owner_actor = caf::typed_actor<
  // From the containerizer.
  caf::reacts_to<container_events>>;

/// CONTAINERIZER: processes and their sandboxes.
using containerizer_actor = caf::typed_actor<
  // From the agent and its executors, which get the container's events.
  caf::reacts_to<container_start, container_owner_actor>,
  caf::reacts_to<container_reattach, container_owner_actor>,
  caf::reacts_to<container_signal>,
  // From the agent.
  caf::reacts_to<containers_forget>, caf::reacts_to<containers_known>,
  // From the agent, for a tool. Fails: not_found, invalid_argument (path leads
  // out of the sandbox, not a file), permission_denied, io_failed.
  caf::replies_to<sandbox_read>::with<session::FileChunk>,
  // From the launcher's thread.
  caf::reacts_to<process_event>,
  // INTERNAL: look for old sandboxes.
  caf::reacts_to<caf::tick_atom>,
  // INTERNAL: send what has gathered while messages were handled.
  caf::reacts_to<caf::flush_atom>>;

/// SANDBOX KEEPER: the containerizer's slow work on files, on a thread of its
/// own.
using sandbox_keeper_actor = caf::typed_actor<
  // From the containerizer. Fails: not_found (user, file), permission_denied,
  // too_large, io_failed.
  caf::replies_to<sandbox_prepare>::with<sandbox_prepared>,
  // From the containerizer. Fails: as the containerizer's.
  caf::replies_to<sandbox_read>::with<session::FileChunk>,
  // From the containerizer. Fails: io_failed.
  caf::replies_to<sandbox_list>::with<sandbox_inventory>,
  // From the containerizer. What fails is logged.
  caf::reacts_to<sandbox_remove>, caf::reacts_to<sandboxes_idle>>;

/// STATUS STREAM: the status updates of one framework's tasks on one agent,
/// durable and sent again until acknowledged.
using status_stream_actor = caf::typed_actor<
  // From the agent.
  caf::reacts_to<stream_record>, caf::reacts_to<stream_acknowledge>,
  caf::reacts_to<stream_attached>, caf::reacts_to<stream_release>,
  // INTERNAL: time to send again.
  caf::reacts_to<caf::tick_atom>>;

/// AGENT: its resources, its executors, its checkpoints.
using agent_actor = caf::typed_actor<
  // From sessions: to masters (dialed), of executors and of tools.
  caf::reacts_to<session_up, session_actor>, caf::reacts_to<session_down>,
  caf::reacts_to<dial_failed>,
  caf::reacts_to<session_number, session::MasterToAgent>,
  caf::reacts_to<session_number, session::ExecutorToAgent>,
  caf::reacts_to<session_number, session::ToolRequests>,
  // From built-in executors.
  caf::reacts_to<v1::executor::Call>,
  // From the containerizer: of custom executors' processes.
  caf::reacts_to<container_events>,
  // From a status stream.
  caf::reacts_to<stream_report>,
  // From whoever stops the process.
  caf::reacts_to<agent_stop>,
  // From tests and people.
  caf::replies_to<get_agent_status>::with<agent_status>,
  // INTERNAL: something is due.
  caf::reacts_to<caf::tick_atom>,
  // INTERNAL: send and store what has gathered while messages were handled.
  caf::reacts_to<caf::flush_atom>>;

/// EXECUTOR: runs tasks. The built-in one, for commands, lives under the
/// agent; custom ones are written by framework authors, against this handle,
/// and live in processes of their own under an executor driver.
using executor_actor = caf::typed_actor<
  // From the agent or the executor driver: one event of the executor API.
  caf::reacts_to<v1::executor::Event>>;

/// COMMAND EXECUTOR: the built-in executor: runs commands, alone or in groups.
using command_executor_actor = executor_actor::extend<
  // From the agent, before the task's LAUNCH.
  caf::reacts_to<task_place>,
  // From the containerizer.
  caf::reacts_to<container_events>,
  // INTERNAL: a grace period or a completion time is over.
  caf::reacts_to<caf::tick_atom>>;

/// EXECUTOR DRIVER: in the process of a custom executor: finds the agent,
/// subscribes and subscribes again, keeps what the agent has not acknowledged.
using executor_driver_actor = caf::typed_actor<
  // From the executor: UPDATE and MESSAGE; both ids, uuid and timestamp are
  // filled in.
  caf::reacts_to<v1::executor::Call>,
  // From the session to the agent.
  caf::reacts_to<session_up, session_actor>, caf::reacts_to<session_down>,
  caf::reacts_to<session_number, session::AgentToExecutor>,
  caf::reacts_to<dial_failed>,
  // INTERNAL: the agent was away for too long, or the shutdown's grace is over.
  caf::reacts_to<caf::tick_atom>>;

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
