// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace agora {

/// A set of names, such as zones or devices; sorted, each once.
class string_set {
public:
  /// Items that one value from outside may have.
  static constexpr size_t items_limit = 4096;

  /// Bytes that one item may have.
  static constexpr size_t item_bytes_limit = 1024;

  string_set() = default;

  /// Takes items in any order. Fails with invalid_resources, naming the item,
  /// if one is empty, too long, there twice, not UTF-8 or contains a control
  /// character, or if they are too many.
  static result<string_set> from_items(std::vector<std::string> list);

  const std::vector<std::string>& items() const {
    return items_;
  }

  bool empty() const {
    return items_.empty();
  }

  bool contains(const string_set& other) const;

  /// The items that are in either.
  string_set united(const string_set& other) const;

  /// The items that are in both.
  string_set intersected(const string_set& other) const;

  /// The items that are here and not in `other`.
  string_set without(const string_set& other) const;

  bool operator==(const string_set&) const = default;

private:
  std::vector<std::string> items_;
};

/// "{a,b}"
std::string to_string(const string_set& what);

} // namespace agora
