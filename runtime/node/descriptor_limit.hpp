// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstdint>

namespace agora {

/// Descriptors that a process of ours needs besides its connections: the
/// database, which opens up to 256 tables, the log, pipes of CAF's.
inline constexpr uint64_t descriptors_for_itself = 512;

/// Raises the limit of open descriptors to what the system allows this process
/// and returns it. Fails: errc::permission_denied.
result<uint64_t> raise_descriptor_limit();

/// How many of up to `wanted` peers there is room for in `available`
/// descriptors.
uint32_t connections_within(uint64_t available, uint32_t wanted);

/// Fails with errc::limit_reached if `available` descriptors are not enough for
/// `connections` peers at once; the text says which number would be.
status check_descriptor_limit(uint64_t available, uint64_t connections);

} // namespace agora
