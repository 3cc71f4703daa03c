// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// Tasks whose launcher has gone, by destruction or by kill -9 of its process,
// as the next launcher finds them.

#include "tests/integration/process/process_fixture.hpp"

#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <unistd.h>

namespace agora::test {
namespace {

class ReattachTest : public ProcessTest {
protected:
  void restart_launcher(std::string boot_id = {}) {
    launcher_.reset();
    events_.clear();
    launcher_ = make_launcher(std::move(boot_id));
  }

  void reattach(const std::string& key) {
    auto err = launcher_->reattach(key, run_directory_);
    ASSERT_FALSE(err) << describe(err);
  }

  /// Lets another process launch `spec`, and kills that process with SIGKILL
  /// once the task runs.
  void launch_by_killed_agent(const launch_spec& spec) {
    launcher_.reset(); // no threads while forking
    auto agent = ::fork();
    if (agent == 0) {
      auto own = make_launcher();
      if (!own->launch(spec))
        for (;;)
          ::pause();
      ::_exit(1);
    }
    up_.read_line();
    ::kill(agent, SIGKILL);
    ::waitpid(agent, nullptr, 0);
    launcher_ = make_launcher();
  }

  /// Tells when it runs, waits for the gate, and exits with 6.
  launch_spec gated() {
    return shell("echo $$ > " + up_.path() + "; read line < " + gate_.path()
                 + "; exit 6");
  }

  /// Launches `spec` and waits until it runs.
  process_started launch(const launch_spec& spec) {
    EXPECT_FALSE(launcher_->launch(spec));
    up_.read_line();
    return events_.started(spec.task_key);
  }

  named_pipe up_{scratch_.file("up")};
  named_pipe gate_{scratch_.file("gate")};
};

TEST_F(ReattachTest, LiveTaskIsFoundAndItsEndReported) {
  auto spec = gated();
  auto before = launch(spec);
  restart_launcher();
  reattach(spec.task_key);
  auto after = events_.started(spec.task_key);
  EXPECT_TRUE(after.reattached);
  EXPECT_EQ(after.shim, before.shim);
  EXPECT_EQ(after.task, before.task);
  gate_.write_line("go");
  EXPECT_EQ(events_.exit_of(spec.task_key), exit_status::make_exited(6));
  EXPECT_EQ(events_.events_of(spec.task_key).size(), 2u);
}

TEST_F(ReattachTest, TaskOutlivesAnAgentKilledWithSigkill) {
  auto spec = gated();
  launch_by_killed_agent(spec);
  reattach(spec.task_key);
  EXPECT_TRUE(events_.started(spec.task_key).reattached);
  gate_.write_line("go");
  EXPECT_EQ(events_.exit_of(spec.task_key), exit_status::make_exited(6));
}

TEST_F(ReattachTest, TaskThatEndedMeanwhileReportsItsTrueStatus) {
  auto spec = gated();
  launch_by_killed_agent(spec);
  process_handle shim{shim_of(spec.task_key)};
  gate_.write_line("go");
  ASSERT_TRUE(shim.wait());
  reattach(spec.task_key);
  EXPECT_EQ(events_.exit_of(spec.task_key), exit_status::make_exited(6));
  EXPECT_EQ(events_.events_of(spec.task_key).size(), 2u);
  // And again, until it is forgotten.
  restart_launcher();
  reattach(spec.task_key);
  EXPECT_EQ(events_.exit_of(spec.task_key), exit_status::make_exited(6));
  launcher_->forget(spec.task_key);
  run(shell("true"));
  EXPECT_FALSE(std::filesystem::exists(record_of(spec.task_key)));
}

TEST_F(ReattachTest, ShimKilledMeanwhileIsNoticedAndItsTaskEnded) {
  named_pipe born{scratch_.file("born")};
  auto daemon = "echo $$ > " + born.path() + "; exec sleep 1000";
  auto spec = shell("(setsid sh -c '" + daemon + "' &) ; echo up > "
                    + up_.path() + "; read line < " + gate_.path());
  launch_by_killed_agent(spec);
  process_handle leftover{
    static_cast<pid_t>(std::stoi("0" + born.read_line()))};
  auto pid = shim_of(spec.task_key);
  process_handle shim{pid};
  ::kill(pid, SIGKILL);
  ASSERT_TRUE(shim.wait());
  EXPECT_FALSE(leftover.ended());
  reattach(spec.task_key);
  EXPECT_EQ(events_.exit_of(spec.task_key),
            exit_status::make_unknown(exit_status::cause::shim_died));
  EXPECT_TRUE(leftover.ended());
}

TEST_F(ReattachTest, ShimKilledAfterReattachmentIsNoticed) {
  auto spec = gated();
  launch_by_killed_agent(spec);
  reattach(spec.task_key);
  auto started = events_.started(spec.task_key);
  process_handle task{started.task.pid};
  ::kill(started.shim.pid, SIGKILL);
  EXPECT_EQ(events_.exit_of(spec.task_key).reason,
            exit_status::cause::shim_died);
  EXPECT_TRUE(task.ended());
}

TEST_F(ReattachTest, ReattachedTaskTakesSignals) {
  for (auto mode : {kill_mode::terminate, kill_mode::kill}) {
    auto spec = gated();
    launch(spec);
    restart_launcher();
    reattach(spec.task_key);
    ASSERT_FALSE(launcher_->signal(spec.task_key, mode));
    auto number = mode == kill_mode::kill ? SIGKILL : SIGTERM;
    EXPECT_EQ(events_.exit_of(spec.task_key),
              exit_status::make_signaled(number));
  }
}

TEST_F(ReattachTest, AfterARebootNothingIsReattached) {
  auto spec = gated();
  auto before = launch(spec);
  process_handle task{before.task.pid};
  restart_launcher("another-boot");
  reattach(spec.task_key);
  EXPECT_EQ(events_.exit_of(spec.task_key),
            exit_status::make_unknown(exit_status::cause::rebooted));
  // Those pids may be anybody's now.
  EXPECT_FALSE(task.ended());
  gate_.write_line("go");
  ASSERT_TRUE(task.wait());
}

TEST_F(ReattachTest, TaskThatEndedBeforeTheRebootHasItsStatus) {
  auto spec = shell("exit 9");
  run(spec);
  restart_launcher("another-boot");
  reattach(spec.task_key);
  EXPECT_EQ(events_.exit_of(spec.task_key), exit_status::make_exited(9));
}

TEST_F(ReattachTest, FailedStartIsReportedAgain) {
  auto spec = program({"/nonexistent"});
  ASSERT_FALSE(launcher_->launch(spec));
  events_.failure_of(spec.task_key);
  restart_launcher();
  reattach(spec.task_key);
  auto event = events_.failure_of(spec.task_key);
  EXPECT_EQ(event.step, "execute");
  EXPECT_EQ(event.error_number, ENOENT);
}

TEST_F(ReattachTest, WhatWasNeverStartedNeverWillBe) {
  auto spec = shell("touch ran");
  reattach(spec.task_key);
  EXPECT_EQ(events_.failure_of(spec.task_key).step, "launch");
  // A shim that comes late, from an agent that is being killed.
  auto late = make_launcher();
  events_.clear();
  ASSERT_FALSE(late->launch(spec));
  EXPECT_EQ(events_.failure_of(spec.task_key).error_number, EEXIST);
  EXPECT_FALSE(std::filesystem::exists(spec.sandbox / "ran"));
}

TEST_F(ReattachTest, DamagedRecordIsReportedAndLeftoversEnded) {
  auto spec = gated();
  auto before = launch(spec);
  process_handle task{before.task.pid};
  process_handle shim{before.shim.pid};
  restart_launcher();
  std::ofstream{record_of(spec.task_key)} << "nonsense\n";
  reattach(spec.task_key);
  EXPECT_EQ(events_.exit_of(spec.task_key),
            exit_status::make_unknown(exit_status::cause::record_lost));
  EXPECT_TRUE(task.ended());
  EXPECT_TRUE(shim.wait());
}

// The pids of a shim and its task belong to others by now: to this test.
TEST_F(ReattachTest, PidsThatWereGivenToOthersAreLeftAlone) {
  auto key = new_key();
  std::filesystem::create_directory(run_directory_);
  auto pid = std::to_string(::getpid());
  std::ofstream{record_of(key)} << "agora-shim 1 " << *read_boot_id() << " "
                                << pid << " 1\ntask " << pid << " 2\n";
  reattach(key);
  EXPECT_EQ(events_.exit_of(key),
            exit_status::make_unknown(exit_status::cause::shim_died));
}

TEST_F(ReattachTest, RecordThatIsNoFileIsReported) {
  auto key = new_key();
  std::filesystem::create_directories(record_of(key));
  reattach(key);
  EXPECT_EQ(events_.exit_of(key),
            exit_status::make_unknown(exit_status::cause::record_lost));
}

// Whenever the launcher is destroyed, each task is run once or not at all, and
// its successor is told which.
TEST_F(ReattachTest, BurstInterruptedByRestartRunsEachTaskAtMostOnce) {
  std::vector<launch_spec> specs;
  for (int i = 0; i < 40; ++i) {
    specs.push_back(shell("echo ran >> runs; exit 4"));
    ASSERT_FALSE(launcher_->launch(specs.back()));
  }
  events_.started(specs.front().task_key);
  restart_launcher();
  for (auto& spec : specs)
    reattach(spec.task_key);
  ASSERT_TRUE(events_.wait_over(specs.size()));
  size_t ran = 0;
  for (auto& spec : specs) {
    auto event = events_.last_of(spec.task_key);
    auto runs = contents(spec.sandbox / "runs");
    if (auto exited = std::get_if<process_exited>(&event)) {
      EXPECT_EQ(exited->status, exit_status::make_exited(4));
      EXPECT_EQ(runs, "ran\n");
      ++ran;
    } else {
      EXPECT_EQ(runs, "");
    }
  }
  EXPECT_GE(ran, 1u);
}

} // namespace
} // namespace agora::test
