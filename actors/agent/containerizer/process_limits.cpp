// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/process_limits.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <optional>
#include <string>

namespace agora {

namespace {

using limit_type = v1::RLimitInfo::RLimit;

std::optional<int> resource_of(limit_type::Type type) {
  switch (type) {
    case limit_type::RLMT_AS:
      return RLIMIT_AS;
    case limit_type::RLMT_CORE:
      return RLIMIT_CORE;
    case limit_type::RLMT_CPU:
      return RLIMIT_CPU;
    case limit_type::RLMT_DATA:
      return RLIMIT_DATA;
    case limit_type::RLMT_FSIZE:
      return RLIMIT_FSIZE;
    case limit_type::RLMT_LOCKS:
      return RLIMIT_LOCKS;
    case limit_type::RLMT_MEMLOCK:
      return RLIMIT_MEMLOCK;
    case limit_type::RLMT_MSGQUEUE:
      return RLIMIT_MSGQUEUE;
    case limit_type::RLMT_NICE:
      return RLIMIT_NICE;
    case limit_type::RLMT_NOFILE:
      return RLIMIT_NOFILE;
    case limit_type::RLMT_NPROC:
      return RLIMIT_NPROC;
    case limit_type::RLMT_RSS:
      return RLIMIT_RSS;
    case limit_type::RLMT_RTPRIO:
      return RLIMIT_RTPRIO;
    case limit_type::RLMT_RTTIME:
      return RLIMIT_RTTIME;
    case limit_type::RLMT_SIGPENDING:
      return RLIMIT_SIGPENDING;
    case limit_type::RLMT_STACK:
      return RLIMIT_STACK;
    default:
      return std::nullopt;
  }
}

} // namespace

result<std::vector<process_limit>>
process_limits_of(const v1::RLimitInfo& wanted) {
  std::vector<process_limit> limits;
  for (auto& one : wanted.rlimits()) {
    auto name = limit_type::Type_Name(one.type());
    auto resource = resource_of(one.type());
    if (!resource)
      return fail(errc::invalid_argument, "rlimits: the type of a limit is "
                                          "missing or unknown");
    if (one.has_soft() != one.has_hard())
      return fail(errc::invalid_argument,
                  "rlimits: " + name
                    + " has only one of soft and hard; set both, or neither "
                      "for no limit");
    if (one.soft() > one.hard())
      return fail(errc::invalid_argument,
                  "rlimits: " + name + ".soft (" + std::to_string(one.soft())
                    + ") is above .hard (" + std::to_string(one.hard()) + ")");
    auto known = std::any_of(limits.begin(), limits.end(), [&](auto& limit) {
      return limit.resource == *resource;
    });
    if (known)
      return fail(errc::invalid_argument, "rlimits: " + name + " comes twice");
    if (one.has_hard())
      limits.push_back({*resource, one.soft(), one.hard()});
    else
      limits.push_back({*resource, RLIM_INFINITY, RLIM_INFINITY});
  }
  return limits;
}

} // namespace agora
