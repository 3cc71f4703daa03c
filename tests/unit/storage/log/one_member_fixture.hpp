// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/log/replicated_log.hpp"
#include "storage/store/memory_store.hpp"
#include "storage/store/store_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace agora {

inline std::string entry_key(uint64_t index) {
  return store_keys::numbered("log/test/entry/", index);
}

/// A log with one member, which needs nobody, on a disk that the test drives.
/// Entry 1 says who the members are, and each start appends one for its term.
class one_member_fixture : public testing::Test {
protected:
  one_member_fixture() {
    settings_.inflight_entries = 100;
    settings_.retained_entries = 5;
    settings_.trim_step = 3;
  }

  /// Opens, and no more.
  void load() {
    log_.reset();
    auto opened = replicated_log::open(disk_, "test", settings_, 1);
    ASSERT_TRUE(opened) << describe(opened.error());
    log_ = std::move(*opened);
  }

  void found() {
    auto self = member_of(disk_->identity());
    ASSERT_FALSE(
      log_->found("here", *configuration::make({{self, 1, "", {}}})));
  }

  void listen() {
    log_->listen({[this] {
                    ++wakes_;
                  },
                  [this](auto& what) {
                    failures_.push_back(what);
                  }});
  }

  /// Opens, founds if nothing is there, and leads; everything is on disk.
  void open() {
    load();
    if (log_->cluster_id().empty())
      found();
    listen();
    carry_on();
    persist();
    ASSERT_NE(log_->machine().leads(), nullptr);
    persist();
    wakes_ = 0;
  }

  /// The same, and its state has taken in what is there.
  void open_and_apply() {
    open();
    auto entries = take();
    ASSERT_FALSE(entries.empty());
    ASSERT_FALSE(log_->applied(entries.back().index, {}));
    carry_on();
    persist();
    wakes_ = 0;
  }

  void crash(size_t survivors = 0) {
    log_.reset();
    disk_->crash(survivors);
  }

  void carry_on() {
    auto todo = log_->carry_on();
    ASSERT_TRUE(todo) << describe(todo.error());
    EXPECT_THAT(todo->send, testing::IsEmpty());
  }

  void persist(size_t count = SIZE_MAX) {
    disk_->persist(count);
    carry_on();
  }

  void expect_refused(const std::string& part, errc why = errc::store_corrupt) {
    crash();
    auto opened = replicated_log::open(disk_, "test", settings_, 1);
    ASSERT_FALSE(opened);
    EXPECT_EQ(code_of(opened.error()), why);
    EXPECT_THAT(text_of(opened.error()), testing::HasSubstr(part));
    EXPECT_THAT(text_of(opened.error()),
                testing::HasSubstr("(memory): log test"));
  }

  /// @returns the first index.
  uint64_t propose(std::vector<std::string> payloads) {
    auto proposed = log_->propose(std::move(payloads));
    EXPECT_TRUE(proposed) << describe(proposed.error());
    carry_on();
    return proposed ? *proposed : 0;
  }

  errc refusal_of(std::vector<std::string> payloads) {
    auto proposed = log_->propose(std::move(payloads));
    return proposed ? errc::none : code_of(proposed.error());
  }

  /// In one step.
  std::vector<log_entry> take_some(size_t max = SIZE_MAX) {
    std::vector<log_entry> result;
    auto taken = log_->take_committed(max);
    EXPECT_TRUE(taken) << describe(taken.error());
    if (taken)
      for (auto& entry : *taken)
        result.push_back(*entry);
    return result;
  }

  /// What is read again, and what is in memory.
  std::vector<log_entry> take(size_t max = SIZE_MAX) {
    std::vector<log_entry> result;
    for (;;) {
      auto more = take_some(max - result.size());
      if (more.empty())
        return result;
      result.insert(result.end(), more.begin(), more.end());
    }
  }

  std::vector<std::string> take_payloads(size_t max = SIZE_MAX) {
    std::vector<std::string> payloads;
    for (auto& entry : take(max))
      if (entry.kind == entry_kind::command)
        payloads.push_back(std::move(entry.payload));
    return payloads;
  }

  status apply(uint64_t index, std::string key = "k", std::string value = "v") {
    write_batch changes;
    changes.put(std::move(key), std::move(value));
    auto bad = log_->applied(index, std::move(changes));
    carry_on();
    return bad;
  }

  uint64_t last_index() const {
    return log_->machine().log().last_index();
  }

  uint64_t commit_index() const {
    return log_->machine().log().commit_index();
  }

  /// Proposes one by one, and has each applied and on disk.
  void apply_to(uint64_t index) {
    while (last_index() < index) {
      propose({"p" + std::to_string(last_index() + 1)});
      persist();
      auto entries = take();
      ASSERT_EQ(entries.size(), 1U);
      ASSERT_FALSE(apply(entries[0].index));
      persist();
    }
    // What was removed is removed on the disk, too.
    carry_on();
    persist();
  }

  bool is_on_disk(uint64_t index) {
    return disk_->get(entry_key(index))->has_value();
  }

  void change_disk(write_batch batch) {
    crash();
    ASSERT_FALSE(disk_->write_now(std::move(batch)));
  }

  std::shared_ptr<memory_store> disk_ = std::make_shared<memory_store>(
    memory_store::mode::manual, store_limits{.queued_batches = 4});
  log_settings settings_;
  int wakes_ = 0;
  std::vector<status> failures_;
  std::unique_ptr<replicated_log> log_;
};

} // namespace agora
