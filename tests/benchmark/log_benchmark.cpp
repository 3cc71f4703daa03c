// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Entries from propose to applied. In memory this is what the log itself
// costs; on the disk, in the temporary directory, each group waits for fsync.
#include "runtime/base/check.hpp"
#include "storage/log/single_member_log.hpp"
#include "storage/store/memory_store.hpp"
#include "storage/store/rocksdb_store.hpp"
#include "tests/support/scratch_directory.hpp"

#include <benchmark/benchmark.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace agora {
namespace {

constexpr size_t entry_bytes = 256;

/// Lets the owner wait for the store's thread.
class wake_up {
public:
  void signal() {
    std::lock_guard guard{mutex_};
    awake_ = true;
    changed_.notify_one();
  }

  void wait() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] {
      return awake_;
    });
    awake_ = false;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool awake_ = false;
};

std::unique_ptr<replicated_log> open_log(std::shared_ptr<store> where,
                                         wake_up& wakes) {
  auto log = single_member_log::open(std::move(where), "benchmark");
  AGORA_CHECK(log.engaged());
  (*log)->listen({[&wakes] {
                    wakes.signal();
                  },
                  [](const status& why) {
                    AGORA_CHECK(!why);
                  }});
  return std::move(*log);
}

/// Keeps `outstanding` entries on their way.
void append(benchmark::State& state, std::shared_ptr<store> where) {
  wake_up wakes;
  auto log = open_log(std::move(where), wakes);
  auto outstanding = static_cast<size_t>(state.range(0));
  const std::string payload(entry_bytes, 'x');
  uint64_t index = 0;
  auto propose = [&](size_t count) {
    AGORA_CHECK(
      log->propose(std::vector<std::string>(count, payload)).engaged());
  };
  propose(outstanding);
  for (auto _ : state) {
    auto entries = log->take_committed(outstanding);
    while (entries->empty()) {
      wakes.wait();
      entries = log->take_committed(outstanding);
    }
    write_batch changes;
    changes.put("state", entries->back().payload);
    index = entries->back().index;
    AGORA_CHECK(!log->applied(index, std::move(changes)));
    propose(entries->size());
  }
  state.SetItemsProcessed(static_cast<int64_t>(index));
}

void append_in_memory(benchmark::State& state) {
  append(state, std::make_shared<memory_store>(memory_store::mode::immediate));
}
BENCHMARK(append_in_memory)->ArgName("outstanding")->Arg(1)->Arg(64)->Arg(1024);

void append_on_disk(benchmark::State& state) {
  scratch_directory directory;
  auto disk = open_rocksdb_store(directory.file("data"));
  AGORA_CHECK(disk.engaged());
  append(state, std::move(*disk));
}
BENCHMARK(append_on_disk)
  ->ArgName("outstanding")
  ->Arg(1)
  ->Arg(16)
  ->Arg(256)
  ->Arg(1024)
  ->UseRealTime();

} // namespace
} // namespace agora
