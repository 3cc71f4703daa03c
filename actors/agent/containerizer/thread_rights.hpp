// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/process/user_lookup.hpp"

#include <sys/types.h>

#include <vector>

namespace agora {

/// Gives the calling thread, alone, another user's rights to files, for as
/// long as it lives: a task must not get at files of root's by naming them in
/// its command. Does nothing in an agent that is not root, which has no more
/// rights than its tasks.
class thread_rights {
public:
  thread_rights() = default;
  thread_rights(const thread_rights&) = delete;
  thread_rights& operator=(const thread_rights&) = delete;
  ~thread_rights();

  /// @returns errc::permission_denied; the thread is as before.
  status take(const user_ids& user);

private:
  bool taken_ = false;
  std::vector<gid_t> own_groups_;
};

} // namespace agora
