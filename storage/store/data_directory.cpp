// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/data_directory.hpp"

#include "storage/store/crc32c.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <sstream>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace agora {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view marker_name = "AGORA";
/// A marker under way; left behind by a crash, and then overwritten.
constexpr std::string_view marker_draft = "AGORA.draft";
/// Takes up room for a moment; left behind by a crash, and then overwritten.
constexpr std::string_view room_name = "AGORA.room";
constexpr std::string_view state_new = "new";
constexpr std::string_view state_ready = "ready";
constexpr size_t marker_bytes_limit = 4096;

std::string hex(uint64_t number, size_t digits) {
  std::string text(digits, '0');
  for (size_t i = digits; i-- > 0; number >>= 4)
    text[i] = "0123456789abcdef"[number & 0xf];
  return text;
}

std::string random_uid() {
  std::random_device source;
  std::string uid;
  for (int i = 0; i < 4; ++i)
    uid += hex(source(), 8);
  return uid;
}

/// Whether `path` holds nothing of anybody's. A fresh file system has
/// lost+found.
result<bool> is_empty(const std::string& path) {
  std::error_code error;
  for (fs::directory_iterator at{path, error}, end; !error && at != end;
       at.increment(error)) {
    auto name = at->path().filename().string();
    if (name != "lost+found" && name != marker_draft && name != room_name)
      return false;
  }
  if (error)
    return errno_failure(error.value(), "list", path);
  return true;
}

/// The first bytes of `file`, more than a marker has.
result<std::string> read_start(const std::string& file) {
  auto fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return errno_failure(errno, "open", file);
  std::string text(marker_bytes_limit, '\0');
  auto got = ::read(fd, text.data(), text.size());
  auto error = errno;
  ::close(fd);
  if (got < 0)
    return errno_failure(error, "read", file);
  text.resize(static_cast<size_t>(got));
  return text;
}

/// Makes the directory `path` and its entry in its parent durable.
/// @returns errc::not_found if the parent is missing; success if it exists.
status make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0) {
    if (errno == EEXIST)
      return {};
    if (errno == ENOENT)
      return fail(errc::not_found,
                  "cannot create " + path
                    + ": its parent directory does not exist; create it first");
    return errno_failure(errno, "create", path);
  }
  auto parent = fs::path{path}.parent_path().string();
  auto fd = ::open(parent.empty() ? "." : parent.c_str(),
                   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return errno_failure(errno, "open", parent);
  auto error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error == 0 ? status{} : errno_failure(error, "sync", parent);
}

status write_durably(const std::string& file, std::string_view text) {
  auto fd
    = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0)
    return errno_failure(errno, "create", file);
  auto written = ::write(fd, text.data(), text.size());
  auto error = written == static_cast<ssize_t>(text.size()) ? 0
               : written < 0                                ? errno
                                                            : ENOSPC;
  if (error == 0 && ::fsync(fd) != 0)
    error = errno;
  ::close(fd);
  return error == 0 ? status{} : errno_failure(error, "write", file);
}

} // namespace

status errno_failure(int number, std::string_view what,
                     const std::string& path) {
  auto text = "cannot " + std::string{what} + " " + path + ": "
              + std::generic_category().message(number);
  switch (number) {
    case EACCES:
    case EPERM:
    case EROFS:
      return fail(errc::permission_denied,
                  text + "; choose another directory or change its owner");
    case ENOSPC:
    case EDQUOT:
      return fail(errc::store_full, text);
    case ENOENT:
      return fail(errc::not_found, text);
    default:
      return fail(errc::io_failed, text);
  }
}

data_directory::data_directory(std::string path, int lock)
  : path_(std::move(path)), lock_(lock) {
  // nop
}

data_directory::data_directory(data_directory&& other) noexcept
  : path_(std::move(other.path_)),
    lock_(std::exchange(other.lock_, -1)),
    identity_(std::move(other.identity_)),
    is_new_(other.is_new_) {
  // nop
}

data_directory& data_directory::operator=(data_directory&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  std::swap(identity_, other.identity_);
  std::swap(is_new_, other.is_new_);
  return *this;
}

data_directory::~data_directory() {
  if (lock_ >= 0)
    ::close(lock_);
}

result<data_directory> data_directory::claim(std::string path,
                                             std::string_view kind) {
  while (path.size() > 1 && path.back() == '/')
    path.pop_back();
  if (path.empty())
    return fail(errc::invalid_argument, "the data directory has an empty path");
  if (auto bad = make_directory(path))
    return bad;
  auto fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return errno_failure(errno, "open", path);
  data_directory held{std::move(path), fd};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return fail(errc::store_locked,
                  held.path_
                    + " is in use by another process; stop it, or choose "
                      "another directory");
    return errno_failure(errno, "lock", held.path_);
  }
  if (auto bad = held.read_or_make_marker(kind))
    return bad;
  return held;
}

status data_directory::read_or_make_marker(std::string_view kind) {
  auto file = path_ + "/" + std::string{marker_name};
  std::error_code error;
  if (fs::exists(file, error)) {
    auto text = read_start(file);
    return text ? read_marker(*text, kind) : text.error();
  }
  if (error)
    return errno_failure(error.value(), "read", file);
  auto empty = is_empty(path_);
  if (!empty)
    return empty.error();
  if (!*empty)
    return fail(errc::store_foreign,
                path_
                  + " is not empty and has no file AGORA: it is not a data "
                    "directory of ours; choose an empty or a new directory");
  identity_ = {std::string{kind}, random_uid()};
  is_new_ = true;
  return write_marker(state_new);
}

status data_directory::check_room(size_t bytes) const {
  auto file = path_ + "/" + std::string{room_name};
  auto fd
    = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0)
    return errno_failure(errno, "create", file);
  auto error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  ::close(fd);
  ::unlink(file.c_str());
  if (error == ENOSPC || error == EDQUOT)
    return fail(errc::store_full, "the disk of " + path_
                                    + " is full: a start needs "
                                    + std::to_string(bytes)
                                    + " bytes; make room and start again");
  return error == 0 ? status{} : errno_failure(error, "write", file);
}

/// The marker is lines of "name value"; the last one, "check", is the checksum
/// of those before it.
status data_directory::read_marker(std::string_view text,
                                   std::string_view kind) {
  auto damaged = [&] {
    return fail(errc::store_corrupt, path_ + "/AGORA is damaged; restore it");
  };
  // The format decides first, so that a newer one may look otherwise.
  std::istringstream in{std::string{text}};
  std::string name;
  uint64_t found_format = 0;
  if (!(in >> name >> found_format) || name != "format")
    return damaged();
  if (found_format > format)
    return fail(errc::store_foreign,
                path_ + " has format " + std::to_string(found_format)
                  + ", which was made by a newer version; this one knows up to "
                  + std::to_string(format));
  std::array<std::string, 4> names;
  std::array<std::string, 4> values;
  for (size_t i = 0; i < names.size(); ++i)
    in >> names[i] >> values[i];
  auto check_at = text.rfind("check ");
  if (!in
      || names != std::array<std::string, 4>{"kind", "uid", "state", "check"}
      || check_at == std::string_view::npos
      || values[3] != hex(crc32c({text.substr(0, check_at)}), 8))
    return damaged();
  if (values[0] != kind)
    return fail(errc::store_foreign, path_
                                       + " is the data directory of a node "
                                         "of kind "
                                       + values[0] + ", not "
                                       + std::string{kind});
  identity_ = {values[0], values[1]};
  is_new_ = values[2] == state_new;
  return {};
}

status data_directory::mark_ready() {
  if (auto bad = write_marker(state_ready))
    return bad;
  is_new_ = false;
  return {};
}

status data_directory::write_marker(std::string_view state) {
  std::ostringstream text;
  text << "format " << format << "\nkind " << identity_.kind << "\nuid "
       << identity_.uid << "\nstate " << state << "\n";
  auto check = hex(crc32c({text.view()}), 8);
  text << "check " << check << "\n";
  auto draft = path_ + "/" + std::string{marker_draft};
  auto file = path_ + "/" + std::string{marker_name};
  if (auto bad = write_durably(draft, text.view()))
    return bad;
  if (::rename(draft.c_str(), file.c_str()) != 0)
    return errno_failure(errno, "write", file);
  if (::fsync(lock_) != 0)
    return errno_failure(errno, "sync", path_);
  return {};
}

} // namespace agora
