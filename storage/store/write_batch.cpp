// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/write_batch.hpp"

#include "runtime/base/check.hpp"
#include "storage/store/store_keys.hpp"

#include <iterator>
#include <utility>

namespace agora {

namespace {

/// What an operation weighs besides its bytes: its place in the vector and the
/// allocations of its two strings.
constexpr size_t operation_overhead_bytes = 96;

size_t weight(const write_operation& operation) {
  return operation.key.size() + operation.value.size()
         + operation_overhead_bytes;
}

} // namespace

void write_batch::put(std::string key, std::string value) {
  add({write_operation::kind::put, std::move(key), std::move(value)});
}

void write_batch::erase(std::string key) {
  add({write_operation::kind::erase, std::move(key), {}});
}

void write_batch::erase_range(std::string from, std::string until) {
  add({write_operation::kind::erase_range, std::move(from), std::move(until)});
}

void write_batch::erase_prefix(std::string_view prefix) {
  auto until = store_keys::end_of_prefix(prefix);
  AGORA_CHECK(!until.empty());
  erase_range(std::string{prefix}, std::move(until));
}

void write_batch::append(write_batch other) {
  bytes_ += other.bytes_;
  if (operations_.empty()) {
    operations_ = std::move(other.operations_);
    return;
  }
  operations_.insert(operations_.end(),
                     std::make_move_iterator(other.operations_.begin()),
                     std::make_move_iterator(other.operations_.end()));
}

void write_batch::prepend_to_keys(std::string_view prefix) {
  for (auto& operation : operations_) {
    bytes_ -= weight(operation);
    operation.key.insert(0, prefix);
    if (operation.what == write_operation::kind::erase_range)
      operation.value.insert(0, prefix);
    bytes_ += weight(operation);
  }
}

void write_batch::add(write_operation operation) {
  bytes_ += weight(operation);
  operations_.push_back(std::move(operation));
}

} // namespace agora
