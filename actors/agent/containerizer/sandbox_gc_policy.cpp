// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/sandbox_gc_policy.hpp"

#include <algorithm>

namespace agora {

std::chrono::seconds sandbox_age_limit(const sandbox_gc_settings& settings,
                                       double disk_used) {
  auto part = std::clamp(1.0 - settings.disk_headroom - disk_used, 0.0, 1.0);
  return std::chrono::seconds{
    static_cast<int64_t>(static_cast<double>(settings.age.count()) * part)};
}

std::vector<std::filesystem::path>
sandboxes_to_remove(const sandbox_inventory& inventory,
                    const std::set<std::filesystem::path>& in_use,
                    const sandbox_gc_settings& settings, wall_time now) {
  auto limit = sandbox_age_limit(settings, inventory.disk_used);
  std::vector<std::filesystem::path> garbage;
  for (auto& sandbox : inventory.sandboxes)
    if (!in_use.contains(sandbox.path) && now - sandbox.since >= limit)
      garbage.push_back(sandbox.path);
  return garbage;
}

} // namespace agora
