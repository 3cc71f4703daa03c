// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/log_storage.hpp"
#include "storage/store/memory_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

namespace agora {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class LogStorage : public testing::Test {
protected:
  static configuration members() {
    return *configuration::make({{member_uid{1}, 1, "", {}}});
  }

  void write(write_batch batch) {
    ASSERT_FALSE(disk_->write_now(std::move(batch)));
  }

  /// Entries 1 to `last`; the first says who the members are.
  void write_entries(uint64_t last) {
    write_batch batch;
    storage_.put_vote(batch, {5, {1}});
    storage_.put_entry(batch,
                       {1, 1, members().encode(), entry_kind::configuration});
    for (uint64_t i = 2; i <= last; ++i)
      storage_.put_entry(batch, {i, 1 + i / 4, std::string(i, 'x')});
    write(std::move(batch));
  }

  std::map<std::string, std::string> state() {
    std::map<std::string, std::string> result;
    EXPECT_FALSE(storage_.scan_state(*disk_, {}, [&](auto key, auto value) {
      result.emplace(key, value);
      return visit::more;
    }));
    return result;
  }

  write_batch records(std::map<std::string, std::string> what) {
    write_batch batch;
    for (auto& [key, value] : what)
      batch.put(key, value);
    return batch;
  }

  size_t keys_below(std::string_view prefix) {
    size_t count = 0;
    EXPECT_FALSE(disk_->scan(prefix, {}, [&](auto, auto) {
      ++count;
      return visit::more;
    }));
    return count;
  }

  std::shared_ptr<memory_store> disk_ = std::make_shared<memory_store>();
  log_storage storage_{disk_, "name"};
};

TEST_F(LogStorage, FindsNothingInAnEmptyStore) {
  auto found = storage_.load();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cluster_id, "");
  EXPECT_EQ(found->member.vote, vote_record{});
  EXPECT_EQ(found->member.log.last_index, 0U);
  EXPECT_THAT(found->member.log.configurations, IsEmpty());
}

TEST_F(LogStorage, FindsWhatWasWritten) {
  write_entries(9);
  write_batch batch;
  storage_.put_cluster(batch, "cluster");
  storage_.put_applied(batch, 6);
  storage_.put_base(batch, {{1, 2}, members()});
  storage_.erase_entries(batch, 1, 3);
  write(std::move(batch));
  auto found = log_storage{disk_, "name"}.load();
  ASSERT_TRUE(found) << describe(found.error());
  EXPECT_EQ(found->cluster_id, "cluster");
  EXPECT_EQ(found->applied_index, 6U);
  EXPECT_EQ(found->entry_bytes, 3U + 4 + 5 + 6 + 7 + 8 + 9);
  EXPECT_EQ(found->member.vote, (vote_record{5, {1}}));
  auto& log = found->member.log;
  EXPECT_EQ(log.base, (log_position{1, 2}));
  EXPECT_EQ(log.last_index, 9U);
  EXPECT_EQ(log.commit, 6U);
  EXPECT_THAT(log.runs,
              ElementsAre(term_run{3, 1}, term_run{4, 2}, term_run{8, 3}));
  EXPECT_THAT(log.configurations, ElementsAre(configuration_at{2, members()}));
}

TEST_F(LogStorage, ReadsWithinItsLimits) {
  write_entries(9);
  auto read = [&](uint64_t first, uint64_t last, size_t max, size_t bytes) {
    std::vector<uint64_t> indexes;
    auto entries = storage_.read(first, last, max, bytes);
    EXPECT_TRUE(entries) << describe(entries.error());
    for (auto& entry : *entries)
      indexes.push_back(entry->index);
    return indexes;
  };
  EXPECT_THAT(read(3, 5, 100, 1000), ElementsAre(3, 4, 5));
  EXPECT_THAT(read(3, 9, 2, 1000), ElementsAre(3, 4));
  EXPECT_THAT(read(3, 9, 100, 8), ElementsAre(3, 4, 5));
  EXPECT_THAT(read(3, 9, 100, 0), ElementsAre(3));
  EXPECT_THAT(read(3, 9, 0, 1000), IsEmpty());
  EXPECT_THAT(read(5, 4, 100, 1000), IsEmpty());
  EXPECT_THAT(read(8, 100, 100, 1000), ElementsAre(8, 9));
  auto missing = storage_.read(10, 12, 100, 1000);
  ASSERT_FALSE(missing);
  EXPECT_EQ(code_of(missing.error()), errc::store_corrupt);
  write_batch batch;
  storage_.erase_entries(batch, 4, 5);
  write(std::move(batch));
  EXPECT_EQ(code_of(storage_.read(3, 6, 100, 1000).error()),
            errc::store_corrupt);
}

TEST_F(LogStorage, CutsOffAnEnd) {
  write_entries(9);
  write_batch batch;
  storage_.erase_entries_from(batch, 6);
  storage_.put_entry(batch, {6, 5, "another"});
  write(std::move(batch));
  auto found = storage_.load();
  ASSERT_TRUE(found) << describe(found.error());
  EXPECT_EQ(found->member.log.last_index, 6U);
  EXPECT_EQ(found->member.log.runs.back(), (term_run{6, 5}));
}

TEST_F(LogStorage, ASnapshotIsBesideTheStateUntilItIsInstalled) {
  write_entries(4);
  auto old = records({{"a", "old"}, {"b", "old"}});
  storage_.place_in_state(old);
  storage_.put_applied(old, 3);
  write(std::move(old));
  auto staged = records({{"b", "new"}, {"c", "new"}});
  storage_.place_in_staged(staged);
  write(std::move(staged));
  EXPECT_THAT(state(), ElementsAre(Pair("a", "old"), Pair("b", "old")));
  EXPECT_EQ(**storage_.get_state("b"), "old");
  EXPECT_EQ(*storage_.applied_index(*disk_), 3U);
  auto before = disk_->view();
  write_batch batch;
  storage_.install_staged(batch, {{4, 70}, members()});
  // What is read is as before until it is written.
  EXPECT_EQ(**storage_.get_state("b"), "old");
  write(std::move(batch));
  EXPECT_THAT(state(), ElementsAre(Pair("b", "new"), Pair("c", "new")));
  EXPECT_EQ(*storage_.get_state("a"), std::nullopt);
  EXPECT_EQ(keys_below("log/name/state/"), 2U);
  EXPECT_EQ(keys_below("log/name/entry/"), 0U);
  EXPECT_EQ(*storage_.applied_index(**before), 3U);
  log_storage again{disk_, "name"};
  auto found = again.load();
  ASSERT_TRUE(found) << describe(found.error());
  EXPECT_EQ(found->applied_index, 70U);
  EXPECT_EQ(found->member.log.base, (log_position{4, 70}));
  auto more = records({{"d", "newer"}});
  again.place_in_state(more);
  again.put_applied(more, 71);
  write(std::move(more));
  EXPECT_EQ(**again.get_state("d"), "newer");
  EXPECT_EQ(state().size(), 3U);
}

TEST_F(LogStorage, WhatIsLeftOfASnapshotGoesAndTheStateStays) {
  for (int installs = 0; installs < 3; ++installs) {
    auto staged = records({{"b", "new"}, {"c", "new"}});
    storage_.place_in_staged(staged);
    write(std::move(staged));
    write_batch install;
    storage_.install_staged(install, {{4, 70}, members()});
    write(std::move(install));
    auto unfinished = records({{"d", "never"}});
    storage_.place_in_staged(unfinished);
    write(std::move(unfinished));
    write_batch leftovers;
    storage_.erase_staged(leftovers);
    write(std::move(leftovers));
    EXPECT_EQ(keys_below("log/name/state/"), 2U);
    EXPECT_EQ(state().size(), 2U);
  }
}

TEST_F(LogStorage, TouchesNothingOfAnother) {
  write(records({{"log/nam/entry/", "1"},
                 {"log/name", "2"},
                 {"log/name2/state/", "3"},
                 {"log/name0", "4"}}));
  write_entries(4);
  write_batch batch;
  storage_.erase_staged(batch);
  storage_.install_staged(batch, {{4, 70}, members()});
  storage_.erase_entries_from(batch, 0);
  write(std::move(batch));
  EXPECT_EQ(keys_below("log/nam/"), 1U);
  EXPECT_EQ(keys_below("log/name2/"), 1U);
  EXPECT_TRUE(disk_->get("log/name")->has_value());
  EXPECT_TRUE(disk_->get("log/name0")->has_value());
}

} // namespace
} // namespace agora
