// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/thread_rights.hpp"

#include "runtime/base/check.hpp"

#include <sys/fsuid.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <grp.h>
#include <unistd.h>

namespace agora {

namespace {

/// The system call itself: libc's function would change every thread.
long set_thread_groups(const std::vector<gid_t>& groups) {
  return ::syscall(SYS_setgroups, groups.size(), groups.data());
}

bool has_fs_ids(uid_t uid, gid_t gid) {
  // These calls report no error, only the value before; -1 changes nothing.
  return static_cast<uid_t>(::setfsuid(static_cast<uid_t>(-1))) == uid
         && static_cast<gid_t>(::setfsgid(static_cast<gid_t>(-1))) == gid;
}

} // namespace

status thread_rights::take(const user_ids& user) {
  if (::geteuid() != 0)
    return {};
  own_groups_.resize(static_cast<size_t>(::getgroups(0, nullptr)));
  if (!own_groups_.empty()
      && ::getgroups(static_cast<int>(own_groups_.size()), own_groups_.data())
           < 0)
    return fail(errc::permission_denied, "cannot read the agent's groups");
  if (set_thread_groups(user.groups) != 0)
    return fail(errc::permission_denied,
                std::string{"cannot take the user's groups: "}
                  + std::strerror(errno));
  taken_ = true;
  ::setfsgid(user.gid);
  ::setfsuid(user.uid);
  if (!has_fs_ids(user.uid, user.gid))
    return fail(errc::permission_denied, "cannot take the user's rights");
  return {};
}

thread_rights::~thread_rights() {
  if (!taken_)
    return;
  ::setfsuid(::geteuid());
  ::setfsgid(::getegid());
  // With a user's rights left, the agent could not go on.
  AGORA_CHECK(has_fs_ids(::geteuid(), ::getegid()));
  AGORA_CHECK(set_thread_groups(own_groups_) == 0);
}

} // namespace agora
