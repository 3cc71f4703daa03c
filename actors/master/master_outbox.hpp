// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/local_messages.hpp"
#include "runtime/base/launch_id.hpp"

#include "agora/cluster/entries.pb.h"
#include "agora/session/agent.pb.h"
#include "agora/session/scheduler.pb.h"
#include "agora/session/tool.pb.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace agora {

/// A task of a launch that was accepted and not applied yet.
struct proposed_launch {
  /// One task alone, or those of a group.
  std::vector<v1::TaskInfo> tasks;
  /// Set for groups.
  std::optional<v1::ExecutorInfo> group_executor;
  /// Known once it is applied.
  launch_id launch = {};
};

/// Bytes that one entry may have: far below what the log takes, which must
/// never have to refuse what a peer made the leader propose.
inline constexpr size_t entry_bytes_limit = size_t{4} << 20;

/// Bytes that the description of an agent or a framework may have, and the
/// newest status of a task.
inline constexpr size_t description_bytes_limit = size_t{1} << 20;

/// Why an entry was proposed: what its application has to answer. Kept in the
/// order of proposals, which is the order in which entries come back.
struct proposed_attach {
  session_number session = 0;
  /// The agent desk's count of attachments that were proposed.
  uint64_t number = 0;
  session::AttachAgent request;
};

struct proposed_subscription {
  session_number session = 0;
  std::vector<std::string> suppressed_roles;
};

/// Where a call of a scheduler came from.
struct call_origin {
  session_number session = 0;
  /// Which of the session's calls it is, from 1: so does its driver know it.
  uint64_t number = 0;
};

struct proposed_update {
  call_origin from;
  std::vector<std::string> suppressed_roles;
};

struct proposed_accept {
  framework_id framework;
  std::string role;
  agent_id agent;
  std::vector<proposed_launch> launches;
  /// What the launches take of what was offered.
  resources amount;
  /// Custom executors that start with them.
  std::set<executor_id> executors;
};

struct proposed_for_tool {
  session_number session = 0;
  uint64_t request_id = 0;
};

using proposal_context
  = std::variant<std::monostate, proposed_attach, proposed_subscription,
                 proposed_update, proposed_accept, proposed_for_tool>;

/// What a leader wants to have happen after one turn: gathered while messages
/// are handled, sent together. Order is kept for each receiver.
class master_outbox {
public:
  session::MasterMessage& to_agent(session_number session);

  v1::scheduler::Event& to_scheduler(session_number session,
                                     v1::scheduler::Event::Type type);

  /// Says that nothing was done of a subscribed framework's call. The
  /// subscription goes on.
  void refuse_call(const call_origin& from, v1::scheduler::Call::Type type,
                   const status& why);

  session::ToolResponse& to_tool(session_number session, uint64_t request_id);

  /// Appends an entry to the log; its time is set when it is sent there.
  void propose(cluster::Entry entry, proposal_context why = {});

  void allocate(allocation_change change);

  /// A tool's request that the allocator has to answer first.
  struct allocator_query {
    session_number session = 0;
    session::ToolRequest request;
  };

  /// Ends the session after what was sent to it.
  void close(session_number session, status reason);

  bool empty() const;

  struct proposal {
    cluster::Entry entry;
    proposal_context why;
  };

  // What has gathered; whoever sends it takes it out.
  std::map<session_number, std::vector<session::MasterMessage>> agents;
  std::map<session_number, std::vector<v1::scheduler::Event>> schedulers;
  std::map<session_number, std::vector<session::CallRefused>> refused_calls;
  std::map<session_number, std::vector<session::ToolResponse>> tools;
  std::vector<proposal> proposals;
  std::vector<allocation_change> allocations;
  std::vector<allocator_query> queries;
  std::vector<std::pair<session_number, status>> closes;
};

} // namespace agora
