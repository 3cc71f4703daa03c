// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <chrono>

namespace agora {

/// Why a checkpoint is not on disk, as the error with which an agent ends.
/// @param reason What the request to the writer failed with.
/// @param patience How long the request has waited at most.
/// @returns errc::timeout, naming `patience` and what to do, for a writer that
///          did not answer; otherwise `reason`, which says it itself.
status checkpoint_failure(status reason, std::chrono::milliseconds patience);

} // namespace agora
