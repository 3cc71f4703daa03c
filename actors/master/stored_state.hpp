// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/cluster/cluster_state.hpp"
#include "storage/store/store.hpp"

#include <functional>

namespace agora {

/// Visits a stored state: keys relative to it, in their order.
using stored_state_visit = std::function<status(const store_visitor&)>;

/// The cluster's state from what is stored of it.
/// @returns as cluster_state::load; what `visit_all` fails with.
result<cluster_state> load_stored_state(const stored_state_visit& visit_all,
                                        const cluster_limits& limits);

} // namespace agora
