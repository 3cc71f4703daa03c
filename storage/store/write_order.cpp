// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/write_order.hpp"

#include <algorithm>

namespace agora {

namespace {

using iterator = std::vector<const write_operation*>::iterator;

bool erases_range(const write_operation* what) {
  return what->what == write_operation::kind::erase_range;
}

/// Sorts [first, last), which erases no range, and moves the last operation of
/// each key to the front. Returns the end of these.
iterator last_of_each_key(iterator first, iterator last) {
  std::stable_sort(first, last, [](auto* left, auto* right) {
    return left->key < right->key;
  });
  auto kept = first;
  for (auto at = first; at != last; ++at)
    if (auto next = at + 1; next == last || (*next)->key != (*at)->key)
      *kept++ = *at;
  return kept;
}

} // namespace

std::vector<const write_operation*>
write_order(std::vector<const write_operation*> operations) {
  auto kept = operations.begin();
  for (auto at = operations.begin(); at != operations.end();) {
    auto range = std::find_if(at, operations.end(), erases_range);
    kept = std::move(at, last_of_each_key(at, range), kept);
    at = range;
    if (at != operations.end())
      *kept++ = *at++;
  }
  operations.erase(kept, operations.end());
  return operations;
}

} // namespace agora
