// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/interned_string.hpp"

#include "runtime/base/check.hpp"

#include <utility>

namespace agora {

interned_string string_pool::intern(std::string_view text) {
  if (text.empty())
    return {};
  auto found = entries_.find(text);
  if (found == entries_.end())
    found = entries_.emplace(std::string{text}, uses{this, 0}).first;
  return interned_string{&*found};
}

interned_string::interned_string(entry* which) noexcept : entry_(which) {
  ++entry_->second.count;
}

interned_string::interned_string(const interned_string& other) noexcept
  : entry_(other.entry_) {
  if (entry_ != nullptr)
    ++entry_->second.count;
}

interned_string::interned_string(interned_string&& other) noexcept
  : entry_(std::exchange(other.entry_, nullptr)) {
  // nop
}

interned_string& interned_string::operator=(interned_string other) noexcept {
  std::swap(entry_, other.entry_);
  return *this;
}

interned_string::~interned_string() {
  if (entry_ == nullptr || --entry_->second.count > 0)
    return;
  auto& entries = entry_->second.pool->entries_;
  auto found = entries.find(std::string_view{entry_->first});
  AGORA_CHECK(found != entries.end());
  entries.erase(found);
}

const std::string& interned_string::text() const noexcept {
  static const std::string none;
  return entry_ != nullptr ? entry_->first : none;
}

} // namespace agora
