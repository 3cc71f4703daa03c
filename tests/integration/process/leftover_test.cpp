// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// A task ends as a whole: with its first process, when it is killed, and when
// its shim is.

#include "tests/integration/process/process_fixture.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

namespace agora::test {
namespace {

class LeftoverTest : public ProcessTest {
protected:
  /// Launches a task with four processes, and waits for all: its first, a
  /// child, a daemon (a grandchild in a session of its own whose parent has
  /// ended), and a daemon that has thrown its environment away. The first waits
  /// for `gate_`, and exits with 5.
  launch_spec launch_family() {
    auto report = "echo $$ > " + born_.path() + "; exec sleep 1000";
    auto spec = shell(
      "sh -c '" + report
      + "' & "
        "(setsid sh -c '"
      + report + "' &) ; "
      + (with_bare_ ? "(env -i setsid /bin/sh -c '" + report + "' &) ; " : "")
      + "echo $$ > " + born_.path() + "; read line < " + gate_.path()
      + "; exit 5");
    EXPECT_FALSE(launcher_->launch(spec));
    auto count = with_bare_ ? 4 : 3;
    for (int i = 0; i < count; ++i)
      family_.emplace_back(
        static_cast<pid_t>(std::stoi("0" + born_.read_line())));
    return spec;
  }

  void expect_all_ended() {
    for (size_t i = 0; i < family_.size(); ++i)
      EXPECT_TRUE(family_[i].ended()) << "process " << i;
  }

  bool with_bare_ = true;
  named_pipe born_{scratch_.file("born")};
  named_pipe gate_{scratch_.file("gate")};
  std::vector<process_handle> family_;
};

TEST_F(LeftoverTest, EndOfTheFirstProcessEndsAll) {
  auto spec = launch_family();
  gate_.write_line("go");
  EXPECT_EQ(events_.exit_of(spec.task_key), exit_status::make_exited(5));
  expect_all_ended();
}

TEST_F(LeftoverTest, KillEndsAll) {
  auto spec = launch_family();
  ASSERT_FALSE(launcher_->signal(spec.task_key, kill_mode::kill));
  EXPECT_EQ(events_.exit_of(spec.task_key),
            exit_status::make_signaled(SIGKILL));
  expect_all_ended();
}

// A process that replaces itself again and again, faster than anybody looks.
TEST_F(LeftoverTest, ProcessesThatFleeByForkingAreCaught) {
  for (std::string how : {"", "setsid "}) {
    auto spec = shell("./flee & sleep 1000");
    auto script = spec.sandbox / "flee";
    std::ofstream{script} << "#!/bin/sh\n"
                          << "[ -e fled ] || { touch fled; echo up > "
                          << born_.path() << "; }\n"
                          << how << "./flee &\n";
    std::filesystem::permissions(script, std::filesystem::perms{0755});
    ASSERT_FALSE(launcher_->launch(spec));
    born_.read_line();
    ASSERT_FALSE(launcher_->signal(spec.task_key, kill_mode::kill));
    EXPECT_EQ(events_.exit_of(spec.task_key),
              exit_status::make_signaled(SIGKILL));
  }
}

TEST_F(LeftoverTest, OrphansThatEndEarlyAreReaped) {
  named_pipe done{scratch_.file("done")};
  auto spec
    = shell("(setsid sh -c 'echo $$ > " + born_.path() + "; read line < "
            + gate_.path() + "' &) ; read line < " + done.path());
  ASSERT_FALSE(launcher_->launch(spec));
  auto pid = static_cast<pid_t>(std::stoi("0" + born_.read_line()));
  process_handle orphan{pid};
  auto shim = events_.started(spec.task_key).shim;
  gate_.write_line("end");
  ASSERT_TRUE(orphan.wait());
  // The shim's children, as the kernel counts them, become one again.
  auto children = "/proc/" + std::to_string(shim.pid) + "/task/"
                  + std::to_string(shim.pid) + "/children";
  auto deadline = std::chrono::steady_clock::now() + patience;
  auto only_task = [&] {
    auto text = contents(children);
    return std::count(text.begin(), text.end(), ' ') == 1;
  };
  while (!only_task() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_TRUE(only_task());
  done.write_line("end");
  EXPECT_TRUE(events_.exit_of(spec.task_key).success());
}

TEST_F(LeftoverTest, DeathOfTheShimEndsTheTask) {
  // One that has left the session and names no key could belong to anybody.
  with_bare_ = false;
  auto spec = launch_family();
  auto started = events_.started(spec.task_key);
  ASSERT_EQ(::kill(started.shim.pid, SIGKILL), 0);
  EXPECT_EQ(events_.exit_of(spec.task_key),
            exit_status::make_unknown(exit_status::cause::shim_died));
  expect_all_ended();
  EXPECT_FALSE(is_alive(started.task, *read_boot_id()));
}

TEST_F(LeftoverTest, DeathOfOneShimLeavesOtherTasksAlone) {
  auto other = shell("read line < " + gate_.path());
  ASSERT_FALSE(launcher_->launch(other));
  auto spec = shell("sleep 1000");
  ASSERT_FALSE(launcher_->launch(spec));
  auto alive = events_.started(other.task_key);
  ::kill(events_.started(spec.task_key).shim.pid, SIGKILL);
  EXPECT_EQ(events_.exit_of(spec.task_key).reason,
            exit_status::cause::shim_died);
  EXPECT_TRUE(is_alive(alive.task, *read_boot_id()));
  gate_.write_line("go");
  EXPECT_TRUE(events_.exit_of(other.task_key).success());
}

TEST_F(LeftoverTest, ShimIsNotEndedBySignalsOfATerminalOrAShutdown) {
  auto spec
    = shell("echo up > " + born_.path() + "; read line < " + gate_.path());
  ASSERT_FALSE(launcher_->launch(spec));
  born_.read_line();
  auto started = events_.started(spec.task_key);
  for (auto signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR2})
    ASSERT_EQ(::kill(started.shim.pid, signal), 0);
  gate_.write_line("go");
  EXPECT_TRUE(events_.exit_of(spec.task_key).success());
}

} // namespace
} // namespace agora::test
