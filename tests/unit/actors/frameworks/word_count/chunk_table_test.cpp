// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/chunk_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace agora {
namespace {

v1::TaskStatus chunk_status(const task_id& task, v1::TaskState state,
                            const std::string& data = "") {
  v1::TaskStatus status;
  status.mutable_task_id()->set_value(task.text());
  status.set_state(state);
  status.set_data(data);
  return status;
}

TEST(ChunkTable, AddsUpEachTaskOnce) {
  chunk_table table{{{"/a"}, {"/b"}}};
  auto first = table.launch().id;
  auto second = table.launch().id;
  EXPECT_FALSE(table.has_waiting());
  for (auto i = 0; i < 2; ++i) // Updates come at least once.
    EXPECT_FALSE(
      table.updated(chunk_status(first, v1::TASK_FINISHED, "w\t1\n")));
  EXPECT_FALSE(table.updated(chunk_status(second, v1::TASK_RUNNING)));
  EXPECT_FALSE(table.all_done());
  EXPECT_FALSE(
    table.updated(chunk_status(second, v1::TASK_FINISHED, "w\t2\nx\t1\n")));
  EXPECT_TRUE(table.all_done());
  EXPECT_EQ(to_text(table.counts()), "3 w\n1 x\n");
}

TEST(ChunkTable, AFailedChunkIsTriedAgainUpToALimit) {
  chunk_table table{{{"/a"}}};
  for (auto i = 1u; i < chunk_table::attempts_limit; ++i)
    EXPECT_FALSE(table.updated(chunk_status(table.launch().id, v1::TASK_LOST)));
  auto last = chunk_status(table.launch().id, v1::TASK_FAILED);
  last.set_message("no disk");
  auto failed = table.updated(last);
  ASSERT_TRUE(failed);
  EXPECT_THAT(text_of(failed), testing::HasSubstr("no disk"));
  EXPECT_THAT(text_of(failed), testing::HasSubstr("/a"));
}

TEST(ChunkTable, CountsThatCannotBeReadAreAFailure) {
  chunk_table table{{{"/a"}}};
  EXPECT_FALSE(table.updated(
    chunk_status(table.launch().id, v1::TASK_FINISHED, "nonsense")));
  EXPECT_TRUE(table.has_waiting());
  EXPECT_EQ(table.counts().size(), 0u);
}

TEST(ChunkTable, DroppedTasksAreNoAttempts) {
  chunk_table table{{{"/a"}}};
  for (auto i = 0u; i < 2 * chunk_table::attempts_limit; ++i)
    EXPECT_FALSE(
      table.updated(chunk_status(table.launch().id, v1::TASK_DROPPED)));
}

} // namespace
} // namespace agora
