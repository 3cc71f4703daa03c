// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/memory_store.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace agora {
namespace {

class MemoryStore : public testing::Test {
protected:
  MemoryStore() {
    listen();
  }

  void listen() {
    tested_.listen({[this](auto t) {
                      reported_.push_back(t);
                    },
                    [this](auto& what) {
                      failures_.push_back(what);
                    }});
  }

  status submit(std::string key, store::ticket t) {
    write_batch batch;
    batch.put(std::move(key), "");
    return tested_.submit(std::move(batch), t);
  }

  bool has(std::string_view key) {
    return tested_.get(key)->has_value();
  }

  memory_store tested_{memory_store::mode::manual,
                       store_limits{.queued_batches = 3}};
  std::vector<store::ticket> reported_;
  std::vector<status> failures_;
};

TEST_F(MemoryStore, PersistsNothingUntilTold) {
  ASSERT_FALSE(submit("a", 1));
  ASSERT_FALSE(submit("b", 2));
  EXPECT_FALSE(has("a"));
  EXPECT_EQ(tested_.persist(1), 1U);
  EXPECT_TRUE(has("a"));
  EXPECT_FALSE(has("b"));
  EXPECT_EQ(reported_, (std::vector<store::ticket>{1}));
}

TEST_F(MemoryStore, ReportsAGroupOnce) {
  ASSERT_FALSE(submit("a", 1));
  ASSERT_FALSE(submit("b", 2));
  EXPECT_EQ(tested_.persist(), 2U);
  EXPECT_EQ(reported_, (std::vector<store::ticket>{2}));
  EXPECT_EQ(tested_.persist(), 0U);
}

TEST_F(MemoryStore, ACrashLosesASuffix) {
  for (auto [key, t] : {std::pair{"a", 1}, {"b", 2}, {"c", 3}})
    ASSERT_FALSE(submit(key, static_cast<store::ticket>(t)));
  tested_.persist(1);
  tested_.crash(1);
  EXPECT_TRUE(has("a"));
  EXPECT_TRUE(has("b"));
  EXPECT_FALSE(has("c"));
  EXPECT_EQ(reported_, (std::vector<store::ticket>{1}));
  // Like new: tickets begin again, and nobody hears until they listen.
  listen();
  ASSERT_FALSE(submit("d", 1));
  tested_.persist();
  EXPECT_EQ(reported_, (std::vector<store::ticket>{1, 1}));
}

TEST_F(MemoryStore, RefusesWhenTheQueueIsFullAndTakesNothing) {
  for (store::ticket t = 1; t <= 3; ++t)
    ASSERT_FALSE(submit("a", t));
  write_batch batch;
  batch.put("b", "kept by its owner");
  EXPECT_EQ(code_of(tested_.submit(std::move(batch), 4)), errc::limit_reached);
  EXPECT_EQ(batch.operations().size(), 1U);
  tested_.persist(1);
  EXPECT_FALSE(tested_.submit(std::move(batch), 4));
}

TEST_F(MemoryStore, AFailureIsReportedOnceAndFinal) {
  tested_.fail_next_write(fail(errc::store_full, "(memory) is full"));
  ASSERT_FALSE(submit("a", 1));
  EXPECT_EQ(tested_.persist(), 0U);
  EXPECT_EQ(tested_.persist(), 0U);
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(code_of(failures_[0]), errc::store_full);
  EXPECT_EQ(code_of(submit("b", 2)), errc::io_failed);
  EXPECT_FALSE(has("a"));
  EXPECT_TRUE(reported_.empty());
}

TEST_F(MemoryStore, WhoListensAfterAFailureHearsOfIt) {
  tested_.crash();
  tested_.fail_next_write(fail(errc::store_full, "(memory) is full"));
  EXPECT_EQ(code_of(tested_.write_now({})), errc::store_full);
  listen();
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(code_of(failures_[0]), errc::store_full);
}

} // namespace
} // namespace agora
