// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/process/launcher.hpp"

#include "agora/v1/containers.pb.h"

#include <vector>

namespace agora {

/// The kernel's limits on a process, as a ContainerInfo asks for them. A limit
/// with neither value is none at all.
/// @returns errc::invalid_argument for an unknown type, one that comes twice,
///          only one of the two values, or a soft one above the hard one; the
///          text names the type.
result<std::vector<process_limit>>
process_limits_of(const v1::RLimitInfo& wanted);

} // namespace agora
