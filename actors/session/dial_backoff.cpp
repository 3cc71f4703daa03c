// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/dial_backoff.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>

namespace agora {

dial_backoff::dial_backoff(dial_backoff_settings settings, size_t addresses,
                           uint64_t seed)
  : settings_(settings), addresses_(addresses), wait_(settings.first) {
  AGORA_CHECK(addresses > 0 && settings.scatter_percent <= 100);
  // Neighbouring seeds alone would give neighbouring numbers.
  std::seed_seq mixed{static_cast<uint32_t>(seed),
                      static_cast<uint32_t>(seed >> 32)};
  random_.seed(mixed);
}

std::chrono::milliseconds dial_backoff::next_wait() {
  auto most
    = static_cast<uint64_t>(wait_.count()) * settings_.scatter_percent / 100;
  auto wait = wait_ - std::chrono::milliseconds{random_() % (most + 1)};
  // Each address gets its chance before all have to wait for longer: only one
  // of several masters leads.
  if (++attempts_ % addresses_ == 0)
    wait_ = std::min(wait_ * 2, settings_.last);
  return std::max(wait, std::chrono::milliseconds{1});
}

void dial_backoff::reset() {
  wait_ = settings_.first;
}

} // namespace agora
