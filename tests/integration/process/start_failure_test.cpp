// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// Each way in which a task cannot be started, and what people are told.

#include "tests/integration/process/process_fixture.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <unistd.h>

namespace agora::test {
namespace {

using testing::HasSubstr;

class StartFailureTest : public ProcessTest {
protected:
  process_start_failed failure(launch_spec spec) {
    auto key = spec.task_key;
    auto err = launcher_->launch(std::move(spec));
    EXPECT_FALSE(err) << describe(err);
    auto event = events_.failure_of(key);
    EXPECT_EQ(events_.events_of(key).size(), 1u);
    return event;
  }
};

TEST_F(StartFailureTest, MissingProgram) {
  auto spec = program({"/nonexistent/program"});
  auto event = failure(spec);
  EXPECT_EQ(event.step, "execute");
  EXPECT_EQ(event.error_number, ENOENT);
  EXPECT_THAT(event.text, HasSubstr("/nonexistent/program"));
  EXPECT_THAT(contents(spec.sandbox / "stderr"),
              HasSubstr("cannot execute /nonexistent/program: No such file"));
}

TEST_F(StartFailureTest, ProgramThatIsNotInThePath) {
  auto event = failure(program({"no-such-program"}));
  EXPECT_EQ(event.error_number, ENOENT);
  EXPECT_THAT(event.text, HasSubstr("\"no-such-program\""));
}

TEST_F(StartFailureTest, FileThatIsNotExecutable) {
  auto file = scratch_.file("not-executable");
  std::ofstream{file} << "#!/bin/sh\n";
  auto event = failure(program({file}));
  EXPECT_EQ(event.step, "execute");
  EXPECT_EQ(event.error_number, EACCES);
}

TEST_F(StartFailureTest, FileInThePathThatIsNotExecutable) {
  auto spec = program({"not-executable"});
  std::ofstream{spec.sandbox / "not-executable"} << "#!/bin/sh\n";
  spec.environment = {{"PATH", spec.sandbox.string() + ":/nonexistent"}};
  EXPECT_EQ(failure(spec).error_number, EACCES);
  EXPECT_THAT(contents(spec.sandbox / "stderr"),
              HasSubstr("not-executable: Permission denied"));
}

TEST_F(StartFailureTest, ScriptWhoseInterpreterIsMissing) {
  auto spec = program({"./script"});
  std::ofstream{spec.sandbox / "script"} << "#!/nonexistent/shell\n";
  std::filesystem::permissions(spec.sandbox / "script",
                               std::filesystem::perms{0755});
  auto event = failure(spec);
  EXPECT_EQ(event.error_number, ENOENT);
  EXPECT_THAT(event.text, HasSubstr("or the interpreter that it names"));
}

TEST_F(StartFailureTest, MissingSandbox) {
  auto spec = shell("true");
  std::filesystem::remove(spec.sandbox);
  auto event = failure(spec);
  EXPECT_EQ(event.step, "enter sandbox");
  EXPECT_EQ(event.error_number, ENOENT);
  EXPECT_THAT(event.text, HasSubstr(spec.sandbox.string()));
}

TEST_F(StartFailureTest, SandboxThatTheUserMayNotEnter) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root may switch users";
  auto spec = shell("true");
  spec.user = "nobody";
  std::filesystem::permissions(scratch_.path(), std::filesystem::perms{0755});
  std::filesystem::permissions(spec.sandbox, std::filesystem::perms{0700});
  auto event = failure(spec);
  EXPECT_EQ(event.step, "enter sandbox");
  EXPECT_EQ(event.error_number, EACCES);
  EXPECT_THAT(event.text, HasSubstr("as user \"nobody\""));
}

TEST_F(StartFailureTest, SandboxThatTheUserMayNotWriteTo) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root may switch users";
  auto spec = shell("true");
  spec.user = "nobody";
  std::filesystem::permissions(scratch_.path(), std::filesystem::perms{0755});
  std::filesystem::permissions(spec.sandbox, std::filesystem::perms{0755});
  auto event = failure(spec);
  EXPECT_EQ(event.step, "open stdout");
  EXPECT_EQ(event.error_number, EACCES);
}

TEST_F(StartFailureTest, OutputFileThatLeadsElsewhere) {
  auto spec = shell("true");
  std::filesystem::create_symlink(scratch_.file("victim"),
                                  spec.sandbox / "stdout");
  EXPECT_EQ(failure(spec).error_number, ELOOP);
  EXPECT_FALSE(std::filesystem::exists(scratch_.file("victim")));
}

TEST_F(StartFailureTest, OutputFileThatIsAPipeDoesNotHang) {
  auto spec = shell("true");
  ASSERT_EQ(::mkfifo((spec.sandbox / "stderr").c_str(), 0600), 0);
  EXPECT_EQ(failure(spec).step, "open stderr");
}

TEST_F(StartFailureTest, UnknownUser) {
  auto spec = shell("true");
  spec.user = "nobody-by-this-name";
  auto event = failure(spec);
  EXPECT_EQ(event.step, "look up user");
  EXPECT_THAT(event.text, HasSubstr("unknown user \"nobody-by-this-name\""));
}

TEST_F(StartFailureTest, OtherUserOfAnAgentThatIsNotRoot) {
  if (::geteuid() == 0)
    GTEST_SKIP() << "root may switch users";
  auto spec = shell("true");
  spec.user = "root";
  auto event = failure(spec);
  EXPECT_EQ(event.step, "switch user");
  EXPECT_EQ(event.error_number, EPERM);
}

TEST_F(StartFailureTest, VariableThatIsTooLargeIsRefusedAtOnce) {
  auto spec = shell("true");
  spec.environment.emplace_back("BIG", std::string(1024 * 1024, 'x'));
  auto err = launcher_->launch(spec);
  EXPECT_EQ(err, errc::too_large);
  EXPECT_THAT(text_of(err), HasSubstr("variable BIG takes 1048580 bytes"));
}

TEST_F(StartFailureTest, LargestVariableIsWhatTheKernelTakes) {
  auto spec = shell("true");
  spec.environment.emplace_back("BIG",
                                std::string(max_argument_bytes - 4, 'x'));
  EXPECT_TRUE(run(spec).success());
  spec.task_key = new_key();
  spec.environment.back().second.push_back('x');
  EXPECT_EQ(launcher_->launch(spec), errc::too_large);
}

TEST_F(StartFailureTest, EnvironmentThatTheKernelRefuses) {
  auto spec = shell("true");
  spec.limits = {{RLIMIT_STACK, 1024 * 1024, 1024 * 1024}};
  for (int i = 0; i < 1000; ++i)
    spec.environment.emplace_back("V" + std::to_string(i),
                                  std::string(1024, 'x'));
  auto event = failure(spec);
  EXPECT_EQ(event.step, "execute");
  EXPECT_EQ(event.error_number, E2BIG);
  EXPECT_THAT(event.text, HasSubstr("quarter of the stack limit"));
}

TEST_F(StartFailureTest, LimitThatCannotBeSet) {
  auto spec = shell("true");
  spec.limits = {{RLIMIT_NOFILE, 128, 64}};
  auto event = failure(spec);
  EXPECT_EQ(event.step, "set limit");
  EXPECT_EQ(event.error_number, EINVAL);
}

TEST_F(StartFailureTest, RunDirectoryThatCannotBeMade) {
  auto spec = shell("true");
  std::ofstream{scratch_.file("file")} << "in the way";
  spec.run_directory = scratch_.file("file") + "/run";
  EXPECT_EQ(failure(spec).step, "make run directory");
}

TEST_F(StartFailureTest, KeyWhoseRecordExists) {
  auto spec = shell("true");
  std::filesystem::create_directory(run_directory_);
  std::ofstream{record_of(spec.task_key)} << "abandoned\n";
  auto event = failure(spec);
  EXPECT_EQ(event.step, "create record");
  EXPECT_EQ(event.error_number, EEXIST);
  // Somebody else's record is not ours to remove.
  launcher_->forget(spec.task_key);
  run(shell("true"));
  EXPECT_EQ(contents(record_of(spec.task_key)), "abandoned\n");
}

TEST_F(StartFailureTest, ShimThatDoesNotExist) {
  posix_launcher_options options;
  options.shim_program = "/nonexistent/agora-shim";
  auto made = make_posix_launcher(options, events_.listener());
  ASSERT_FALSE(made);
  EXPECT_EQ(code_of(made.error()), errc::invalid_argument);
  EXPECT_THAT(text_of(made.error()), HasSubstr("/nonexistent/agora-shim"));
}

TEST_F(StartFailureTest, ShimThatIsNoShim) {
  posix_launcher_options options;
  options.shim_program = "/bin/true";
  auto made = make_posix_launcher(options, events_.listener());
  ASSERT_TRUE(made);
  auto spec = shell("true");
  ASSERT_FALSE((*made)->launch(spec));
  EXPECT_EQ(events_.failure_of(spec.task_key).step, "start shim");
}

} // namespace
} // namespace agora::test
