// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/cluster/cluster_state.hpp"
#include "storage/log/state_source.hpp"

namespace agora {

/// The cluster's state from what is stored of it.
/// @returns as cluster_state::load; what `source` fails with.
result<cluster_state> load_stored_state(const state_source& source,
                                        const cluster_limits& limits);

} // namespace agora
