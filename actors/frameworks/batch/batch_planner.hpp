// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/batch/job_table.hpp"

#include "agora/v1/offers.pb.h"

#include <cstddef>
#include <vector>

namespace agora {

/// Jobs for one offer.
struct batch_plan {
  v1::OfferID offer;
  /// Indices of jobs, in the order in which they are launched.
  std::vector<size_t> jobs;
};

/// Of the waiting jobs, so many that do not fit are looked past for each
/// offer, so that one large job does not keep small ones waiting, and a long
/// list does not make planning slow.
inline constexpr size_t planner_lookahead = 1'000;

/// How much of cpus and mem `offer` has.
job_size room_of(const v1::Offer& offer);

/// Packs waiting jobs into offers: each offer takes, in the list's order, what
/// still fits. An offer that gets no job is in the plan, too, with none.
/// @param parallelism At most so many jobs are active at once; 0 means any.
std::vector<batch_plan> plan_batch(const std::vector<v1::Offer>& offers,
                                   const job_table& table, size_t parallelism);

} // namespace agora
