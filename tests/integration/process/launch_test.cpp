// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// What a task gets from the launcher, and the launcher from the task.

#include "tests/integration/process/process_fixture.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace agora::test {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

using LaunchTest = ProcessTest;

TEST_F(LaunchTest, ExitCodesAreReported) {
  for (auto code : {0, 1, 7, 127, 255})
    EXPECT_EQ(run(shell("exit " + std::to_string(code))),
              exit_status::make_exited(code));
}

TEST_F(LaunchTest, SignalsAreReported) {
  for (auto signal : {SIGKILL, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1}) {
    auto how = run(shell("kill -" + std::to_string(signal) + " $$"));
    EXPECT_EQ(how, exit_status::make_signaled(signal));
  }
}

TEST_F(LaunchTest, SignalThatMayDumpCoreIsReportedAsSignal) {
  auto spec = shell("kill -SEGV $$");
  spec.limits = {{RLIMIT_CORE, 0, 0}};
  EXPECT_EQ(run(spec), exit_status::make_signaled(SIGSEGV));
}

TEST_F(LaunchTest, StartIsReportedBeforeTheEndWithIdentities) {
  auto spec = shell("echo $$ > pid");
  run(spec);
  auto events = events_.events_of(spec.task_key);
  ASSERT_EQ(events.size(), 2u);
  auto& started = std::get<process_started>(events[0]);
  EXPECT_EQ(std::to_string(started.task.pid) + "\n",
            contents(spec.sandbox / "pid"));
  EXPECT_FALSE(started.reattached);
  EXPECT_EQ(started.task.boot_id, *read_boot_id());
  EXPECT_GE(started.task.start_ticks, started.shim.start_ticks);
  EXPECT_GT(started.shim.start_ticks, 0u);
  EXPECT_FALSE(is_alive(started.task, *read_boot_id()));
}

TEST_F(LaunchTest, ShellInterpretsAndArgumentVectorDoesNot) {
  auto interpreted = shell("printf '%s|' a\"b c\"d $((1+2))");
  run(interpreted);
  EXPECT_EQ(contents(interpreted.sandbox / "stdout"), "ab cd|3|");
  auto literal = program({"printf", "%s|", "a b", "$((1+2))", ""});
  run(literal);
  EXPECT_EQ(contents(literal.sandbox / "stdout"), "a b|$((1+2))||");
}

TEST_F(LaunchTest, FirstArgumentIsTheNameThatTheProgramSees) {
  auto spec = program({"my-name", "-c", "echo $0"});
  spec.command = "/bin/sh";
  run(spec);
  EXPECT_EQ(contents(spec.sandbox / "stdout"), "my-name\n");
}

TEST_F(LaunchTest, ProgramIsLookedUpInThePathOfItsOwnEnvironment) {
  auto spec = program({"greet"});
  auto directory = scratch_.file("programs");
  std::filesystem::create_directory(directory);
  std::filesystem::copy_file("/bin/echo", directory + "/greet");
  spec.environment = {{"PATH", "/nonexistent:" + directory}};
  EXPECT_EQ(run(spec), exit_status::make_exited(0));
}

TEST_F(LaunchTest, ProgramsAreFoundWithoutAPathAndInTheSandbox) {
  auto spec = program({"env"});
  spec.environment.clear();
  EXPECT_EQ(run(spec), exit_status::make_exited(0));
  auto local = program({"greet"});
  std::filesystem::copy_file("/bin/echo", local.sandbox / "greet");
  local.environment = {{"PATH", "/nonexistent:"}}; // empty: the sandbox
  EXPECT_EQ(run(local), exit_status::make_exited(0));
  auto relative = program({"./greet"});
  std::filesystem::copy_file("/bin/echo", relative.sandbox / "greet");
  EXPECT_EQ(run(relative), exit_status::make_exited(0));
}

TEST_F(LaunchTest, ScriptThatNamesNoInterpreterIsGivenToTheShell) {
  auto spec = program({"its-name", "one", "two words"});
  auto script = spec.sandbox / "script";
  std::ofstream{script} << "printf '%s|' \"$0\" \"$@\"\n";
  std::filesystem::permissions(script, std::filesystem::perms{0755});
  spec.command = script;
  EXPECT_EQ(run(spec), exit_status::make_exited(0));
  EXPECT_EQ(contents(spec.sandbox / "stdout"),
            script.string() + "|one|two words|");
}

TEST_F(LaunchTest, EnvironmentIsExactlyWhatWasGiven) {
  ::setenv("AGORA_TEST_LEAK", "leaked", 1);
  auto spec = program({"/usr/bin/env"});
  spec.environment
    = {{"A", "1"}, {"B", "two words = x"}, {"A", "last"}, {"C", ""}};
  run(spec);
  EXPECT_THAT(lines_of(contents(spec.sandbox / "stdout")),
              UnorderedElementsAre("A=last", "B=two words = x",
                                   "C=", "AGORA_TASK_KEY=" + spec.task_key));
}

TEST_F(LaunchTest, LargeEnvironmentInManyVariablesIsPassed) {
  auto spec = shell("env | wc -c");
  for (int i = 0; i < 1000; ++i)
    spec.environment.emplace_back("V" + std::to_string(i),
                                  std::string(1024, 'x'));
  run(spec);
  EXPECT_GT(std::stoi(contents(spec.sandbox / "stdout")), 1024 * 1000);
}

TEST_F(LaunchTest, RunsInItsSandboxAndAppendsItsOutput) {
  auto spec = shell("pwd -P; echo problem >&2");
  std::ofstream{spec.sandbox / "stdout"} << "before\n";
  run(spec);
  EXPECT_THAT(
    lines_of(contents(spec.sandbox / "stdout")),
    ElementsAre("before", std::filesystem::canonical(spec.sandbox).string()));
  EXPECT_EQ(contents(spec.sandbox / "stderr"), "problem\n");
}

TEST_F(LaunchTest, TaskInheritsNeitherDescriptorsNorSignalSettings) {
  auto leak = unique_fd{::dup(0)}; // not closed on execution
  ::signal(SIGPIPE, SIG_IGN);
  auto spec = shell("ls /proc/self/fd | tr '\\n' ' '; echo; "
                    "readlink /proc/self/fd/0; "
                    "grep -E 'Sig(Blk|Ign)' /proc/self/status");
  run(spec);
  ::signal(SIGPIPE, SIG_DFL);
  EXPECT_THAT(lines_of(contents(spec.sandbox / "stdout")),
              ElementsAre("0 1 2 3 ", "/dev/null", "SigBlk:\t0000000000000000",
                          "SigIgn:\t0000000000000000"));
}

TEST_F(LaunchTest, TaskLeadsASessionThatIsNotTheShims) {
  auto spec = shell("cut -d' ' -f6 /proc/self/stat");
  run(spec);
  auto started = events_.started(spec.task_key);
  EXPECT_EQ(contents(spec.sandbox / "stdout"),
            std::to_string(started.task.pid) + "\n");
  EXPECT_NE(started.shim.pid, started.task.pid);
}

TEST_F(LaunchTest, LimitsAreSet) {
  auto spec = shell("ulimit -n; ulimit -Hn");
  spec.limits = {{RLIMIT_NOFILE, 64, 128}};
  run(spec);
  EXPECT_THAT(lines_of(contents(spec.sandbox / "stdout")),
              ElementsAre("64", "128"));
}

TEST_F(LaunchTest, SwitchesToTheUserWithTheirGroups) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root may switch users";
  auto spec = shell("id -u; id -g; id -G; touch made-by-me");
  spec.user = "nobody";
  std::filesystem::permissions(scratch_.path(), std::filesystem::perms{0755});
  ASSERT_EQ(::chown(spec.sandbox.c_str(), 65534, 65534), 0);
  EXPECT_EQ(run(spec), exit_status::make_exited(0));
  EXPECT_THAT(lines_of(contents(spec.sandbox / "stdout")),
              ElementsAre("65534", "65534", "65534"));
  struct stat found {};
  ASSERT_EQ(::stat((spec.sandbox / "stdout").c_str(), &found), 0);
  EXPECT_EQ(found.st_uid, 65534u);
}

TEST_F(LaunchTest, ManyAtOnceAreEachReportedExactlyOnce) {
  constexpr size_t count = 200;
  std::vector<std::string> keys;
  for (size_t i = 0; i < count; ++i) {
    auto spec = program({"true"});
    keys.push_back(spec.task_key);
    ASSERT_FALSE(launcher_->launch(std::move(spec)));
  }
  ASSERT_TRUE(events_.wait_over(count));
  EXPECT_EQ(events_.count_over(), count);
  for (auto& key : keys) {
    ASSERT_EQ(events_.events_of(key).size(), 2u);
    EXPECT_TRUE(events_.exit_of(key).success());
  }
}

TEST_F(LaunchTest, KeysAreTakenUntilForgotten) {
  auto spec = shell("true");
  run(spec);
  EXPECT_EQ(launcher_->launch(spec), errc::already_exists);
  ASSERT_TRUE(std::filesystem::exists(record_of(spec.task_key)));
  launcher_->forget(spec.task_key);
  // Commands are carried out in order: what comes after this one, is done.
  run(shell("true"));
  EXPECT_FALSE(std::filesystem::exists(record_of(spec.task_key)));
  EXPECT_EQ(launcher_->signal(spec.task_key, kill_mode::kill), errc::not_found);
  EXPECT_EQ(run(spec), exit_status::make_exited(0));
}

TEST_F(LaunchTest, RunningTaskIsNotForgotten) {
  auto spec = shell("sleep 1000");
  ASSERT_FALSE(launcher_->launch(spec));
  events_.started(spec.task_key);
  launcher_->forget(spec.task_key);
  EXPECT_FALSE(launcher_->signal(spec.task_key, kill_mode::kill));
  EXPECT_EQ(events_.exit_of(spec.task_key),
            exit_status::make_signaled(SIGKILL));
  EXPECT_FALSE(launcher_->signal(spec.task_key, kill_mode::kill));
}

TEST_F(LaunchTest, NumberOfKeysIsLimited) {
  posix_launcher_options options;
  options.shim_program = shim_program();
  options.max_keys = 2;
  auto small = make_posix_launcher(options, events_.listener());
  ASSERT_TRUE(small);
  auto first = shell("true");
  ASSERT_FALSE((*small)->launch(first));
  ASSERT_FALSE((*small)->launch(shell("true")));
  EXPECT_EQ((*small)->launch(shell("true")), errc::limit_reached);
  EXPECT_EQ((*small)->reattach(new_key(), run_directory_), errc::limit_reached);
  ASSERT_TRUE(events_.wait_over(2));
}

TEST_F(LaunchTest, TerminateAsksAndTheTaskMayAnswer) {
  named_pipe ready{scratch_.file("ready")};
  auto spec = shell("trap 'exit 3' TERM; echo up > " + ready.path()
                    + "; while :; do sleep 1000 & wait $!; done");
  ASSERT_FALSE(launcher_->launch(spec));
  ready.read_line();
  ASSERT_FALSE(launcher_->signal(spec.task_key, kill_mode::terminate));
  EXPECT_EQ(events_.exit_of(spec.task_key), exit_status::make_exited(3));
}

TEST_F(LaunchTest, KillEndsWhatIgnoresTerminate) {
  named_pipe ready{scratch_.file("ready")};
  auto spec
    = shell("trap 'echo asked > " + ready.path() + "' TERM; echo up > "
            + ready.path() + "; while :; do sleep 1000 & wait $!; done");
  ASSERT_FALSE(launcher_->launch(spec));
  ASSERT_EQ(ready.read_line(), "up");
  ASSERT_FALSE(launcher_->signal(spec.task_key, kill_mode::terminate));
  ASSERT_EQ(ready.read_line(), "asked");
  ASSERT_FALSE(launcher_->signal(spec.task_key, kill_mode::kill));
  EXPECT_EQ(events_.exit_of(spec.task_key),
            exit_status::make_signaled(SIGKILL));
}

TEST_F(LaunchTest, SignalBeforeTheStartIsDelivered) {
  for (auto mode : {kill_mode::terminate, kill_mode::kill}) {
    auto spec = program({"sleep", "1000"});
    ASSERT_FALSE(launcher_->launch(spec));
    ASSERT_FALSE(launcher_->signal(spec.task_key, mode));
    auto number = mode == kill_mode::kill ? SIGKILL : SIGTERM;
    EXPECT_EQ(events_.exit_of(spec.task_key),
              exit_status::make_signaled(number));
  }
}

TEST_F(LaunchTest, ListenerMayCallTheLauncher) {
  auto first = shell("true");
  auto second = shell("true");
  std::unique_ptr<launcher> chained;
  event_log log;
  posix_launcher_options options;
  options.shim_program = shim_program();
  auto collect = log.listener();
  auto made = make_posix_launcher(options, [&](process_event event) {
    if (std::holds_alternative<process_exited>(event)
        && key_of(event) == first.task_key) {
      chained->forget(first.task_key);
      EXPECT_FALSE(chained->launch(second));
    }
    collect(std::move(event));
  });
  ASSERT_TRUE(made);
  chained = std::move(*made);
  ASSERT_FALSE(chained->launch(first));
  EXPECT_TRUE(log.exit_of(second.task_key).success());
}

} // namespace
} // namespace agora::test
