// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/exit_code.hpp"

#include <gtest/gtest.h>

#include <string>

namespace agora {
namespace {

int code(v1::TaskState state, const std::string& message) {
  v1::TaskStatus status;
  status.set_state(state);
  status.set_message(message);
  return exit_code_of(status);
}

TEST(ExitCode, IsThatOfTheProgram) {
  EXPECT_EQ(code(v1::TASK_FINISHED, ""), 0);
  EXPECT_EQ(code(v1::TASK_FINISHED, "exited with status 0"), 0);
  EXPECT_EQ(code(v1::TASK_FAILED, "exited with status 3"), 3);
  EXPECT_EQ(code(v1::TASK_FAILED, "Command exited with status 255."), 255);
  EXPECT_EQ(code(v1::TASK_KILLED, "terminated by signal SIGKILL"), 137);
  EXPECT_EQ(code(v1::TASK_FAILED, "terminated by signal 11 (core dumped)"),
            139);
}

TEST(ExitCode, IsOneOfOursIfTheProgramHasNone) {
  EXPECT_EQ(code(v1::TASK_FAILED, ""), 1);
  EXPECT_EQ(code(v1::TASK_FAILED, "exited with status 99999999999"), 1);
  EXPECT_EQ(code(v1::TASK_FAILED, "exited with status "), 1);
  EXPECT_EQ(code(v1::TASK_FAILED, "terminated by signal SIGNONSENSE"), 1);
  EXPECT_EQ(code(v1::TASK_KILLED, ""), 143);
  EXPECT_EQ(code(v1::TASK_ERROR, "no such user"), exit_not_run);
  EXPECT_EQ(code(v1::TASK_LOST, ""), exit_lost);
  v1::TaskStatus not_started;
  not_started.set_state(v1::TASK_FAILED);
  not_started.set_reason(v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
  EXPECT_EQ(exit_code_of(not_started), exit_not_run);
}

} // namespace
} // namespace agora
