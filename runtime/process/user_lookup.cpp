// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/user_lookup.hpp"

#include "runtime/process/shim_protocol.hpp"

#include <cerrno>
#include <cstring>
#include <grp.h>
#include <pwd.h>

namespace agora {
namespace {

/// Entries of remote databases can be long; beyond this they are nonsense.
constexpr size_t max_entry_bytes = 1024 * 1024;

} // namespace

result<user_ids> look_up_user(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> bytes(4096);
  int error = 0;
  for (;;) {
    error
      = getpwnam_r(name.c_str(), &entry, bytes.data(), bytes.size(), &found);
    if (error != ERANGE || bytes.size() >= max_entry_bytes)
      break;
    bytes.resize(bytes.size() * 2);
  }
  if (found == nullptr && (error == 0 || error == ENOENT || error == ESRCH))
    return fail(errc::not_found, "unknown user \"" + name + "\"");
  if (found == nullptr)
    return fail(errc::io_failed, "cannot look up user \"" + name
                                   + "\": " + std::strerror(error));
  user_ids ids{entry.pw_uid, entry.pw_gid, std::vector<gid_t>(32)};
  auto count = static_cast<int>(ids.groups.size());
  while (getgrouplist(name.c_str(), ids.gid, ids.groups.data(), &count) < 0) {
    if (ids.groups.size() >= shim::max_spec_groups)
      return fail(errc::too_large, "user \"" + name + "\" has over "
                                     + std::to_string(shim::max_spec_groups)
                                     + " groups");
    ids.groups.resize(ids.groups.size() * 2);
    count = static_cast<int>(ids.groups.size());
  }
  ids.groups.resize(static_cast<size_t>(count));
  return ids;
}

} // namespace agora
