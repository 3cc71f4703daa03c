// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// How keys are built, so that many owners share one store and scans run in
/// the order of numbers: a key is a namespace, which ends in '/', and then
/// text or big-endian numbers.
namespace store_keys {

/// Appends `number` to `key` as eight bytes, most significant first, so that
/// the byte order of keys is the order of their numbers.
void append_number(std::string& key, uint64_t number);

/// `space` followed by `number`.
std::string numbered(std::string_view space, uint64_t number);

/// The number in the last eight bytes of `key`, or nothing if it is shorter.
std::optional<uint64_t> trailing_number(std::string_view key);

/// The first key behind all keys that start with `prefix`; empty if there is
/// none, i.e. if `prefix` is empty or nothing but 0xff.
std::string end_of_prefix(std::string_view prefix);

/// The namespace `name` within `parent`: both, and a '/'.
/// @pre `name` holds no '/': names that do could meet in one namespace.
std::string nested(std::string_view parent, std::string_view name);

} // namespace store_keys

} // namespace agora
