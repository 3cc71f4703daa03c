// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/log_follower.hpp"

#include <functional>
#include <utility>

namespace agora::simulation {

namespace {

/// Of an entry, in the trace.
constexpr size_t shown_bytes = 220;

} // namespace

log_follower::log_follower(world& sim, simulated_cluster& cluster,
                           listener hears)
  : sim_(sim), hears_(std::move(hears)) {
  cluster.on_committed([this](auto& entries) {
    for (auto& entry : entries)
      hear(*entry);
  });
}

void log_follower::violated(const std::string& text) {
  sim_.violated("log entry " + std::to_string(index_ + 1) + ": " + text);
}

void log_follower::hear(const log_entry& entry) {
  if (sim_.failed())
    return;
  digest now{entry.term, std::hash<std::string>{}(entry.payload)};
  if (entry.index <= index_) {
    if (now != digests_[entry.index - 1])
      sim_.violated("log entry " + std::to_string(entry.index)
                    + " is not the same at all masters");
    return;
  }
  if (entry.index > index_ + 1)
    return violated("was committed by nobody, but a later one");
  digests_.push_back(now);
  if (entry.kind == entry_kind::command)
    take(entry);
  ++index_;
}

void log_follower::take(const log_entry& raw) {
  cluster::Entry entry;
  if (!entry.ParseFromString(raw.payload))
    return violated("is no Entry");
  write_batch changes;
  auto applied = state_.apply(raw, changes);
  if (!applied)
    return violated("cannot be applied: " + describe(applied.error()));
  sim_.mix(static_cast<uint64_t>(entry.entry_case()));
  if (sim_.is_verbose())
    sim_.say(
      "log " + std::to_string(raw.index) + ' '
      + entry.ShortDebugString().substr(0, shown_bytes)
      + (applied->rejected ? " REJECTED " + describe(applied->rejected) : ""));
  if (hears_)
    hears_(raw, entry, *applied);
}

} // namespace agora::simulation
