// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_message.hpp"

namespace agora {

/// Terms and indexes are below: no sum of them overflows.
constexpr uint64_t term_and_index_limit = uint64_t{1} << 62;

/// Whether a message can be acted upon without breaking the log, whoever sent
/// it: numbers within their limits, entries without a gap and with terms that
/// do not fall, configurations that can be read.
bool is_well_formed(const consensus_message& message);

} // namespace agora
