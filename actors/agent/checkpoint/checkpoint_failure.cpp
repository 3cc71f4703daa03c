// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/checkpoint/checkpoint_failure.hpp"

#include <caf/sec.hpp>

#include <string>

namespace agora {

status checkpoint_failure(status reason, std::chrono::milliseconds patience) {
  if (reason != caf::sec::request_timeout)
    return reason;
  return fail(errc::timeout,
              "the disk of the work directory has not taken a checkpoint for "
                + std::to_string(patience.count())
                + " ms: the agent ends, and its tasks run on; see to the disk, "
                  "then start the agent again on the same work directory");
}

} // namespace agora
