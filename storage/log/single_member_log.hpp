// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/log/replicated_log.hpp"

#include <memory>
#include <string_view>

namespace agora {

/// A log with one member: committed is what is on its own disk. Every open is
/// a new term. Owns the namespace "log/<name>/" of a store, all tickets of that
/// store, and its listener.
class single_member_log {
public:
  /// Reads what the store holds under `name`, checks every entry that is still
  /// there (checksum, place, no gap), and makes the next term durable.
  /// @returns errc::store_corrupt naming path and index; as store::write_now.
  static result<std::unique_ptr<replicated_log>>
  open(std::shared_ptr<store> where, std::string_view name,
       log_settings settings = {});
};

} // namespace agora
