// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace agora {

/// A user as the kernel knows them.
struct user_ids {
  uid_t uid = 0;
  gid_t gid = 0;
  /// All their groups, with `gid`.
  std::vector<gid_t> groups;
};

/// Looks `name` up in the system's databases; may block on the network where
/// these are remote. (The static shim cannot do it: they are plug-ins of libc.)
/// Fails: not_found; too_large (more than 65,536 groups); io_failed.
result<user_ids> look_up_user(const std::string& name);

} // namespace agora
