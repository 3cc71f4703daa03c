// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/shim_record.hpp"

#include "runtime/process/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <iterator>
#include <unistd.h>

namespace agora {
namespace {

/// The largest pid of any Linux, so that one never is negative.
constexpr uint64_t max_pid = 4 * 1024 * 1024;

std::string_view take_word(std::string_view& line) {
  auto word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

/// Reads `line` as exactly the given numbers, each with its upper limit.
template <size_t N>
bool read_numbers(std::string_view line, uint64_t (&numbers)[N],
                  const uint64_t (&limits)[N]) {
  for (size_t i = 0; i < N; ++i)
    if (!take_number(line, numbers[i]) || numbers[i] > limits[i])
      return false;
  return line.empty();
}

bool read_identity(std::string_view line, std::string boot_id,
                   std::optional<process_identity>& out) {
  uint64_t numbers[2] = {};
  if (!read_numbers(line, numbers, {max_pid, UINT64_MAX}) || numbers[0] == 0)
    return false;
  out = process_identity{std::move(boot_id), static_cast<pid_t>(numbers[0]),
                         numbers[1]};
  return true;
}

bool read_first_line(std::string_view line, shim_record& out) {
  uint64_t found_version = 0;
  if (take_word(line) != shim::record_magic || !take_number(line, found_version)
      || found_version != shim::version)
    return false;
  std::string boot_id{take_word(line)};
  return !boot_id.empty() && read_identity(line, std::move(boot_id), out.shim);
}

bool read_failure(std::string_view line, shim_record& out) {
  auto name = take_word(line);
  auto step
    = std::find(std::begin(shim::step_names), std::end(shim::step_names), name);
  uint64_t number[1] = {};
  if (step == std::end(shim::step_names) || out.task
      || !read_numbers(line, number, {4095}))
    return false;
  auto index = std::distance(std::begin(shim::step_names), step);
  out.failed = shim_record::failure{static_cast<shim::start_step>(index),
                                    static_cast<int>(number[0])};
  return true;
}

bool read_end(std::string_view word, std::string_view line, shim_record& out) {
  if (!out.task || out.ended)
    return false;
  if (word == "exited") {
    uint64_t number[1] = {};
    if (!read_numbers(line, number, {255}))
      return false;
    out.ended = exit_status::make_exited(static_cast<int>(number[0]));
    return true;
  }
  uint64_t numbers[2] = {};
  if (word != "signaled" || !read_numbers(line, numbers, {127, 1}))
    return false;
  out.ended
    = exit_status::make_signaled(static_cast<int>(numbers[0]), numbers[1] == 1);
  return true;
}

bool read_line(std::string_view line, shim_record& out) {
  if (out.abandoned || out.failed)
    return false;
  auto rest = line;
  auto word = take_word(rest);
  if (word == "failed") // also in place of the first line
    return read_failure(rest, out);
  if (!out.shim) {
    out.abandoned
      = line == shim::abandoned_line.substr(0, shim::abandoned_line.size() - 1);
    return out.abandoned || read_first_line(line, out);
  }
  if (word == "task")
    return !out.task && read_identity(rest, out.shim->boot_id, out.task);
  return read_end(word, rest, out);
}

status io_error(const std::string& what, const std::filesystem::path& path) {
  return fail(errc::io_failed,
              what + " " + path.string() + ": " + std::strerror(errno));
}

} // namespace

result<shim_record> parse_shim_record(std::string_view text) {
  shim_record record;
  for (;;) {
    auto end = text.find('\n');
    if (end == std::string_view::npos)
      return record;
    if (!read_line(text.substr(0, end), record))
      return fail(errc::store_corrupt,
                  "not a line of a shim's record: \""
                    + std::string{text.substr(0, std::min<size_t>(end, 80))}
                    + "\"");
    text.remove_prefix(end + 1);
  }
}

std::filesystem::path shim_record_path(const std::filesystem::path& directory,
                                       const std::string& key) {
  return directory / (key + ".state");
}

result<shim_record> read_shim_record(const std::filesystem::path& path) {
  unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!file && errno == ENOENT)
    return fail(errc::not_found, "no record " + path.string());
  if (!file)
    return io_error("cannot open the record", path);
  char bytes[shim::max_record_bytes + 1];
  auto size = ::read(file.get(), bytes, sizeof(bytes));
  if (size < 0)
    return io_error("cannot read the record", path);
  if (static_cast<size_t>(size) > shim::max_record_bytes)
    return fail(errc::too_large, "not a shim's record: " + path.string());
  auto record = parse_shim_record({bytes, static_cast<size_t>(size)});
  if (!record)
    return fail(errc::store_corrupt,
                path.string() + ": " + text_of(record.error()));
  return record;
}

status abandon_shim_record(const std::filesystem::path& path) {
  std::error_code ignored; // what matters is whether the file can be made
  std::filesystem::create_directories(path.parent_path(), ignored);
  unique_fd file{
    ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  if (!file && errno == EEXIST)
    return fail(errc::already_exists, "there is a record " + path.string());
  auto line = shim::abandoned_line;
  if (!file
      || ::write(file.get(), line.data(), line.size())
           != static_cast<ssize_t>(line.size()))
    return io_error("cannot write the record", path);
  return {};
}

std::string to_string(shim::start_step step) {
  std::string name{shim::step_names[static_cast<size_t>(step)]};
  std::replace(name.begin(), name.end(), '-', ' ');
  return name;
}

} // namespace agora
