// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/leader_checker.hpp"
#include "tests/simulation/tested_cluster.hpp"

#include <string>

namespace agora::simulation {

/// What a cluster still has to do before it has settled, as a sentence; empty
/// if nothing: every framework has what it wanted, nothing runs, nothing is
/// reserved or on offer, and agents have nothing more in their stores.
std::string unsettled(tested_cluster& cluster, const leader_checker& leader);

/// Who has waited for an offer for longer than is right, with nothing broken
/// since `healthy_since`; empty if nobody.
std::string starved(const world& sim, tested_cluster& cluster,
                    world::time_point healthy_since);

/// What is wrong at the end of a run that has settled; empty if nothing: every
/// task has one end in the log, its framework has heard of it, and what is
/// stored is what the log says.
std::string wrong_at_end(tested_cluster& cluster, const leader_checker& leader);

} // namespace agora::simulation
