// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/epoch.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/messaging/session_frame.hpp"
#include "runtime/resources/resources.hpp"
#include "storage/consensus/log_entry.hpp"
#include "storage/store/write_batch.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// Messages between actors of one process. They are plain values, never
// registered with CAF, and so can neither leave the process nor come in from
// the network: what crosses is in proto/agora and travels inside sessions.

namespace agora {

// storage/log/state_source.hpp
class state_source;

// -- sessions -----------------------------------------------------------------

/// Names one session within its process, for its owner. Never reused.
using session_number = uint64_t;

/// To a session's owner: the session can carry bodies now. Comes before the
/// first body.
struct session_up {
  session_number number = 0;
  session::PeerKind kind = session::PEER_KIND_UNKNOWN;
  /// Name and version of the peer's program, for people.
  std::string peer_software;
  /// The peer's cluster; empty if it belongs to none yet.
  std::string peer_cluster;
  /// The newest epoch the peer has seen or leads with.
  epoch peer_epoch;
};

/// To a session's owner: the session is over, nothing more comes of it. What
/// was sent and not acknowledged by the peer's own protocol may be lost.
struct session_down {
  session_number number = 0;
  status reason;
  /// How long nothing had come from the peer by then.
  std::chrono::nanoseconds silent_for{};
};

/// To a dialing owner: no session could be opened; the connector tries again
/// by itself after `retry_in`.
struct dial_failed {
  /// HOST:PORT.
  std::string address;
  status reason;
  std::chrono::milliseconds retry_in{};
};

/// From an owner to its session: a body for the peer.
struct session_body {
  std::string bytes;
};

/// From an owner to its session: end it. The peer learns of a lost session.
struct session_close {
  status reason;
};

// -- the gateway --------------------------------------------------------------

/// To the gateway: how this node stands in its cluster, for the sessions that
/// are opened from now on.
struct node_standing {
  /// Empty if it belongs to none yet: then peers of any may come.
  std::string cluster_id;
  /// Zero if this node does not lead.
  epoch own_epoch;
};

// -- the log ------------------------------------------------------------------

/// To the log replica: serialized agora.cluster.Entry messages, appended
/// together or not at all.
struct log_proposal {
  std::vector<std::string> payloads;
  /// In which the master leads: what comes late is not for a later one.
  uint64_t term = 0;
};

/// From the log replica, in order, each entry once; also those that are no
/// commands, which change nothing but the applied index.
struct committed_entries {
  std::vector<entry_ptr> entries;
};

/// From the log replica: the stored state was replaced by a snapshot, and what
/// the owner has is too old to go on from. Entries go on behind `index`.
struct state_installed {
  uint64_t index = 0;
  std::shared_ptr<const state_source> state;
};

/// From the log replica: who leads. Said at every change.
struct log_leadership {
  uint64_t term = 0;
  /// This member does, and the owner has been handed everything that was
  /// committed before `term` began.
  bool leads = false;
  /// HOST:PORT of the member that leads; empty if none is known, or this one.
  std::string leader;
  /// The cluster that this member belongs to; empty if none yet.
  std::string cluster_id;
};

/// To the log replica: answer with an index when it is certain that nothing
/// newer than it had been committed by the time of the question; everything up
/// to there has been handed out by then.
struct read_barrier {};

/// To the log replica: who the members are, and how far they have got.
struct get_log_members {};

/// To the log replica: the state has taken in everything up to `index`.
struct entries_applied {
  uint64_t index = 0;
  write_batch changes;
};

// -- allocation: master to allocator ------------------------------------------

/// What one framework uses of an agent in one role.
struct usage {
  framework_id framework;
  std::string role;
  resources amount;
};

/// The agent is attached: its resources may be offered. Sent again, it
/// replaces what the allocator knew of the agent; what was on offer of it must
/// have been rescinded before.
struct agent_offerable {
  agent_id agent;
  std::string hostname;
  resources total;
  std::vector<usage> used;
  /// Counts the master's attachments of agents; comes back in each offer.
  uint64_t attachment = 0;
};

/// The agent must not be offered any more, but its resources still count as
/// used by whom they were. The master has rescinded its offers; nothing on
/// offer of it will be returned.
struct agent_withdrawn {
  agent_id agent;
};

/// The agent is gone for good; forget it.
struct agent_removed {
  agent_id agent;
};

/// A framework is connected and wants offers for `roles` but the suppressed
/// ones. Sent again when these change or its scheduler comes back; filters
/// are kept only if `keep_filters`.
struct framework_active {
  framework_id framework;
  std::vector<std::string> roles;
  std::vector<std::string> suppressed_roles;
  bool keep_filters = false;
};

/// The framework is not connected: no offers, but what it uses counts.
struct framework_inactive {
  framework_id framework;
};

struct framework_removed {
  framework_id framework;
};

/// Offered resources became used: a launch was accepted.
struct offered_used {
  framework_id framework;
  std::string role;
  agent_id agent;
  resources amount;
};

/// Offered resources come back: remainder of an accept, decline, rescind,
/// timeout. With `refuse_for`, the same framework and role are not offered
/// resources of this agent within that amount again until the filter ends;
/// that is at least allocation_limits::refusal_shortest, also if it is 0.
struct offered_returned {
  framework_id framework;
  std::string role;
  agent_id agent;
  resources amount;
  std::optional<std::chrono::nanoseconds> refuse_for;
};

/// Used resources are free again: a task or executor has ended.
struct used_released {
  framework_id framework;
  std::string role;
  agent_id agent;
  resources amount;
};

/// Resources are used without having been offered: an orphan was adopted.
struct used_added {
  framework_id framework;
  std::string role;
  agent_id agent;
  resources amount;
};

/// REVIVE: ends suppression and filters; no roles means all of them.
struct roles_revived {
  framework_id framework;
  std::vector<std::string> roles;
};

/// SUPPRESS: no roles means all of them.
struct roles_suppressed {
  framework_id framework;
  std::vector<std::string> roles;
};

using allocation_change
  = std::variant<agent_offerable, agent_withdrawn, agent_removed,
                 framework_active, framework_inactive, framework_removed,
                 offered_used, offered_returned, used_released, used_added,
                 roles_revived, roles_suppressed>;

/// Everything that changed for the allocator in one turn of the master, in
/// order.
struct allocation_changes {
  std::vector<allocation_change> changes;
};

// -- allocation: allocator to master ------------------------------------------

/// A part of one agent for one framework in one role. Counts as offered from
/// here on, until the master returns it or reports it used.
struct planned_offer {
  framework_id framework;
  std::string role;
  agent_id agent;
  resources amount;
  /// That of the agent_offerable it was planned on: a plan that was under way
  /// while the agent attached anew must not be taken for one of what it has
  /// now.
  uint64_t attachment = 0;
};

struct planned_offers {
  std::vector<planned_offer> offers;
};

/// Asks the allocator what stands between a framework and an offer.
struct explain_framework {
  framework_id framework;
};

/// Asks for every role's and framework's share.
struct get_shares {};

struct share_report {
  struct share {
    std::string name;
    /// From 0 to 1: the largest part of any resource that it holds.
    double dominant_share = 0;
    resources allocated;
  };
  /// Ordered by name.
  std::vector<share> roles;
  std::vector<share> frameworks;
};

} // namespace agora

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::session_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::session_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::dial_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::session_body)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::session_close)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::log_proposal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::node_standing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::committed_entries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::state_installed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::log_leadership)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::read_barrier)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::get_log_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::entries_applied)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::allocation_changes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::planned_offers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::explain_framework)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::get_shares)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agora::share_report)
