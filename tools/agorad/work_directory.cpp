// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/work_directory.hpp"

#include "runtime/messaging/tcp_socket.hpp"

#include <sys/file.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace agora {

namespace {

// Whether `port` can be bound now; for 0 the one that the system chose.
result<uint16_t> probe(const std::string& host, uint16_t port) {
  auto listener = tcp_listen(host, port);
  if (!listener)
    return listener.error();
  ::close(listener->socket);
  return listener->port;
}

} // namespace

std::filesystem::path default_work_dir(const std::string& name) {
  if (geteuid() == 0)
    return std::filesystem::path{"/var/lib/agora"} / name;
  if (auto* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data)
    return std::filesystem::path{data} / "agora" / name;
  if (auto* home = std::getenv("HOME"); home != nullptr && *home)
    return std::filesystem::path{home} / ".local/share/agora" / name;
  return std::filesystem::path{"agora"} / name;
}

result<std::filesystem::path>
make_work_directory(const std::filesystem::path& path) {
  std::error_code err;
  auto absolute = std::filesystem::absolute(path, err);
  if (!err)
    std::filesystem::create_directories(absolute, err);
  if (err)
    return fail(err == std::errc::permission_denied ? errc::permission_denied
                                                    : errc::io_failed,
                "cannot make the work directory " + path.string() + ": "
                  + err.message());
  return absolute.lexically_normal();
}

directory_lock::directory_lock(int descriptor) : descriptor_(descriptor) {
  // nop
}

directory_lock::directory_lock(directory_lock&& other) noexcept
  : descriptor_(std::exchange(other.descriptor_, -1)) {
  // nop
}

directory_lock::~directory_lock() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

result<directory_lock>
directory_lock::take(const std::filesystem::path& directory) {
  auto descriptor
    = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(errc::io_failed, "cannot open the work directory "
                                   + directory.string() + ": "
                                   + std::strerror(errno));
  directory_lock lock{descriptor};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    return fail(errc::store_locked,
                "the work directory " + directory.string()
                  + " is in use by another process; end that one first, or "
                    "name another directory with --work-dir");
  return lock;
}

result<uint16_t> choose_port(const std::filesystem::path& directory,
                             const std::string& host, uint16_t asked) {
  if (asked != 0)
    return probe(host, asked);
  auto note = directory / "port";
  uint16_t last = 0;
  if (std::ifstream{note} >> last && last != 0)
    if (auto again = probe(host, last))
      return again;
  auto fresh = probe(host, 0);
  if (fresh)
    std::ofstream{note} << *fresh << '\n';
  return fresh;
}

} // namespace agora
