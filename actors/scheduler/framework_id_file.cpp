// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/framework_program.hpp"
#include "runtime/process/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace agora {

namespace {

/// A framework's id is far shorter; a file that is larger holds something else.
constexpr size_t id_bytes_limit = 1'024;

using path = std::filesystem::path;

status cannot(const char* what, const path& file) {
  auto why = std::generic_category().message(errno);
  return fail(errc::io_failed,
              std::string{"cannot "} + what + " " + file.string()
                + ", where the framework's id is kept: " + why);
}

path folder_of(const path& file) {
  auto folder = file.parent_path();
  return folder.empty() ? path{"."} : folder;
}

/// Empty if there is no file: the framework has no id yet.
result<std::string> load(const path& file) {
  unique_fd in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!in && errno == ENOENT)
    return std::string{};
  std::array<char, id_bytes_limit + 1> bytes{};
  auto count = in ? ::read(in.get(), bytes.data(), bytes.size()) : -1;
  if (count < 0)
    return cannot("read", file);
  std::string_view text{bytes.data(), static_cast<size_t>(count)};
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.empty() || text.size() == bytes.size()
      || text.find_first_of(std::string_view{"\n\0 ", 3}) != text.npos)
    return fail(errc::store_corrupt,
                file.string()
                  + " does not hold the id of a framework; remove it to begin "
                    "as a new one");
  return std::string{text};
}

/// Whole and on disk, or as it was before: the id is all that leads back to
/// the framework's tasks.
status keep(const path& file, const std::string& id) {
  auto draft = file;
  draft += ".new";
  auto line = id + "\n";
  {
    unique_fd out{
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (!out
        || ::write(out.get(), line.data(), line.size())
             != static_cast<ssize_t>(line.size())
        || ::fsync(out.get()) != 0)
      return cannot("write", draft);
  }
  unique_fd folder{
    ::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (::rename(draft.c_str(), file.c_str()) != 0 || !folder
      || ::fsync(folder.get()) != 0)
    return cannot("write", file);
  return {};
}

status forget(const path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    return cannot("remove", file);
  return {};
}

} // namespace

status keep_framework_id(framework_options& options, const path& file) {
  auto known = load(file);
  if (!known)
    return std::move(known.error());
  // Better now than when the master has made room for a framework.
  if (::access(folder_of(file).c_str(), W_OK | X_OK) != 0)
    return cannot("write", file);
  options.driver.info.clear_id();
  if (!known->empty())
    options.driver.info.mutable_id()->set_value(*known);
  options.driver.keep_id = [file](const framework_id& id) {
    return id.empty() ? forget(file) : keep(file, id.text());
  };
  return {};
}

} // namespace agora
