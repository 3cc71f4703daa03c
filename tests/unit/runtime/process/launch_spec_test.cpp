// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/launcher.hpp"

#include <gmock/gmock.h>

#include <csignal>

namespace agora {
namespace {

using testing::HasSubstr;

launch_spec valid_spec() {
  launch_spec spec;
  spec.task_key = "task.1_a-B";
  spec.run_directory = "/run/agora";
  spec.sandbox = "/sandbox";
  spec.command = "true";
  return spec;
}

void expect_refused(const launch_spec& spec, errc code,
                    const std::string& text) {
  auto err = check_launch_spec(spec);
  EXPECT_EQ(err, code) << text;
  EXPECT_THAT(describe(err), HasSubstr(text));
}

TEST(LaunchSpecTest, ValidSpecIsAccepted) {
  auto err = check_launch_spec(valid_spec());
  EXPECT_FALSE(err) << describe(err);
}

TEST(LaunchSpecTest, KeyMustBeSafeAsAFileName) {
  auto spec = valid_spec();
  for (auto key :
       {"", ".", "..", ".hidden", "a/b", "a b", "a\nb", "\xc3\xa4"}) {
    spec.task_key = key;
    expect_refused(spec, errc::invalid_argument, "task_key");
  }
  spec.task_key = std::string(max_key_bytes, 'k');
  EXPECT_FALSE(check_launch_spec(spec));
  spec.task_key.push_back('k');
  expect_refused(spec, errc::invalid_argument, "task_key");
}

TEST(LaunchSpecTest, PathsMustBeAbsoluteAndShort) {
  auto spec = valid_spec();
  spec.run_directory = "run";
  expect_refused(spec, errc::invalid_argument, "run_directory");
  spec = valid_spec();
  spec.sandbox = "";
  expect_refused(spec, errc::invalid_argument, "sandbox");
  spec.sandbox = "/" + std::string(max_path_bytes, 'x');
  expect_refused(spec, errc::too_large, "sandbox");
}

TEST(LaunchSpecTest, CommandMustBeGivenInOneForm) {
  auto spec = valid_spec();
  spec.command = "";
  expect_refused(spec, errc::invalid_argument, "command is empty");
  spec = valid_spec();
  spec.arguments = {"true"};
  expect_refused(spec, errc::invalid_argument, "arguments");
  spec.shell = false;
  EXPECT_FALSE(check_launch_spec(spec));
}

TEST(LaunchSpecTest, ZeroBytesAreRefusedByTheirField) {
  using namespace std::string_literals;
  auto spec = valid_spec();
  spec.command = "a\0b"s;
  expect_refused(spec, errc::invalid_argument, "command has a zero byte");
  spec = valid_spec();
  spec.shell = false;
  spec.arguments = {"a", "\0"s};
  expect_refused(spec, errc::invalid_argument, "arguments[1]");
  spec = valid_spec();
  spec.environment = {{"A", "\0"s}};
  expect_refused(spec, errc::invalid_argument, "environment variable A");
  spec = valid_spec();
  spec.user = "root\0"s;
  expect_refused(spec, errc::invalid_argument, "user");
}

TEST(LaunchSpecTest, NamesOfVariablesMustBeNames) {
  auto spec = valid_spec();
  for (auto name : {"", "A=B", "="}) {
    spec.environment = {{name, "x"}};
    expect_refused(spec, errc::invalid_argument, "variable named");
  }
}

TEST(LaunchSpecTest, AllTogetherMustBeWhatAKernelMayTake) {
  auto spec = valid_spec();
  for (int i = 0; i < 20; ++i)
    spec.environment.emplace_back("V" + std::to_string(i),
                                  std::string(max_argument_bytes - 10, 'x'));
  expect_refused(spec, errc::too_large, "environment");
  spec = valid_spec();
  spec.limits.resize(max_process_limits + 1);
  expect_refused(spec, errc::too_large, "limits");
}

TEST(ExitStatusTest, ReadsLikeASentence) {
  EXPECT_EQ(to_string(exit_status::make_exited(3)), "exited with status 3");
  EXPECT_EQ(to_string(exit_status::make_signaled(SIGKILL)),
            "terminated by signal SIGKILL");
  EXPECT_EQ(to_string(exit_status::make_signaled(SIGSEGV, true)),
            "terminated by signal SIGSEGV, core dumped");
  EXPECT_EQ(to_string(exit_status::make_signaled(64)),
            "terminated by signal 64");
  EXPECT_EQ(to_string(exit_status::make_unknown(exit_status::cause::rebooted)),
            "unknown: the machine was started again");
  EXPECT_FALSE(exit_status{}.success());
  EXPECT_TRUE(exit_status::make_exited(0).success());
}

} // namespace
} // namespace agora
