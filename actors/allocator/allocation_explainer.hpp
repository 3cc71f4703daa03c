// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocation_state.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

#include "agora/session/tool.pb.h"

namespace agora {

/// What AgentExplanation.verdict says of one agent and one framework.
namespace verdict {

/// Nothing stands between them: the next plan offers the agent to the
/// framework, or to one that comes before it.
inline constexpr auto offerable = "offerable";
/// It is on offer to the framework now.
inline constexpr auto offered = "offered";
/// The framework has refused as much of it in all roles that want offers.
inline constexpr auto filtered = "filtered";
/// No role of the framework wants offers; the general reasons say why.
inline constexpr auto no_role = "no_role";
/// Others have all of it.
inline constexpr auto nothing_free = "nothing_free";
/// Less is free than is worth an offer.
inline constexpr auto below_minimum = "below_minimum";
/// It is not connected to the master.
inline constexpr auto not_attached = "not_attached";

} // namespace verdict

/// Says what stands between a framework and an offer, from what the allocator
/// decides by: an agent is offerable here if and only if a plan would offer it
/// to the framework, were no other before it. Changes nothing in `state`.
/// Filters that have ended at `now` do not count. Fails with not_found.
result<session::FrameworkExplanation> explain(allocation_state& state,
                                              const framework_id& framework,
                                              decline_filters::time_point now);

} // namespace agora
