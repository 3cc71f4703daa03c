// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/stored_state.hpp"

#include <utility>

namespace agora {

result<cluster_state> load_stored_state(const stored_state_visit& visit_all,
                                        const cluster_limits& limits) {
  auto source = [&](const cluster_state::record_visitor& visitor) {
    status bad;
    auto failed = visit_all([&](std::string_view key, std::string_view value) {
      bad = visitor(key, value);
      return bad ? visit::stop : visit::more;
    });
    if (!bad)
      bad = std::move(failed);
    return bad;
  };
  return cluster_state::load(source, limits);
}

} // namespace agora
