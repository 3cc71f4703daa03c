// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/write_order.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace agora {
namespace {

std::vector<const write_operation*> pointers(const write_batch& batch) {
  std::vector<const write_operation*> all;
  for (auto& operation : batch.operations())
    all.push_back(&operation);
  return all;
}

std::string text_of(const write_batch& batch) {
  std::string text;
  for (auto* operation : write_order(pointers(batch)))
    text
      += (text.empty() ? "" : " ") + operation->key + "="
         + (operation->what == write_operation::kind::erase ? "nothing"
                                                            : operation->value);
  return text;
}

using contents = std::map<std::string, std::string>;

contents outcome(const std::vector<const write_operation*>& operations) {
  contents all{{"a", "before"}, {"c", "before"}, {"e", "before"}};
  for (auto* operation : operations)
    switch (operation->what) {
      case write_operation::kind::put:
        all[operation->key] = operation->value;
        break;
      case write_operation::kind::erase:
        all.erase(operation->key);
        break;
      case write_operation::kind::erase_range:
        all.erase(all.lower_bound(operation->key),
                  all.lower_bound(operation->value));
    }
  return all;
}

TEST(WriteOrder, IsTheOrderOfKeys) {
  write_batch batch;
  batch.put("b", "1");
  batch.erase("c");
  batch.put("a", "2");
  EXPECT_EQ(text_of(batch), "a=2 b=1 c=nothing");
}

TEST(WriteOrder, KeepsTheLastOfEachKey) {
  write_batch batch;
  batch.put("b", "1");
  batch.put("a", "2");
  batch.put("b", "3");
  batch.put("a", "4");
  batch.erase("b");
  EXPECT_EQ(text_of(batch), "a=4 b=nothing");
}

TEST(WriteOrder, OfNothingIsNothing) {
  EXPECT_TRUE(write_order({}).empty());
}

TEST(WriteOrder, LeavesErasedRangesWhereTheyWere) {
  write_batch batch;
  batch.put("b", "1");
  batch.put("a", "2");
  batch.erase_range("a", "c");
  batch.put("b", "3");
  batch.put("a", "4");
  batch.erase_range("b", "c");
  EXPECT_EQ(text_of(batch), "a=2 b=1 a=c a=4 b=3 b=c");
}

TEST(WriteOrder, NeverChangesTheOutcome) {
  for (uint32_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    auto key = [&] {
      return std::string(1, static_cast<char>('a' + random() % 6));
    };
    write_batch batch;
    for (auto left = random() % 40; left > 0; --left) {
      auto kind = random() % 8;
      if (kind == 0)
        batch.erase_range(key(), key() + "a");
      else if (kind < 3)
        batch.erase(key());
      else
        batch.put(key(), std::to_string(left));
    }
    auto all = pointers(batch);
    // RocksDB is spared ranges that end before they begin.
    std::erase_if(all, [](auto* operation) {
      return operation->what == write_operation::kind::erase_range
             && operation->key >= operation->value;
    });
    EXPECT_EQ(outcome(write_order(all)), outcome(all));
  }
}

} // namespace
} // namespace agora
