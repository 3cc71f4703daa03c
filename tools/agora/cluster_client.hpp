// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/sandbox_reader/file_cursor.hpp"
#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"

#include "agora/session/tool.pb.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Asks the cluster questions, one after the other, from a plain program. What
/// it has of actors is hidden, so that the commands stay plain C++.
class cluster_client {
public:
  /// Connects with the first question, to whichever of `masters` leads.
  cluster_client(std::vector<node_address> masters,
                 std::chrono::milliseconds timeout);

  /// Ends the session.
  ~cluster_client();

  /// Asks the master that leads. A list that comes in pages is asked for page
  /// after page, and whole. Fails: errc::unreachable, with a text that says
  /// what to do, if there is no answer in time, or none of the masters leads;
  /// errc::too_large, if a list does not end; and with what the master answers.
  result<session::ToolResponse> ask(session::ToolRequest request);

  /// HOST:PORT of the master that answered the last question.
  std::string answered_by() const;

  /// Reads a file of a task's sandbox; returns when all of it was read. Fails:
  /// errc::not_found, errc::unreachable, and what the sink fails with.
  status read(const v1::AgentID& agent, file_request what,
              std::function<status(std::string_view)> sink);

private:
  struct actors;

  /// One question, one answer.
  result<session::ToolResponse> exchange(session::ToolRequest request);

  std::unique_ptr<actors> actors_;
};

} // namespace agora
