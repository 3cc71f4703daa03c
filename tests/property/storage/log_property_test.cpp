// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Random lives of a log with one member on a store that crashes. Whatever the
// order of proposing, persisting, taking, applying and crashing:
// - an entry that was handed out is there after every crash, unchanged;
// - indexes have no gaps, and nothing appears that was not proposed;
// - terms rise with every start;
// - the stored state is the fold of exactly the entries up to its index.
#include "storage/log/replicated_log.hpp"
#include "storage/store/memory_store.hpp"
#include "storage/store/rocksdb_store.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace agora {
namespace {

using random_source = std::mt19937;

/// A store, and what can happen to it.
class disk {
public:
  virtual ~disk() = default;
  virtual std::shared_ptr<store> current() = 0;
  /// Some, or all, of what is queued reaches the disk.
  virtual void persist(random_source& rng, bool all) = 0;
  /// The store's process dies. Nobody holds `current` any more.
  virtual void crash(random_source& rng) = 0;
  /// Called by the log's listener.
  virtual void wake() {
    // nop
  }
};

class memory_disk final : public disk {
public:
  std::shared_ptr<store> current() override {
    return store_;
  }

  void persist(random_source& rng, bool all) override {
    store_->persist(all ? SIZE_MAX : rng() % 4);
  }

  void crash(random_source& rng) override {
    store_->crash(rng() % 4);
  }

private:
  std::shared_ptr<memory_store> store_ = std::make_shared<memory_store>(
    memory_store::mode::manual, store_limits{.queued_batches = 6});
};

/// Crashes by copying the directory while the store writes to it: the copy
/// holds what a killed process would have left. A copy takes its time; it is
/// like a moment if nothing but the write-ahead log changed meanwhile.
class rocksdb_disk final : public disk {
public:
  rocksdb_disk() {
    open();
  }

  std::shared_ptr<store> current() override {
    return store_;
  }

  /// Waits for a wake-up: the log has asked for one if anything is under way.
  void persist(random_source&, bool all) override {
    if (!all)
      return;
    std::unique_lock guard{mutex_};
    ASSERT_TRUE(changed_.wait_for(guard, std::chrono::seconds{20}, [&] {
      return std::exchange(woken_, false);
    }));
  }

  void crash(random_source&) override {
    auto before = path();
    ++life_;
    // RocksDB removes old files for a short while after it was opened.
    while (!copy_as_of_a_moment(before, path()))
      std::filesystem::remove_all(path());
    store_.reset();
    std::filesystem::remove_all(before);
    open();
  }

  void wake() override {
    std::lock_guard guard{mutex_};
    woken_ = true;
    changed_.notify_all();
  }

private:
  std::string path() const {
    return scratch_.file("life-" + std::to_string(life_));
  }

  /// @returns false if the directory changed meanwhile.
  static bool copy_as_of_a_moment(const std::string& from,
                                  const std::string& to) {
    auto names = names_below(from);
    std::error_code changed;
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive,
                          changed);
    return !changed && names_below(from) == names;
  }

  /// What there is, and how large, except that logs grow.
  static std::map<std::string, uintmax_t> names_below(const std::string& path) {
    std::map<std::string, uintmax_t> names;
    std::error_code ignored;
    std::filesystem::recursive_directory_iterator at{path, ignored}, end;
    for (; !ignored && at != end; at.increment(ignored)) {
      auto grows = at->path().extension() == ".log" || at->is_directory();
      names[at->path()] = grows ? 0 : at->file_size(ignored);
    }
    return names;
  }

  void open() {
    rocksdb_settings settings;
    settings.limits.queued_batches = 6;
    auto opened = open_rocksdb_store(path(), settings);
    if (!opened)
      throw std::runtime_error(describe(opened.error()));
    store_ = std::move(*opened);
  }

  scratch_directory scratch_;
  int life_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  std::shared_ptr<store> store_;
};

/// Folds entries into a digest: the slow reference of the state.
std::string folded(const std::string& digest, const log_entry& entry) {
  auto mixed = std::hash<std::string>{}(digest + "|" + entry.payload + "|"
                                        + std::to_string(entry.index) + "."
                                        + std::to_string(entry.term));
  return std::to_string(mixed);
}

/// One log, its owner, and the model of what must be true.
class log_life {
public:
  log_life(disk& where, uint32_t seed) : disk_(where), rng_(seed) {
    settings_.inflight_entries = 40;
    settings_.batch_bytes = 1 + rng_() % 1000;
    settings_.retained_entries = rng_() % 10;
    settings_.trim_step = 1 + rng_() % 5;
    settings_.replay_bytes = 1 + rng_() % 500;
    settings_.consensus.uncommitted_bytes = 4000;
    settings_.consensus.tail_bytes = rng_() % 1000;
    digests_.push_back("");
    start();
  }

  void step() {
    switch (rng_() % 16) {
      case 0:
        return crash();
      case 1:
      case 2:
      case 3:
        return persist(false);
      case 4:
        return log_->machine().leads() == nullptr || is_behind() ? persist(true)
                                                                 : compact();
      case 5:
      case 6:
      case 7:
      case 8:
        return take();
      case 9:
      case 10:
      case 11:
        return apply();
      default:
        return propose();
    }
  }

  /// Everything in flight arrives, and the log is still usable.
  void settle() {
    for (int round = 0; round < 1000; ++round) {
      if (testing::Test::HasFailure())
        return;
      if (log_->machine().leads() == nullptr || is_behind()) {
        persist(true);
        continue;
      }
      if (applied_ == last_index())
        return;
      take();
      apply();
    }
    FAIL() << "stuck at " << applied_ << " of " << last_index();
  }

private:
  uint64_t last_index() const {
    return log_->machine().log().last_index();
  }

  bool is_behind() const {
    return log_->machine().log().commit_index() < last_index();
  }

  void start() {
    auto opened = replicated_log::open(disk_.current(), "log", settings_, 1);
    ASSERT_TRUE(opened) << describe(opened.error());
    log_ = std::move(*opened);
    if (log_->cluster_id().empty()) {
      ASSERT_EQ(handed_out_, 0U);
      auto self = member_of(disk_.current()->identity());
      auto members = *configuration::make({{self, 1, "", {}}});
      ASSERT_FALSE(log_->found("cluster", members));
      proposed_[1] = {1, 1, members.encode(), entry_kind::configuration};
    }
    ASSERT_GE(last_index(), handed_out_);
    // Entries behind the last that survived are gone for good.
    proposed_.erase(proposed_.upper_bound(last_index()), proposed_.end());
    log_->listen({[this] {
                    disk_.wake();
                  },
                  nullptr});
    carry_on();
    check_state();
    applied_ = log_->applied_index();
    ASSERT_LE(applied_, handed_out_);
  }

  void crash() {
    log_.reset();
    taken_.clear();
    disk_.crash(rng_);
    start();
  }

  void persist(bool all) {
    disk_.persist(rng_, all);
    carry_on();
  }

  void carry_on() {
    auto led = log_->machine().leads() != nullptr;
    auto todo = log_->carry_on();
    ASSERT_TRUE(todo) << describe(todo.error());
    ASSERT_TRUE(todo->send.empty());
    if (led || log_->machine().leads() == nullptr)
      return;
    // Its term begins with an entry.
    auto term = log_->machine().term();
    ASSERT_LT(term_, term);
    term_ = term;
    proposed_[last_index()] = {last_index(), term, "", entry_kind::no_op};
  }

  void compact() {
    log_->compact(rng_() % 5);
    carry_on();
  }

  void propose() {
    std::vector<std::string> payloads;
    for (auto count = 1 + rng_() % 5; count > 0; --count)
      payloads.emplace_back(rng_() % 200, static_cast<char>('a' + rng_() % 26));
    auto expected = last_index() + 1;
    auto leads = log_->machine().leads() != nullptr;
    auto first = log_->propose(payloads);
    if (!first) {
      ASSERT_EQ(code_of(first.error()),
                leads ? errc::limit_reached : errc::not_leader);
      ASSERT_EQ(last_index() + 1, expected);
      return;
    }
    ASSERT_EQ(*first, expected);
    for (auto& payload : payloads) {
      proposed_[expected] = {expected, term_, payload};
      ++expected;
    }
    ASSERT_EQ(last_index() + 1, expected);
    carry_on();
  }

  void take() {
    auto entries = log_->take_committed(1 + rng_() % 8);
    ASSERT_TRUE(entries) << describe(entries.error());
    for (auto& entry : *entries) {
      auto expected = applied_ + taken_.size() + 1;
      ASSERT_EQ(entry->index, expected);
      ASSERT_LE(entry->index, log_->machine().log().commit_index());
      ASSERT_EQ(*entry, proposed_.at(entry->index));
      if (entry->index > handed_out_) {
        handed_out_ = entry->index;
        digests_.push_back(folded(digests_.back(), *entry));
      }
      taken_.push_back(entry);
    }
  }

  void apply() {
    if (taken_.empty())
      return;
    auto count = static_cast<std::ptrdiff_t>(1 + rng_() % taken_.size());
    write_batch changes;
    auto digest = digests_.at(applied_);
    for (auto at = taken_.begin(); at != taken_.begin() + count; ++at) {
      digest = folded(digest, **at);
      changes.put("seen/" + std::to_string((*at)->index % 7),
                  std::to_string((*at)->index));
      ++applied_;
    }
    taken_.erase(taken_.begin(), taken_.begin() + count);
    changes.put("digest", digest);
    ASSERT_FALSE(log_->applied(applied_, std::move(changes)));
    ASSERT_EQ(digest, digests_.at(applied_));
    carry_on();
    check_state();
  }

  /// The stored state, which may lag, is the fold up to its own index; it can
  /// be sent to others at any time.
  void check_state() {
    std::map<std::string, std::string> state;
    auto index = log_->for_each_state([&](auto key, auto value) {
      state.emplace(key, value);
      return visit::more;
    });
    ASSERT_TRUE(index) << describe(index.error());
    ASSERT_LT(*index, digests_.size());
    ASSERT_EQ(state["digest"], digests_[*index]);
    for (uint64_t i = *index; i > 0 && i + 7 > *index; --i)
      ASSERT_EQ(state["seen/" + std::to_string(i % 7)], std::to_string(i));
    auto snapshot = log_->snapshot();
    ASSERT_TRUE(snapshot) << describe(snapshot.error());
    ASSERT_GE(snapshot->mark().last.index, *index);
  }

  disk& disk_;
  random_source rng_;
  log_settings settings_;
  std::unique_ptr<replicated_log> log_;
  uint64_t term_ = 0;
  /// By index, what stands there if it survives.
  std::map<uint64_t, log_entry> proposed_;
  /// The last index that was ever handed out: none of these may be lost.
  uint64_t handed_out_ = 0;
  /// The digest after each index that was handed out.
  std::vector<std::string> digests_;
  std::vector<entry_ptr> taken_;
  uint64_t applied_ = 0;
};

void live(disk& where, uint32_t seed, int steps) {
  log_life life{where, seed};
  for (int step = 0; step < steps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    life.step();
    if (testing::Test::HasFailure())
      return;
  }
  life.settle();
}

TEST(LogProperty, NothingAcknowledgedIsLostInMemory) {
  for (uint32_t seed = 0; seed < 200 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    memory_disk where;
    live(where, seed, 500);
  }
}

TEST(LogProperty, NothingAcknowledgedIsLostOnDisk) {
  for (uint32_t seed = 0; seed < 4 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    rocksdb_disk where;
    live(where, seed, 200);
  }
}

} // namespace
} // namespace agora
