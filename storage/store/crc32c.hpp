// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace agora {

/// The CRC-32C (RFC 3720, polynomial 0x1EDC6F41) of the concatenated `parts`.
/// Computed by RocksDB, which uses the processor's instruction for it.
uint32_t crc32c(std::initializer_list<std::string_view> parts);

} // namespace agora
