// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/process_identity.hpp"

#include "runtime/process/unique_fd.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace agora {

std::string to_string(const process_identity& who) {
  if (who.pid == 0)
    return "no process";
  return "pid " + std::to_string(who.pid) + " started at "
         + std::to_string(who.start_ticks) + " of boot "
         + (who.boot_id.empty() ? "?" : who.boot_id);
}

result<std::string> read_boot_id() {
  static constexpr auto path = "/proc/sys/kernel/random/boot_id";
  unique_fd file{::open(path, O_RDONLY | O_CLOEXEC)};
  char bytes[64];
  auto size = file ? ::read(file.get(), bytes, sizeof(bytes)) : -1;
  if (size <= 0)
    return fail(errc::io_failed, std::string{"cannot read "} + path + ": "
                                   + strerror(errno) + "; is /proc mounted?");
  std::string id{bytes, static_cast<size_t>(size)};
  while (!id.empty() && id.back() == '\n')
    id.pop_back();
  return id;
}

result<process_stat> read_process_stat(pid_t pid) {
  process_stat found;
  auto path = "/proc/" + std::to_string(pid) + "/stat";
  if (!load_process_stat(path.c_str(), found))
    return fail(errc::not_found, "no process " + std::to_string(pid));
  return found;
}

result<process_identity> identify_process(pid_t pid, std::string boot_id) {
  auto found = read_process_stat(pid);
  if (!found)
    return std::move(found.error());
  return process_identity{std::move(boot_id), pid, found->start_ticks};
}

bool is_alive(const process_identity& who, const std::string& boot_id) {
  if (who.pid <= 0 || who.boot_id != boot_id)
    return false;
  auto found = read_process_stat(who.pid);
  return found && found->start_ticks == who.start_ticks && found->state != 'Z'
         && found->state != 'X';
}

} // namespace agora
