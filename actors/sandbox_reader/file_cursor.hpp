// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include "agora/session/tool.pb.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace agora {

/// Which file of which sandbox, and how to read it.
struct file_request {
  v1::FrameworkID framework;
  v1::TaskID task;
  /// Relative to the sandbox: "stdout", "stderr", or any file in it.
  std::string path = "stdout";
  /// Where to begin; a negative offset counts from the file's end.
  int64_t offset = 0;
  /// Go on while the task runs.
  bool follow = false;

  /// Asked for at once; an agent sends no more than 1 MiB.
  uint32_t chunk_bytes = 256 * 1024;
  /// Between two looks at a file that does not grow: doubles from the first
  /// to the last.
  std::chrono::milliseconds poll_first{50};
  std::chrono::milliseconds poll_last{1'000};
  /// How often in a row a question may fail before the reader gives up. A
  /// sandbox that is not there yet, or an agent that restarts, needs some.
  unsigned failures_limit = 10;
  /// For the agent to answer one question.
  std::chrono::milliseconds answer_timeout{20'000};
};

/// What to do next with the file.
struct file_step {
  enum what {
    /// Send next_request(), after `pause`.
    read,
    /// All was read.
    finished,
    /// Give up, for `reason`.
    failed,
  };

  what next = read;
  std::chrono::milliseconds pause{0};
  status reason;
};

/// Reads a file that may still grow, chunk by chunk. A plain value; the file
/// follower asks the agent and keeps the time.
class file_cursor {
public:
  explicit file_cursor(file_request request);

  /// What to ask the agent for.
  session::ToolRequest next_request() const;

  /// How long to wait for its answer.
  std::chrono::milliseconds answer_timeout() const {
    return request_.answer_timeout;
  }

  /// The agent sent a chunk.
  file_step received(const session::FileChunk& chunk);

  /// The question failed. Without `follow`, only what may pass by itself
  /// (unreachable, session_lost, timeout) is tried again.
  file_step failed(status reason);

private:
  file_step pause();

  file_request request_;
  int64_t offset_;
  std::chrono::milliseconds poll_;
  unsigned failures_ = 0;
};

} // namespace agora
