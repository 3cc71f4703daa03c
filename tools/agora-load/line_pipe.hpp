// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <optional>
#include <string>

namespace google::protobuf {
class Message;
}

namespace agora::load {

/// One line between a process and the load's: its latencies are the most of it.
inline constexpr size_t line_bytes_limit = size_t{4} << 20;

/// Writes `message` as a line of JSON; blocks until it is taken. Fails:
/// errc::io_failed.
status write_line(int fd, const google::protobuf::Message& message);

/// Splits what comes from a descriptor into lines.
class line_reader {
public:
  explicit line_reader(int fd) : fd_(fd) {
    // nop
  }

  /// Reads what is there; call it when poll(2) says so. Returns false at the
  /// end. Fails: errc::io_failed, errc::too_large.
  result<bool> fill();

  /// The next whole line, without its end.
  std::optional<std::string> next();

private:
  int fd_;
  std::string bytes_;
};

} // namespace agora::load
