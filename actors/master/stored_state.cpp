// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/stored_state.hpp"

#include <utility>

namespace agora {

result<cluster_state> load_stored_state(const state_source& source,
                                        const cluster_limits& limits) {
  auto records = [&](const cluster_state::record_visitor& visitor) {
    status bad;
    auto failed = source.visit_all([&](auto key, auto value) {
      bad = visitor(key, value);
      return bad ? visit::stop : visit::more;
    });
    if (!bad)
      bad = std::move(failed);
    return bad;
  };
  return cluster_state::load(records, limits);
}

} // namespace agora
