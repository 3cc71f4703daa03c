// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/log_view.hpp"
#include "tests/unit/storage/consensus/members_bench.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace agora {
namespace {

constexpr size_t plenty = 1 << 20;

/// A log with entries of these terms from 1 on, each of ten bytes.
log_view log_with(const std::vector<uint64_t>& terms, size_t tail = plenty) {
  log_view log{{}, tail};
  for (auto term : terms)
    log.append(entry_of(log.last_index() + 1, term, std::string(10, 'x')));
  return log;
}

void append_members(log_view& log, uint64_t voters) {
  log.append(entry_of(log.last_index() + 1, log.last().term,
                      members_bench::members(voters).encode(),
                      entry_kind::configuration));
}

/// As if everything were on disk.
void persist_all(log_view& log) {
  log.take_new();
  log.persisted_to(log.last());
}

TEST(LogView, IsEmptyAtFirst) {
  log_view log{{}, plenty};
  EXPECT_EQ(log.last(), (log_position{0, 0}));
  EXPECT_EQ(log.term_at(0), 0U);
  EXPECT_EQ(log.term_at(1), std::nullopt);
  EXPECT_TRUE(log.members().members().empty());
  EXPECT_EQ(log.members_index(), 0U);
  EXPECT_TRUE(log.take_new().empty());
}

TEST(LogView, KnowsTheTermOfEveryIndex) {
  auto log = log_with({1, 1, 3, 3, 7});
  std::vector<uint64_t> expected{0, 1, 1, 3, 3, 7};
  for (uint64_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(log.term_at(i), expected[i]) << i;
  EXPECT_EQ(log.term_at(6), std::nullopt);
  EXPECT_TRUE(log.has({3, 4}));
  EXPECT_FALSE(log.has({1, 4}));
  EXPECT_FALSE(log.has({7, 6}));
}

TEST(LogView, ComesBackFromTheDiskWithItsRuns) {
  restored_log from;
  from.base = {2, 10};
  from.last_index = 20;
  from.runs = {{11, 2}, {15, 4}};
  from.configurations
    = {{7, members_bench::members(1)}, {16, members_bench::members(3)}};
  from.commit = 12;
  log_view log{from, plenty};
  EXPECT_EQ(log.last(), (log_position{4, 20}));
  EXPECT_EQ(log.term_at(14), 2U);
  EXPECT_EQ(log.term_at(15), 4U);
  EXPECT_EQ(log.term_at(9), std::nullopt);
  EXPECT_EQ(log.persisted_index(), 20U);
  EXPECT_EQ(log.commit_index(), 12U);
  EXPECT_EQ(log.tail_first(), 21U);
  EXPECT_EQ(log.find(20), nullptr) << "it is on disk only";
  EXPECT_EQ(log.members().voters(), 3U);
  EXPECT_EQ(log.members_at(15).voters(), 1U);
  EXPECT_TRUE(log.take_new().empty());
}

TEST(LogView, TruncatesEntriesTermsAndConfigurations) {
  auto log = log_with({1, 1});
  append_members(log, 1);
  log.append(entry_of(4, 2));
  append_members(log, 3);
  EXPECT_EQ(log.members().voters(), 3U);
  log.truncate_from(5);
  EXPECT_EQ(log.members().voters(), 1U);
  EXPECT_EQ(log.members_index(), 3U);
  log.truncate_from(3);
  EXPECT_TRUE(log.members().members().empty());
  EXPECT_EQ(log.last(), (log_position{1, 2}));
  log.append(entry_of(3, 5));
  EXPECT_EQ(log.term_at(3), 5U);
}

TEST(LogView, TruncatesWhatIsOnDiskOnly) {
  restored_log from;
  from.last_index = 20;
  from.runs = {{1, 2}, {15, 4}};
  log_view log{from, plenty};
  log.append(entry_of(21, 4, "new"));
  log.truncate_from(12);
  EXPECT_EQ(log.last(), (log_position{2, 11}));
  EXPECT_EQ(log.persisted_index(), 11U);
  EXPECT_EQ(log.uncommitted_bytes(), 0U);
  log.append(entry_of(12, 9));
  EXPECT_EQ(log.take_new().size(), 1U);
}

TEST(LogView, WhatWasReplacedMeanwhileDoesNotCountAsPersisted) {
  auto log = log_with({1, 2, 2});
  auto last = log.last();
  log.take_new();
  log.truncate_from(2);
  log.append(entry_of(2, 3));
  log.append(entry_of(3, 3));
  log.persisted_to(last);
  EXPECT_EQ(log.persisted_index(), 0U);
  log.persisted_to(log.last());
  EXPECT_EQ(log.persisted_index(), 3U);
}

TEST(LogView, HandsOutEachNewEntryOnce) {
  auto log = log_with({1, 1, 1});
  EXPECT_EQ(log.take_new().size(), 3U);
  EXPECT_TRUE(log.take_new().empty());
  log.truncate_from(2);
  log.append(entry_of(2, 2));
  auto entries = log.take_new();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0]->index, 2U);
}

TEST(LogView, CountsBytesThatAreNotCommitted) {
  auto log = log_with({1, 1, 1});
  EXPECT_EQ(log.uncommitted_bytes(), 30U);
  log.commit_to(1);
  EXPECT_EQ(log.uncommitted_bytes(), 20U);
  log.truncate_from(3);
  EXPECT_EQ(log.uncommitted_bytes(), 10U);
  log.commit_to(2);
  EXPECT_EQ(log.uncommitted_bytes(), 0U);
}

TEST(LogView, LetsGoOfTheOldestWhenTheTailIsFull) {
  auto log = log_with({1, 1, 1, 1, 1}, 25);
  EXPECT_EQ(log.tail_first(), 1U) << "none is on disk";
  persist_all(log);
  EXPECT_EQ(log.tail_first(), 1U) << "none is committed";
  log.commit_to(2);
  EXPECT_EQ(log.tail_first(), 3U);
  log.commit_to(5);
  EXPECT_EQ(log.tail_first(), 4U) << "the newest stay within the limit";
  EXPECT_EQ(log.find(3), nullptr);
  EXPECT_EQ(log.find(4)->index, 4U);
}

TEST(LogView, KeepsWhatIsNotOnDiskWhateverTheLimit) {
  auto log = log_with({1, 1, 1, 1, 1}, 0);
  log.commit_to(5);
  EXPECT_EQ(log.tail_first(), 1U);
  persist_all(log);
  EXPECT_EQ(log.tail_first(), 6U);
}

TEST(LogView, CompactsRunsAndConfigurations) {
  log_view log{{}, plenty};
  append_members(log, 1); // Index 1.
  log.append(entry_of(2, 2));
  append_members(log, 3); // Index 3.
  log.append(entry_of(4, 5));
  append_members(log, 5); // Index 5.
  persist_all(log);
  log.commit_to(5);
  log.compact_to(2);
  EXPECT_EQ(log.base(), (log_position{2, 2}));
  EXPECT_EQ(log.members_at(2).voters(), 1U);
  log.compact_to(4);
  EXPECT_EQ(log.base(), (log_position{5, 4}));
  EXPECT_EQ(log.members_at(4).voters(), 3U);
  EXPECT_EQ(log.term_at(3), std::nullopt);
  EXPECT_EQ(log.find(4), nullptr);
  log.compact_to(3);
  EXPECT_EQ(log.base().index, 4U) << "that is gone already";
  log.compact_to(5);
  EXPECT_EQ(log.last(), (log_position{5, 5}));
  EXPECT_EQ(log.members().voters(), 5U);
  log.append(entry_of(6, 5));
  EXPECT_EQ(log.term_at(6), 5U);
}

TEST(LogView, ASnapshotReplacesEverything) {
  auto log = log_with({1, 1, 2});
  log.take_new();
  append_members(log, 3);
  log.reset({7, 100}, members_bench::members(5));
  EXPECT_EQ(log.base(), (log_position{7, 100}));
  EXPECT_EQ(log.last(), (log_position{7, 100}));
  EXPECT_EQ(log.commit_index(), 100U);
  EXPECT_EQ(log.members().voters(), 5U);
  EXPECT_EQ(log.members_index(), 100U);
  EXPECT_EQ(log.uncommitted_bytes(), 0U);
  EXPECT_TRUE(log.take_new().empty());
  log.append(entry_of(101, 7));
  EXPECT_EQ(log.tail_first(), 101U);
  EXPECT_EQ(log.take_new().size(), 1U);
}

/// What last_at_or_before says, one index after the other.
log_position slow_last_at_or_before(const log_view& log, uint64_t index,
                                    uint64_t term) {
  for (auto i = std::min(index, log.last_index()); i > log.base().index; --i)
    if (*log.term_at(i) <= term)
      return {*log.term_at(i), i};
  return log.base();
}

TEST(LogView, FindsThePlaceToAgreeAsTheSlowWayDoes) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 chance{seed};
    std::vector<uint64_t> terms(1 + chance() % 40);
    for (auto& term : terms)
      term = 1 + chance() % 10;
    std::sort(terms.begin(), terms.end());
    auto log = log_with(terms);
    persist_all(log);
    log.commit_to(chance() % (terms.size() + 1));
    log.compact_to(chance() % (log.commit_index() + 1));
    for (uint64_t i = log.base().index + 1; i <= log.last_index(); ++i)
      ASSERT_EQ(log.term_at(i), terms[i - 1]);
    for (uint64_t index = 0; index <= terms.size() + 2; ++index)
      for (uint64_t term = 0; term <= 11; ++term)
        ASSERT_EQ(log.last_at_or_before(index, term),
                  slow_last_at_or_before(log, index, term))
          << index << " in term " << term;
  }
}

} // namespace
} // namespace agora
