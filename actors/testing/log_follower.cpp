// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/log_follower.hpp"

#include "storage/log/log_record_codec.hpp"
#include "storage/store/store_keys.hpp"

#include <utility>

namespace agora::simulation {

namespace {

/// Of an entry, in the trace.
constexpr size_t shown_bytes = 220;

} // namespace

log_follower::log_follower(world& sim, simulated_disk& disk, listener hears)
  : sim_(sim),
    disk_(disk),
    hears_(std::move(hears)),
    entry_space_(
      store_keys::nested(store_keys::nested("log/", "cluster"), "entry")) {
  disk_.on_durable([this] {
    catch_up();
  });
}

void log_follower::violated(const std::string& text) {
  sim_.violated("log entry " + std::to_string(index_ + 1) + ": " + text);
}

void log_follower::catch_up() {
  while (!sim_.failed()) {
    auto key = store_keys::numbered(entry_space_, index_ + 1);
    auto record = disk_.get(key);
    if (!record || !*record)
      return;
    auto entry = log_record_codec::decode_entry(key, index_ + 1, **record);
    if (!entry)
      return violated("cannot be decoded");
    take(*entry);
    ++index_;
  }
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
