// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/local_messages.hpp"
#include "runtime/base/deadline_queue.hpp"
#include "runtime/base/ids.hpp"

#include "agora/session/agent.pb.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agora {

/// A leader's view of which agents it can talk to. The log knows what an agent
/// was when it was last written; only the leader that holds its session knows
/// whether it is there now.
class agent_book {
public:
  /// The agent can be talked to over this session.
  /// @returns the number of this attachment: no two have the same.
  uint64_t attach(const agent_id& agent, session_number session,
                  uint64_t incarnation);

  /// The agent cannot be talked to. Does nothing if it was not attached.
  /// @returns Whether it was.
  bool detach(const agent_id& agent);

  /// The session of an attached agent.
  std::optional<session_number> session_of(const agent_id& agent) const;

  /// The agent that is attached over this session.
  std::optional<agent_id> agent_of(session_number session) const;

  /// The incarnation under which the agent attached; 0 if it is not attached.
  uint64_t incarnation_of(const agent_id& agent) const;

  /// The number of the agent's attachment; 0 if it is not attached.
  uint64_t attachment_of(const agent_id& agent) const;

  bool attached(const agent_id& agent) const {
    return session_of(agent).has_value();
  }

  size_t attached_count() const {
    return attached_.size();
  }

  /// Agents that may still come back, and when each is given up. Attaching
  /// takes an agent out.
  deadline_queue<agent_id> awaited;

  // -- orphans: tasks that an attached agent holds and the log lacks ----------

  /// Remembers what the agent holds beside the log, in place of what it held.
  void set_orphans(const agent_id& agent,
                   std::vector<session::HeldTask> orphans);

  /// Null if there is no such orphan.
  const session::HeldTask* find_orphan(const agent_id& agent,
                                       const task_key& task) const;

  void remove_orphan(const agent_id& agent, const task_key& task);

  using orphan_map = std::map<agent_id, std::map<task_key, session::HeldTask>>;

  const orphan_map& orphans() const {
    return orphans_;
  }

  size_t orphan_count() const;

private:
  struct attachment {
    session_number session = 0;
    uint64_t incarnation = 0;
    uint64_t number = 0;
  };

  uint64_t last_attachment_ = 0;
  std::map<agent_id, attachment> attached_;
  std::map<session_number, agent_id> by_session_;
  orphan_map orphans_;
};

} // namespace agora
