// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/consensus_message.hpp"

#include "agora/session/replica.pb.h"

#include <optional>

namespace agora {

/// The form in which a message travels.
void to_wire(const consensus_message& from, session::ConsensusMessage& to);

/// Takes the entries' payloads out of `from`. Nothing if it has no body that
/// this version knows, or an entry of an unknown kind; what else can be wrong
/// with it is the machine's affair.
std::optional<consensus_message> from_wire(session::ConsensusMessage& from);

/// How many bytes of payload a message carries.
size_t payload_bytes(const consensus_message& message);

} // namespace agora
