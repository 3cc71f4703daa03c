// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/store_limits.hpp"

#include <string>

namespace agora {

namespace {

std::string over(const char* what, size_t is, const char* limit, size_t at) {
  return std::string{what} + " of " + std::to_string(is) + " bytes, " + limit
         + " is " + std::to_string(at);
}

} // namespace

status check_batch(const write_batch& batch, const store_limits& limits) {
  if (batch.bytes() > limits.batch_bytes)
    return fail(errc::too_large, over("a write batch", batch.bytes(),
                                      "batch_bytes", limits.batch_bytes));
  for (auto& operation : batch.operations())
    if (operation.key.size() > limits.key_bytes)
      return fail(errc::too_large, over("a key", operation.key.size(),
                                        "key_bytes", limits.key_bytes));
  return {};
}

status check_queue(size_t queued_bytes, size_t queued_batches,
                   const store_limits& limits) {
  if (queued_bytes >= limits.queued_bytes
      || queued_batches >= limits.queued_batches)
    return fail(errc::limit_reached,
                "the disk is behind: " + std::to_string(queued_batches)
                  + " batches of " + std::to_string(queued_bytes)
                  + " bytes wait for it");
  return {};
}

} // namespace agora
