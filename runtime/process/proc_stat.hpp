// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

// Plain functions without allocation, since agora-shim shares them.

namespace agora {

/// What one line of /proc/PID/stat says, as far as it is needed here.
struct process_stat {
  pid_t pid = 0;
  /// R, S, D, Z (ended, not yet reaped), ...
  char state = '?';
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  /// When the process started, in clock ticks since boot.
  uint64_t start_ticks = 0;
};

/// Reads a decimal number at the front of `text` and removes it, with one space
/// after it. Returns false, leaving `text`, if there is none, or it is too big.
inline bool take_number(std::string_view& text, uint64_t& number) {
  uint64_t value = 0;
  size_t used = 0;
  while (used < text.size() && text[used] >= '0' && text[used] <= '9') {
    auto digit = static_cast<uint64_t>(text[used] - '0');
    if (value > (UINT64_MAX - digit) / 10)
      return false;
    value = value * 10 + digit;
    ++used;
  }
  if (used == 0)
    return false;
  number = value;
  text.remove_prefix(used);
  if (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  return true;
}

/// Reads a line of /proc/PID/stat. The second field is the program's name in
/// parentheses, which may hold spaces and parentheses itself: what follows the
/// last one counts.
inline bool parse_process_stat(std::string_view line, process_stat& out) {
  uint64_t number = 0;
  if (!take_number(line, number))
    return false;
  out.pid = static_cast<pid_t>(number);
  auto name_end = line.rfind(')');
  if (name_end == std::string_view::npos || line.size() < name_end + 4)
    return false;
  out.state = line[name_end + 2];
  line.remove_prefix(name_end + 4);
  // Fields 4, 5, 6 are parent, group, session; 22 is the start.
  for (int field = 4; field <= 22; ++field) {
    if (!line.empty() && line.front() == '-') // tpgid of a process without tty
      line.remove_prefix(1);
    if (!take_number(line, number))
      return false;
    if (field == 4)
      out.parent = static_cast<pid_t>(number);
    else if (field == 5)
      out.group = static_cast<pid_t>(number);
    else if (field == 6)
      out.session = static_cast<pid_t>(number);
  }
  out.start_ticks = number;
  return true;
}

/// Reads the file `path`, one of /proc/PID/stat. Returns false if there is no
/// such process.
inline bool load_process_stat(const char* path, process_stat& out) {
  auto fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  char bytes[1024];
  auto size = ::read(fd, bytes, sizeof(bytes));
  ::close(fd);
  return size > 0
         && parse_process_stat({bytes, static_cast<size_t>(size)}, out);
}

} // namespace agora
