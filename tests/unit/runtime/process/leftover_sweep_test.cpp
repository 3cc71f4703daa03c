// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/leftover_sweep.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::string_view_literals;

TEST(LeftoverSweepTest, TaskKeyIsReadFromAnEnvironment) {
  EXPECT_EQ(task_key_in("A=1\0AGORA_TASK_KEY=k1\0B=2\0"sv), "k1");
  EXPECT_EQ(task_key_in("AGORA_TASK_KEY=k1"sv), "k1");
  EXPECT_EQ(task_key_in("AGORA_TASK_KEY=\0"sv), "");
}

TEST(LeftoverSweepTest, NothingElseIsTakenForATaskKey) {
  for (auto text : {""sv, "\0\0\0"sv, "AGORA_TASK_KEY"sv, "AGORA_TASK_KEY\0"sv,
                    "XAGORA_TASK_KEY=k1\0"sv, "AGORA_TASK_KEY_OLD=k1\0"sv,
                    "A=AGORA_TASK_KEY=k1\0"sv})
    EXPECT_EQ(task_key_in(text), "");
}

TEST(LeftoverSweepTest, UnknownTaskHasNoProcesses) {
  std::vector<leftover_task> tasks{{"no-process-names-this-key", {}, true, 7}};
  kill_leftovers(tasks);
  EXPECT_EQ(tasks[0].killed, 0u);
}

// The number of a session may have been given to another since.
TEST(LeftoverSweepTest, SessionOfALeaderThatStartedAtAnotherTimeIsLeftAlone) {
  auto self = read_process_stat(::getpid());
  ASSERT_TRUE(self);
  auto leader = read_process_stat(self->session);
  if (!leader)
    GTEST_SKIP() << "the session of this test has no leader";
  process_identity before{"boot", leader->pid, leader->start_ticks - 1};
  std::vector<leftover_task> tasks{
    {"no-process-names-this-key", before, true, 0}};
  kill_leftovers(tasks);
  EXPECT_EQ(tasks[0].killed, 0u);
}

} // namespace
} // namespace agora
