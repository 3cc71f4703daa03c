// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// What the launcher and agora-shim tell each other. Shared with the shim, and
// therefore plain: no allocation, no exceptions, no other headers of ours.
//
// To the shim: its specification, as the file (an unnamed one, in memory) that
// it finds as its standard input; and signals.
//
// From the shim: its record, lines of text. It writes each of them to the file
// `<key>.state`, where a later agent finds them, and to a pipe, which ends when
// the shim ends, whatever the reason.
//
//   agora-shim 1 BOOT_ID SHIM_PID SHIM_START_TICKS
//   failed STEP ERRNO                          the task was not executed (even
//                                              in place of the first line), or
//   task PID START_TICKS                       it was, and then
//   exited CODE                                it ended by itself, or
//   signaled SIGNAL CORE_DUMPED(0|1)           it was ended
//
// One file to which lines are appended, and not one written aside and renamed
// for each step: the first line reserves the disk block before anything runs,
// so that the last cannot fail on a full disk; a line counts only with its
// newline; and it costs less. No fsync: after a power failure the boot id says
// that nothing runs any more.
//
// The shim creates the file, and starts nothing if it exists. A launcher that
// looks for a record and finds none creates the file itself, with the line
// `abandoned`: whoever comes first decides whether the task ever runs.

namespace agora::shim {

inline constexpr int version = 1;
inline constexpr int spec_fd = 0;
inline constexpr int report_fd = 3;

/// Makes the shim send SIGTERM to the task's process group.
inline constexpr int terminate_signal = SIGTERM;

/// Makes the shim kill all its descendants.
inline constexpr int kill_signal = SIGUSR1;

inline constexpr std::string_view record_magic = "agora-shim";
inline constexpr std::string_view abandoned_line = "abandoned\n";

/// Far more than a record takes.
inline constexpr size_t max_record_bytes = 4096;

/// What the shim was doing when it failed.
enum class start_step : uint8_t {
  none,
  read_specification,
  create_record,
  create_process,
  set_limit,
  switch_user,
  open_null,
  enter_sandbox,
  open_stdout,
  open_stderr,
  execute,
};

/// Names of the steps in the record, in the order above.
inline constexpr std::string_view step_names[] = {
  "none",        "read-specification", "create-record", "create-process",
  "set-limit",   "switch-user",        "open-null",     "enter-sandbox",
  "open-stdout", "open-stderr",        "execute",
};

/// The specification begins with this; behind it stand `limits` limits,
/// `groups` group ids, and the strings, each with its zero byte: record's path,
/// sandbox, boot id, program, arguments, environment.
struct spec_header {
  char magic[8];
  uint64_t bytes; // the whole specification
  uint32_t limits;
  uint32_t groups;
  uint32_t arguments;
  uint32_t variables;
  uint32_t switch_user; // 0: keep the user, ignoring the ids
  uint32_t uid;
  uint32_t gid;
  uint32_t reserved; // 0
};

inline constexpr char spec_magic[8] = {'a', 'g', 's', 'p', 'e', 'c', '0', '1'};

struct spec_limit {
  uint64_t resource;
  uint64_t soft;
  uint64_t hard;
};

inline constexpr uint64_t max_spec_bytes = 8 * 1024 * 1024;
inline constexpr uint32_t max_spec_limits = 64;
inline constexpr uint32_t max_spec_groups = 65536;

/// A specification where it stands in memory; nothing is copied.
struct spec_view {
  const spec_header* header = nullptr;
  const spec_limit* limits = nullptr;
  const gid_t* groups = nullptr;
  char* record_path = nullptr;
  char* sandbox = nullptr;
  char* boot_id = nullptr;
  char* program = nullptr;
  /// `arguments` strings, one behind the other, then `variables` more.
  char* strings = nullptr;
};

/// The string behind `text`.
inline char* next_string(char* text) {
  return text + std::strlen(text) + 1;
}

/// Takes `bytes`, aligned as a spec_header, apart. Returns false if they are
/// not a whole specification, down to the last zero byte.
inline bool parse_spec(char* bytes, size_t size, spec_view& out) {
  if (size < sizeof(spec_header) || size > max_spec_bytes)
    return false;
  auto header = reinterpret_cast<const spec_header*>(bytes);
  if (std::memcmp(header->magic, spec_magic, sizeof(spec_magic)) != 0
      || header->bytes != size || header->limits > max_spec_limits
      || header->groups > max_spec_groups)
    return false;
  size_t fixed = sizeof(spec_header) + header->limits * sizeof(spec_limit)
                 + header->groups * sizeof(gid_t);
  if (fixed >= size || bytes[size - 1] != '\0')
    return false;
  auto wanted = uint64_t{4} + header->arguments + header->variables;
  uint64_t found = 0;
  for (auto at = bytes + fixed; at < bytes + size; at = next_string(at)) {
    switch (found++) {
      case 0:
        out.record_path = at;
        break;
      case 1:
        out.sandbox = at;
        break;
      case 2:
        out.boot_id = at;
        break;
      case 3:
        out.program = at;
        out.strings = next_string(at);
        break;
      default:
        break;
    }
  }
  if (found != wanted || header->arguments == 0)
    return false;
  out.header = header;
  out.limits = reinterpret_cast<const spec_limit*>(bytes + sizeof(spec_header));
  out.groups = reinterpret_cast<const gid_t*>(
    bytes + sizeof(spec_header) + header->limits * sizeof(spec_limit));
  return true;
}

/// Builds lines of the record in place. What does not fit is cut off, which the
/// sizes of its parts exclude.
class record_text {
public:
  record_text& add(std::string_view text) {
    auto room = sizeof(bytes_) - size_;
    auto used = text.size() < room ? text.size() : room;
    std::memcpy(bytes_ + size_, text.data(), used);
    size_ += used;
    return *this;
  }

  record_text& add(uint64_t number) {
    char digits[20];
    size_t first = sizeof(digits);
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return add(std::string_view{digits + first, sizeof(digits) - first});
  }

  std::string_view view() const {
    return {bytes_, size_};
  }

private:
  char bytes_[512];
  size_t size_ = 0;
};

} // namespace agora::shim
