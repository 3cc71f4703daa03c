// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace agora {

/// Logs, flushes and aborts. Called by AGORA_CHECK only.
[[noreturn]] void check_failed(const char* condition, const char* file,
                               int line);

} // namespace agora

/// Ends the process if `cond` is false, in every build type. For invariants of
/// our own only; what a peer, a user or a disk can cause is an errc.
#define AGORA_CHECK(cond)                                                      \
  do {                                                                         \
    if (!(cond))                                                               \
      ::agora::check_failed(#cond, __FILE__, __LINE__);                        \
  } while (false)
