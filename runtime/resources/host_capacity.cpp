// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/host_capacity.hpp"

#include "runtime/base/check.hpp"
#include "runtime/resources/resources_text.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

constexpr uint64_t mib = 1024 * 1024;
constexpr uint64_t gib = 1024 * mib;

/// What is left of `bytes` for tasks, in thousandths of a MiB: all but `kept`,
/// or half if that would leave less than half.
int64_t offered_mib_milli(uint64_t bytes, uint64_t kept) {
  auto left = bytes >= 2 * kept ? bytes - kept : bytes / 2;
  auto whole = std::min<uint64_t>(left / mib, scalar_amount::units_limit);
  return static_cast<int64_t>(whole) * 1000;
}

resources ports(interval range) {
  auto numbers = ranges::from_intervals({range});
  AGORA_CHECK(numbers);
  auto made = resources::of("ports", std::move(*numbers));
  AGORA_CHECK(made);
  return std::move(*made);
}

} // namespace

resources default_resources(const host_capacity& host) {
  auto all = resources::of_milli(int64_t{host.cpus} * 1000,
                                 offered_mib_milli(host.memory_bytes, gib),
                                 offered_mib_milli(host.disk_bytes, 5 * gib));
  all += ports(default_ports);
  return all;
}

result<resources> agent_resources(std::string_view setting,
                                  const host_capacity& host) {
  auto said = parse_resources_setting(setting);
  if (!said)
    return std::move(said.error());
  status failed;
  default_resources(host).for_each(
    [&](std::string_view name, const resource_value& value) {
      if (failed
          || std::binary_search(said->names.begin(), said->names.end(), name))
        return;
      auto one = resources::of(name, value);
      failed = one ? said->value.add(*one) : std::move(one.error());
    });
  if (failed)
    return failed;
  return std::move(said->value);
}

} // namespace agora
