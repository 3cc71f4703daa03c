// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace agora {

result<uint64_t> raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail(errc::permission_denied,
                std::string{"getrlimit: "} + std::strerror(errno));
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail(errc::permission_denied,
                std::string{"setrlimit: "} + std::strerror(errno));
  return static_cast<uint64_t>(limit.rlim_cur);
}

uint32_t connections_within(uint64_t available, uint32_t wanted) {
  auto room = available > descriptors_for_itself
                ? available - descriptors_for_itself
                : 0;
  return static_cast<uint32_t>(std::min<uint64_t>(room, wanted));
}

status check_descriptor_limit(uint64_t available, uint64_t connections) {
  auto needed = descriptors_for_itself + connections;
  if (available >= needed)
    return {};
  return fail(errc::limit_reached,
              "this process may open " + std::to_string(available)
                + " files and connections, but " + std::to_string(connections)
                + " peers need " + std::to_string(needed)
                + "; raise the limit (ulimit -Hn, or LimitNOFILE= of its "
                  "service)");
}

} // namespace agora
