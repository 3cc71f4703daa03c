// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/local_messages.hpp"

#include "agora/session/tool.pb.h"

#include <cstddef>
#include <vector>

namespace agora {

/// What a tool's request needs before it is answered.
enum class tool_request_class {
  /// The leader's state, and the proof that it still leads.
  read,
  /// What a proposal's commit proves: a change, or what nobody knows.
  change,
  /// What this master's replica knows: every master answers.
  members,
  /// The log itself changes, at the leader.
  change_members,
};

tool_request_class class_of(const session::ToolRequest& request);

/// Requests that wait for their read barriers at once, in number and bytes;
/// further ones are refused with errc::limit_reached.
struct tool_reads_limits {
  size_t requests = 10'000;
  size_t bytes = size_t{16} << 20;
};

/// Reads that wait for the proof that this master still led after they came.
/// One barrier is under way at a time, and proves it for all that had come
/// before it was sent; those that come meanwhile wait for the next one.
class tool_reads {
public:
  struct read {
    session_number session = 0;
    session::ToolRequest request;
    size_t bytes = 0;
  };

  explicit tool_reads(tool_reads_limits limits = {}) : limits_(limits) {
    // nop
  }

  /// Queues a request.
  /// @returns errc::limit_reached: it was not taken.
  status add(session_number session, session::ToolRequest request);

  /// @returns whether a barrier has to be asked for now, for all that wait.
  bool begin_barrier();

  /// The barrier was answered or refused. @returns whom that is about, in the
  /// order in which they came.
  std::vector<read> end_barrier();

  /// Nobody waits at the other end any more.
  void forget(session_number session);

  size_t size() const {
    return waiting_.size() + covered_.size();
  }

private:
  tool_reads_limits limits_;
  bool under_way_ = false;
  /// Came before the barrier that is under way.
  std::vector<read> covered_;
  std::vector<read> waiting_;
  /// Of both.
  size_t bytes_ = 0;
};

} // namespace agora
