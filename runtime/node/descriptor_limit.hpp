// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstdint>

namespace agora {

/// Descriptors that a process of ours needs besides its connections: the
/// database, the log, pipes of CAF's.
inline constexpr uint64_t descriptors_for_itself = 256;

/// Raises the limit of open descriptors to what the system allows this process
/// and returns it. Fails: errc::permission_denied.
result<uint64_t> raise_descriptor_limit();

/// Fails with errc::limit_reached if `available` descriptors are not enough for
/// `connections` peers at once; the text says which number would be.
status check_descriptor_limit(uint64_t available, uint64_t connections);

} // namespace agora
