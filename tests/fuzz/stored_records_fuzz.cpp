// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands on a disk: entries and state of the log, checkpoints of an agent,
// records of shims. Damage is an error, never the end of the process.
#include "actors/agent/checkpoint/agent_checkpoint.hpp"
#include "runtime/base/check.hpp"
#include "runtime/process/shim_record.hpp"
#include "storage/cluster/cluster_state.hpp"
#include "storage/log/log_record_codec.hpp"
#include "storage/store/memory_store.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <map>

namespace agora {
namespace {

using records = std::map<std::string, std::string>;

records read_records(std::string_view input) {
  records found;
  while (!input.empty()) {
    std::string key{fuzz::take_part(input)};
    found[key] = fuzz::take_part(input);
  }
  return found;
}

/// A state that loads can be loaded again from what it would store.
void load_cluster(const records& stored) {
  auto loaded = cluster_state::load([&](const auto& visitor) {
    for (auto& [key, value] : stored)
      if (auto err = visitor(key, value))
        return err;
    return status{};
  });
  if (!loaded)
    return;
  auto again = cluster_state::load([&](const auto& visitor) {
    return loaded->for_each_record(visitor);
  });
  AGORA_CHECK(again.engaged());
  AGORA_CHECK(again->digest() == loaded->digest());
}

void apply_entries(std::string_view input) {
  cluster_state state;
  write_batch changes;
  for (uint64_t index = 1; !input.empty(); ++index) {
    log_entry entry{index, 1, std::string{fuzz::take_part(input)}};
    if (!state.apply(entry, changes))
      return;
    AGORA_CHECK(state.check_invariants().empty());
  }
}

void load_checkpoint(const records& stored) {
  memory_store disk{memory_store::mode::immediate, {}, "agent"};
  write_batch batch;
  for (auto& [key, value] : stored)
    batch.put("agent/" + key, value);
  if (!disk.write_now(std::move(batch)))
    static_cast<void>(load_agent_checkpoint(disk, checkpoint_keys{"agent/"}));
}

void read_log_record(std::string_view input) {
  std::string key{fuzz::take_part(input)};
  if (auto entry = log_record_codec::decode_entry(key, 1, input))
    AGORA_CHECK(log_record_codec::encode_entry(key, *entry) == input);
  static_cast<void>(log_record_codec::decode_numbers(key, input));
}

} // namespace
} // namespace agora

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace agora;
  auto input = fuzz::text_of(data, size);
  switch (fuzz::take_choice(input, 5)) {
    case 0:
      load_cluster(read_records(input));
      break;
    case 1:
      apply_entries(input);
      break;
    case 2:
      load_checkpoint(read_records(input));
      break;
    case 3:
      read_log_record(input);
      break;
    default:
      static_cast<void>(parse_shim_record(input));
  }
  return 0;
}
