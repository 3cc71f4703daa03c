// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// One change of a write batch.
struct write_operation {
  enum class kind : uint8_t {
    /// `key` holds `value` from now on.
    put,
    /// `key` is gone; no error if it was not there.
    erase,
    /// Every key in [key, value) is gone.
    erase_range,
  };

  kind what = kind::put;
  std::string key;
  std::string value;
};

/// Changes that reach the disk together or not at all, in the order in which
/// they were added. A plain value, cheap to move; it checks nothing: the store
/// that takes it holds it to its limits.
class write_batch {
public:
  /// Sets `key` to `value`.
  void put(std::string key, std::string value);

  /// Removes `key`, if it is there.
  void erase(std::string key);

  /// Removes every key in [`from`, `until`), in byte order.
  void erase_range(std::string from, std::string until);

  /// Removes every key that starts with `prefix`, which must not be empty.
  void erase_prefix(std::string_view prefix);

  /// Adds the changes of `other` behind the own ones.
  void append(write_batch other);

  /// Puts `prefix` before every key, range ends included: how the owner of a
  /// key space takes in changes of somebody who knows relative keys only.
  void prepend_to_keys(std::string_view prefix);

  /// The changes, oldest first.
  const std::vector<write_operation>& operations() const noexcept {
    return operations_;
  }

  /// What the batch weighs against a store's limits: keys, values and a fixed
  /// overhead for each operation.
  size_t bytes() const noexcept {
    return bytes_;
  }

  bool empty() const noexcept {
    return operations_.empty();
  }

private:
  void add(write_operation operation);

  std::vector<write_operation> operations_;
  size_t bytes_ = 0;
};

} // namespace agora
