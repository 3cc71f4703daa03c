// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/batch_planner.hpp"

#include "actors/scheduler/scheduler_calls.hpp"

#include <cmath>
#include <limits>
#include <set>

namespace agora {

namespace {

int64_t milli_of(const v1::Offer& offer, const char* name) {
  return std::llround(calls::amount_of(offer, name) * 1000);
}

} // namespace

job_size room_of(const v1::Offer& offer) {
  return {milli_of(offer, "cpus"), milli_of(offer, "mem")};
}

std::vector<batch_plan> plan_batch(const std::vector<v1::Offer>& offers,
                                   const job_table& table, size_t parallelism) {
  auto slots
    = parallelism == 0 ? std::numeric_limits<size_t>::max() : parallelism;
  slots -= std::min(slots, table.totals().active);
  auto waiting = table.waiting();
  std::vector<batch_plan> plans;
  for (auto& offer : offers) {
    auto& plan = plans.emplace_back();
    plan.offer = offer.id();
    auto room = room_of(offer);
    size_t skipped = 0;
    for (auto at = waiting.begin();
         at != waiting.end() && slots > 0 && skipped < planner_lookahead
         && room.cpus_milli > 0 && room.mem_mib_milli > 0;) {
      auto& size = table.at(*at).what.size;
      if (!size.fits_into(room)) {
        ++skipped;
        ++at;
        continue;
      }
      room.cpus_milli -= size.cpus_milli;
      room.mem_mib_milli -= size.mem_mib_milli;
      plan.jobs.push_back(*at);
      at = waiting.erase(at);
      --slots;
    }
  }
  return plans;
}

} // namespace agora
