// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/log_simulation/simulated_log_disk.hpp"

#include "runtime/base/check.hpp"

#include <utility>

namespace agora::log_simulation {

simulated_log_disk simulated_log_disk::founded(const configuration& members) {
  simulated_log_disk disk;
  disk.vote_.term = 1;
  disk.entries_.push_back(std::make_shared<const log_entry>(
    log_entry{1, 1, members.encode(), entry_kind::configuration}));
  return disk;
}

disk_write simulated_log_disk::finish_one() {
  AGORA_CHECK(!under_way_.empty());
  auto done = std::move(under_way_.front());
  under_way_.pop_front();
  apply(done);
  return done;
}

void simulated_log_disk::crash(random_source& random) {
  while (!under_way_.empty() && random.chance(0.5))
    finish_one();
  under_way_.clear();
}

restored_member simulated_log_disk::restore() const {
  restored_member result;
  result.vote = vote_;
  auto& log = result.log;
  log.base = base_;
  log.last_index = last_index();
  log.commit = state_.index;
  if (!base_members_.members.members().empty())
    log.configurations.push_back(base_members_);
  for (auto& entry : entries_) {
    if (log.runs.empty() || log.runs.back().term != entry->term)
      log.runs.push_back({entry->index, entry->term});
    if (entry->kind == entry_kind::configuration)
      log.configurations.push_back(
        {entry->index, *configuration::decode(entry->payload)});
  }
  return result;
}

entry_ptr simulated_log_disk::find(uint64_t index) const {
  if (index <= base_.index || index > last_index())
    return nullptr;
  return entries_[static_cast<size_t>(index - base_.index - 1)];
}

bool simulated_log_disk::holds(const log_position& position) const {
  if (position.index <= base_.index)
    return true;
  auto entry = find(position.index);
  return entry && entry->term == position.term;
}

void simulated_log_disk::apply(const disk_write& what) {
  if (what.order)
    apply(*what.order, what);
  if (what.state && what.state->index > state_.index)
    state_ = *what.state;
  if (what.compact_to <= base_.index)
    return;
  auto base = find(what.compact_to);
  AGORA_CHECK(base && what.compact_to <= state_.index);
  while (base_.index < what.compact_to) {
    auto& first = entries_.front();
    if (first->kind == entry_kind::configuration)
      base_members_ = {first->index, *configuration::decode(first->payload)};
    base_ = {first->term, first->index};
    entries_.pop_front();
  }
}

void simulated_log_disk::apply(const persist_order& order,
                               const disk_write& what) {
  if (order.vote)
    vote_ = *order.vote;
  if (order.install) {
    AGORA_CHECK(what.snapshot.has_value());
    entries_.clear();
    base_ = order.install->last;
    base_members_ = {base_.index, order.install->members};
    state_ = *what.snapshot;
  }
  if (order.truncate_from != 0) {
    AGORA_CHECK(order.truncate_from > base_.index);
    while (last_index() >= order.truncate_from)
      entries_.pop_back();
  }
  for (auto& entry : order.entries) {
    AGORA_CHECK(entry->index == last_index() + 1);
    entries_.push_back(entry);
  }
}

} // namespace agora::log_simulation
