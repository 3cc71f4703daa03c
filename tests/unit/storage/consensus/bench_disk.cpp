// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/consensus/bench_disk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace agora {

entry_ptr bench_disk::find(uint64_t index) const {
  if (index <= base.index || index > last_index())
    return nullptr;
  return entries[static_cast<size_t>(index - base.index - 1)];
}

uint64_t bench_disk::finish_one() {
  auto order = std::move(under_way.front());
  under_way.pop_front();
  if (order.vote)
    vote = *order.vote;
  if (order.install) {
    entries.clear();
    base = order.install->last;
    base_members = {base.index, order.install->members};
    commit = base.index;
  }
  if (order.truncate_from != 0)
    while (last_index() >= order.truncate_from)
      entries.pop_back();
  for (auto& entry : order.entries) {
    EXPECT_EQ(entry->index, last_index() + 1);
    entries.push_back(entry);
  }
  return order.ticket;
}

void bench_disk::compact_to(uint64_t index) {
  while (base.index < index) {
    auto first = entries.front();
    entries.pop_front();
    if (first->kind == entry_kind::configuration)
      base_members = {first->index, *configuration::decode(first->payload)};
    base = {first->term, first->index};
  }
  commit = std::max(commit, index);
}

restored_member bench_disk::restore() const {
  restored_member result{vote, {}};
  auto& log = result.log;
  log.base = base;
  log.last_index = last_index();
  log.commit = commit;
  if (!base_members.members.members().empty())
    log.configurations.push_back(base_members);
  for (auto& entry : entries) {
    if (log.runs.empty() || log.runs.back().term != entry->term)
      log.runs.push_back({entry->index, entry->term});
    if (entry->kind == entry_kind::configuration)
      log.configurations.push_back(
        {entry->index, *configuration::decode(entry->payload)});
  }
  return result;
}

} // namespace agora
