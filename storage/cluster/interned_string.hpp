// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace agora {

class interned_string;

/// Keeps one copy of each text that many records share: roles, names of
/// tasks, ids of executors. A text goes with the last handle to it. Handles
/// must not outlive their pool. Not for use by several threads.
class string_pool {
public:
  string_pool() = default;
  string_pool(const string_pool&) = delete;
  string_pool& operator=(const string_pool&) = delete;

  /// The handle of `text`; the empty text needs no place in the pool.
  interned_string intern(std::string_view text);

  /// How many different texts are held.
  size_t size() const noexcept {
    return entries_.size();
  }

private:
  friend class interned_string;

  struct hash {
    using is_transparent = void;

    size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  struct uses {
    string_pool* pool = nullptr;
    uint32_t count = 0;
  };

  using table = std::unordered_map<std::string, uses, hash, std::equal_to<>>;

  table entries_;
};

/// A text in a string_pool: eight bytes, cheap to copy. The default is the
/// empty text. Handles of one pool are equal if and only if their texts are.
class interned_string {
public:
  interned_string() = default;
  interned_string(const interned_string& other) noexcept;
  interned_string(interned_string&& other) noexcept;
  interned_string& operator=(interned_string other) noexcept;
  ~interned_string();

  const std::string& text() const noexcept;

  bool empty() const noexcept {
    return entry_ == nullptr;
  }

  friend bool operator==(const interned_string& lhs,
                         const interned_string& rhs) noexcept {
    return lhs.entry_ == rhs.entry_;
  }

private:
  friend class string_pool;

  using entry = string_pool::table::value_type;

  explicit interned_string(entry* which) noexcept;

  entry* entry_ = nullptr;
};

} // namespace agora
