// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/restart_policy.hpp"

#include <algorithm>

namespace agora {

void restart_policy::started(time_point now) {
  started_ = now;
}

std::optional<std::chrono::milliseconds> restart_policy::died(time_point now) {
  if (now - started_ >= settled_after)
    deaths_ = 0;
  if (++deaths_ >= deaths_limit)
    return std::nullopt;
  return std::min(backoff_first * (1 << (deaths_ - 1)), backoff_last);
}

} // namespace agora
