// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Entries from propose to applied. In memory this is what the log itself
// costs; on the disk, in the temporary directory, each group waits for fsync.
#include "runtime/base/check.hpp"
#include "storage/log/replicated_log.hpp"
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

void carry_on(replicated_log& log) {
  AGORA_CHECK(log.carry_on().engaged());
}

/// A log with one member, which leads.
std::unique_ptr<replicated_log> open_log(std::shared_ptr<store> where,
                                         wake_up& wakes) {
  auto self = member_of(where->identity());
  auto opened = replicated_log::open(std::move(where), "benchmark", {}, 1);
  AGORA_CHECK(opened.engaged());
  auto log = std::move(*opened);
  AGORA_CHECK(
    !log->found("benchmark", *configuration::make({{self, 1, "", {}}})));
  log->listen({[&wakes] {
                 wakes.signal();
               },
               [](const status& why) {
                 AGORA_CHECK(!why);
               }});
  carry_on(*log);
  while (log->machine().leads() == nullptr) {
    wakes.wait();
    carry_on(*log);
  }
  return log;
}

/// Keeps `outstanding` entries on their way.
void append(benchmark::State& state, std::shared_ptr<store> where) {
  wake_up wakes;
  auto log = open_log(std::move(where), wakes);
  auto outstanding = static_cast<size_t>(state.range(0));
  const std::string payload(entry_bytes, 'x');
  auto take = [&] {
    auto entries = log->take_committed(outstanding);
    while (entries->empty()) {
      wakes.wait();
      carry_on(*log);
      entries = log->take_committed(outstanding);
    }
    return std::move(*entries);
  };
  auto apply = [&](const std::vector<entry_ptr>& entries) {
    write_batch changes;
    changes.put("state", entries.back()->payload);
    AGORA_CHECK(!log->applied(entries.back()->index, std::move(changes)));
  };
  auto propose = [&](size_t count) {
    AGORA_CHECK(
      log->propose(std::vector<std::string>(count, payload)).engaged());
    carry_on(*log);
  };
  // The entries with which a log, and a term, begins.
  while (log->applied_index() < log->machine().log().last_index())
    apply(take());
  auto before = log->applied_index();
  propose(outstanding);
  for (auto _ : state) {
    auto entries = take();
    apply(entries);
    propose(entries.size());
  }
  state.SetItemsProcessed(static_cast<int64_t>(log->applied_index() - before));
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
