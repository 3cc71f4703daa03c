// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/agent/agent_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <map>

namespace agora {
namespace {

using namespace std::chrono_literals;
using states = std::vector<v1::TaskState>;

class AgentTasksTest : public test::agent_fixture {
protected:
  struct end_of_agent {
    bool over = false;
    status reason;
  };

  /// How the agent ends, once it does.
  std::shared_ptr<end_of_agent> watch_agent() {
    auto end = std::make_shared<end_of_agent>();
    agent_->attach_functor([end](const caf::error& why) {
      *end = {true, why};
    });
    return end;
  }

  /// Runs t1 to its end and returns its last status, all before it
  /// acknowledged.
  v1::TaskStatus run_to_the_end() {
    from_master(run_tasks({command_task("t1", "first")}));
    run();
    launcher_->start(key());
    launcher_->exit(key(), exit_status::make_exited(0));
    for (;;) {
      run();
      auto fresh = sent_statuses();
      if (fresh.empty() || fresh[0].state() == v1::TASK_FINISHED)
        return fresh.empty() ? v1::TaskStatus{} : fresh[0];
      from_master(acknowledge(fresh[0]));
    }
  }
};

TEST_F(AgentTasksTest, DialsOnlyOnceItsIdentityIsOnDisk) {
  start();
  EXPECT_TRUE(dialed_.empty());
  run();
  ASSERT_EQ(dialed_.size(), 1u);
  open_master();
  auto messages = sent();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].attach().incarnation(), 1u);
  EXPECT_EQ(messages[0].attach().uid().size(), 32u);
  EXPECT_EQ(messages[0].attach().boot_id(), "boot1");
}

TEST_F(AgentTasksTest, TaskIsConfirmedAndStartedOnlyOnceItIsOnDisk) {
  start();
  attach();
  sent();
  from_master(run_tasks({command_task("t1")}));
  EXPECT_TRUE(sent().empty());
  EXPECT_TRUE(launcher_->launches.empty());
  disk_.persist();
  settle();
  auto messages = sent();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].tasks_confirmed().task_ids(0).value(), "t1");
  ASSERT_EQ(launcher_->launches.size(), 1u);
  EXPECT_EQ(launcher_->launches[0].command, "true");
}

TEST_F(AgentTasksTest, StatusLeavesOnlyOnceItIsOnDisk) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  disk_.persist();
  settle();
  EXPECT_TRUE(sent_statuses().empty());
  disk_.persist();
  settle();
  auto statuses = sent_statuses();
  ASSERT_EQ(statuses.size(), 1u);
  EXPECT_EQ(statuses[0].state(), v1::TASK_STARTING);
  EXPECT_EQ(statuses[0].agent_id().value(), "agent-1");
  EXPECT_EQ(statuses[0].uuid().size(), 16u);
  EXPECT_GT(statuses[0].timestamp(), 0);
}

TEST_F(AgentTasksTest, CommandRunsToItsEndAndLeavesNothingBehind) {
  start();
  attach();
  auto before = stored();
  from_master(run_tasks({command_task("t1")}));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_STARTING});
  launcher_->start(key());
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_RUNNING});
  launcher_->exit(key(), exit_status::make_exited(0));
  auto last = take_statuses();
  ASSERT_EQ(states_of(last), states{v1::TASK_FINISHED});
  EXPECT_EQ(last[0].message(), "command exited with status 0");
  EXPECT_EQ(stored(), before);
  EXPECT_EQ(launcher_->forgotten.size(), 1u);
  auto news = ask<agent_status>(agent_, get_agent_status{});
  ASSERT_TRUE(news);
  EXPECT_EQ(news->tasks, 0u);
}

TEST_F(AgentTasksTest, NextUpdateWaitsForTheAcknowledgementOfTheOneBefore) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  run();
  launcher_->start(key());
  launcher_->exit(key(), exit_status::make_exited(3));
  run();
  auto first = sent();
  ASSERT_EQ(first.back().statuses().entries_size(), 1);
  auto& entry = first.back().statuses().entries(0);
  EXPECT_EQ(entry.status().state(), v1::TASK_STARTING);
  from_master(acknowledge(entry.status()));
  run();
  auto second = sent_statuses();
  ASSERT_EQ(states_of(second), states{v1::TASK_RUNNING});
  from_master(acknowledge(second[0]));
  run();
  auto third = sent_statuses();
  ASSERT_EQ(states_of(third), states{v1::TASK_FAILED});
  EXPECT_EQ(third[0].reason(), v1::TaskStatus::REASON_COMMAND_EXECUTOR_FAILED);
  EXPECT_EQ(third[0].source(), v1::TaskStatus::SOURCE_EXECUTOR);
  EXPECT_EQ(third[0].message(), "command exited with status 3");
}

TEST_F(AgentTasksTest, UnacknowledgedStatusIsSentAgainLaterAndLater) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  run();
  EXPECT_EQ(sent_statuses().size(), 1u);
  advance(9'999ms);
  EXPECT_EQ(sent_statuses().size(), 0u);
  advance(1ms);
  EXPECT_EQ(sent_statuses().size(), 1u);
  advance(19'999ms);
  EXPECT_EQ(sent_statuses().size(), 0u);
  advance(1ms);
  EXPECT_EQ(sent_statuses().size(), 1u);
}

TEST_F(AgentTasksTest, TaskThatIsHeldIsConfirmedAgainAndNotRunTwice) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  run();
  sent();
  from_master(run_tasks({command_task("t1"), command_task("t1")}));
  run();
  auto messages = sent();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(messages[0].has_tasks_confirmed());
  EXPECT_EQ(launcher_->launches.size(), 1u);
}

TEST_F(AgentTasksTest, EndedTaskIsATombstoneUntilItsLastAcknowledgement) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  run();
  launcher_->fail_start(key(), "look up user", "user 'bob' is unknown");
  run();
  from_master(run_tasks({command_task("t1")}));
  run();
  EXPECT_EQ(launcher_->launches.size(), 1u);
  auto statuses = take_statuses();
  ASSERT_FALSE(statuses.empty());
  EXPECT_EQ(statuses.back().state(), v1::TASK_FAILED);
  EXPECT_EQ(statuses.back().reason(),
            v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
  EXPECT_EQ(statuses.back().message(), "cannot start: user 'bob' is unknown");
}

TEST_F(AgentTasksTest, KillEscalatesAfterItsGracePeriod) {
  start();
  attach();
  from_master(run_tasks({command_task("t1", "sleep 100")}));
  run();
  launcher_->start(key());
  run();
  from_master(kill("t1"));
  run();
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::terminate);
  advance(4'999ms);
  EXPECT_EQ(launcher_->signals.size(), 1u);
  advance(1ms);
  ASSERT_EQ(launcher_->signals.size(), 2u);
  EXPECT_EQ(launcher_->signals[1].mode, kill_mode::kill);
  launcher_->exit(key(), exit_status::make_signaled(9));
  auto statuses = take_statuses();
  EXPECT_EQ(statuses.back().state(), v1::TASK_KILLED);
  EXPECT_EQ(statuses.back().message(),
            "command terminated by signal 9 (Killed)");
}

TEST_F(AgentTasksTest, KillBeforeTheTaskIsStoredKeepsItFromStarting) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  from_master(kill("t1"));
  auto statuses = take_statuses();
  ASSERT_EQ(states_of(statuses), states{v1::TASK_KILLED});
  EXPECT_EQ(statuses[0].reason(),
            v1::TaskStatus::REASON_TASK_KILLED_DURING_LAUNCH);
  EXPECT_TRUE(launcher_->launches.empty());
}

TEST_F(AgentTasksTest, TaskWithNothingToRunIsAnError) {
  start();
  attach();
  auto task = command_task("t1");
  task.clear_command();
  from_master(run_tasks({task, command_task("t2")}));
  auto statuses = take_statuses();
  ASSERT_EQ(statuses.size(), 2u);
  for (auto& news : statuses)
    if (news.task_id().value() == "t1") {
      EXPECT_EQ(news.state(), v1::TASK_ERROR);
      EXPECT_EQ(news.reason(), v1::TaskStatus::REASON_TASK_INVALID);
      EXPECT_EQ(news.source(), v1::TaskStatus::SOURCE_AGENT);
    } else {
      EXPECT_EQ(news.state(), v1::TASK_STARTING);
    }
}

TEST_F(AgentTasksTest, UnreadableFileFailsTheTaskAndIsNamed) {
  start();
  attach();
  auto task = command_task("t1");
  task.mutable_command()->add_uris()->set_value("/no/such/file");
  from_master(run_tasks({task}));
  auto statuses = take_statuses();
  EXPECT_EQ(statuses.back().state(), v1::TASK_FAILED);
  EXPECT_EQ(statuses.back().reason(),
            v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
  EXPECT_NE(statuses.back().message().find("/no/such/file"), std::string::npos);
}

TEST_F(AgentTasksTest, HugeEnvironmentFailsTheTask) {
  start();
  attach();
  auto task = command_task("t1");
  auto variable
    = task.mutable_command()->mutable_environment()->add_variables();
  variable->set_name("HUGE");
  variable->set_value(std::string(1 << 20, 'x'));
  from_master(run_tasks({task}));
  auto statuses = take_statuses();
  EXPECT_EQ(statuses.back().state(), v1::TASK_FAILED);
  EXPECT_EQ(statuses.back().reason(),
            v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
}

TEST_F(AgentTasksTest, GroupEndsWhenOneOfItsTasksFails) {
  start();
  attach();
  from_master(run_group({"t1", "t2"}));
  run();
  ASSERT_EQ(launcher_->launches.size(), 2u);
  for (auto& spec : launcher_->launches)
    launcher_->start(spec.task_key);
  run();
  auto first = launcher_->launches[0].task_key;
  auto second = launcher_->launches[1].task_key;
  launcher_->exit(first, exit_status::make_exited(1));
  run();
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].key, second);
  launcher_->exit(second, exit_status::make_signaled(15));
  auto statuses = take_statuses();
  EXPECT_EQ(stored(), 1u) << "only the identity is left";
}

TEST_F(AgentTasksTest, ToolReadsWithinTheSandboxOnly) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  run();
  auto sandbox = launcher_->launches[0].sandbox;
  std::ofstream(sandbox / "stdout") << "hello";
  std::filesystem::create_symlink("/etc/passwd", sandbox / "escape");
  auto tool = make_peer();
  session_up up;
  up.number = ++sessions_;
  up.kind = session::TOOL;
  tell(agent_, up, tool.handle);
  session::ToolRequests requests;
  for (auto path : {"stdout", "escape", "../x", "nothing"}) {
    auto request = requests.add_requests();
    request->set_id(static_cast<uint64_t>(requests.requests_size()));
    auto file = request->mutable_read_file();
    file->mutable_framework_id()->set_value("f1");
    file->mutable_task_id()->set_value("t1");
    file->set_path(path);
    file->set_offset(-4);
  }
  tell(agent_, up.number, requests);
  run();
  std::map<uint64_t, session::ToolResponse> responses;
  for (auto& bytes : *tool.bodies) {
    session::ToolResponses body;
    ASSERT_TRUE(body.ParseFromString(bytes));
    for (auto& response : body.responses())
      responses[response.id()] = response;
  }
  ASSERT_EQ(responses.size(), 4u);
  EXPECT_EQ(responses[1].file_chunk().data(), "ello");
  EXPECT_EQ(responses[1].file_chunk().size(), 5);
  EXPECT_FALSE(responses[1].file_chunk().ended());
  EXPECT_EQ(responses[2].error().code(), "invalid_argument");
  EXPECT_EQ(responses[3].error().code(), "invalid_argument");
  EXPECT_EQ(responses[4].error().code(), "not_found");
}

TEST_F(AgentTasksTest, SilentDiskUnderACheckpointEndsTheAgentWithAReason) {
  start();
  attach();
  auto end = watch_agent();
  from_master(run_tasks({command_task("t1")}));
  advance(59'999ms);
  EXPECT_FALSE(end->over);
  EXPECT_TRUE(launcher_->launches.empty());
  launcher_ = nullptr;
  advance(1ms);
  ASSERT_TRUE(end->over);
  EXPECT_EQ(code_of(end->reason), errc::timeout);
  EXPECT_NE(text_of(end->reason).find("60000 ms"), std::string::npos);
}

TEST_F(AgentTasksTest, SilentDiskUnderAStatusEndsTheAgentToo) {
  start();
  attach();
  from_master(run_tasks({command_task("t1")}));
  run();
  auto end = watch_agent();
  launcher_->start(key());
  advance(59'999ms);
  EXPECT_FALSE(end->over);
  advance(1ms);
  ASSERT_TRUE(end->over);
  EXPECT_EQ(code_of(end->reason), errc::timeout);
}

TEST_F(AgentTasksTest, IdIsFreeOnceTheOldEndIsAcknowledged) {
  start();
  attach();
  auto last = run_to_the_end();
  ASSERT_EQ(last.state(), v1::TASK_FINISHED);
  // The disk has yet to forget the old one when the new one comes.
  from_master(acknowledge(last));
  from_master(run_tasks({command_task("t1", "second")}));
  from_master(run_tasks({command_task("t1", "second")}));
  EXPECT_TRUE(sent().empty()) << "a task that is not stored is confirmed";
  run();
  ASSERT_EQ(launcher_->launches.size(), 2u);
  EXPECT_EQ(launcher_->launches[1].command, "second");
  launcher_->start(key());
  launcher_->exit(key(), exit_status::make_exited(3));
  EXPECT_EQ(states_of(take_statuses()),
            (states{v1::TASK_STARTING, v1::TASK_RUNNING, v1::TASK_FAILED}));
  EXPECT_EQ(stored(), 1u) << "only the identity is left";
}

TEST_F(AgentTasksTest, KillMeansTheNewTaskOfAReusedId) {
  start();
  attach();
  from_master(acknowledge(run_to_the_end()));
  from_master(run_tasks({command_task("t1", "second")}));
  from_master(kill("t1"));
  EXPECT_EQ(states_of(take_statuses()), states{v1::TASK_KILLED});
  EXPECT_EQ(launcher_->launches.size(), 1u);
}

TEST_F(AgentTasksTest, IdIsTakenWhileTheOldEndIsNotAcknowledged) {
  start();
  attach();
  auto last = run_to_the_end();
  from_master(run_tasks({command_task("t1", "second")}));
  run();
  EXPECT_EQ(launcher_->launches.size(), 1u);
  // Whoever asks again hears the end that is known.
  advance(10s);
  auto again = sent_statuses();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].uuid(), last.uuid());
}

TEST_F(AgentTasksTest, BrokenArchiveFailsTheTask) {
  start();
  attach();
  std::ofstream(work_.file("a.tar.gz")) << "no archive";
  auto task = command_task("t1");
  task.mutable_command()->add_uris()->set_value(work_.file("a.tar.gz"));
  from_master(run_tasks({task}));
  run();
  ASSERT_EQ(launcher_->launches.size(), 1u);
  EXPECT_NE(launcher_->launches[0].command.find("tar "), std::string::npos);
  launcher_->start(key());
  launcher_->exit(key(), exit_status::make_exited(2));
  auto statuses = take_statuses();
  EXPECT_EQ(statuses.back().state(), v1::TASK_FAILED);
  EXPECT_EQ(statuses.back().reason(),
            v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
  EXPECT_NE(statuses.back().message().find("cannot unpack its files"),
            std::string::npos);
  EXPECT_EQ(launcher_->launches.size(), 1u) << "the command must not run";
}

} // namespace
} // namespace agora
