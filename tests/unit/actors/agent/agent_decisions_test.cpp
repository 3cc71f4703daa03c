// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/agent_outbox.hpp"
#include "actors/agent/attachment.hpp"
#include "actors/agent/checkpoint/agent_checkpoint.hpp"
#include "actors/agent/ended_sandboxes.hpp"
#include "actors/agent/launch_validator.hpp"
#include "actors/agent/recovery.hpp"
#include "actors/agent/run_tasks.hpp"
#include "actors/agent/start_tasks.hpp"
#include "actors/agent/status_stream/status_stream.hpp"
#include "actors/agent/task_statuses.hpp"
#include "actors/session/session_machine.hpp"
#include "storage/cluster/cluster_limits.hpp"
#include "storage/store/memory_store.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace agora {
namespace {

v1::TaskInfo command_task(const std::string& id) {
  v1::TaskInfo task;
  task.mutable_task_id()->set_value(id);
  task.mutable_command()->set_value("true");
  return task;
}

class AgentDecisionsTest : public ::testing::Test {
protected:
  AgentDecisionsTest() {
    agent_effects out;
    recover_agent(books_, {}, std::string(16, 'u'), "boot", now_, out);
    books_.identity.set_agent_id("a1");
  }

  static agent_options options() {
    agent_options with;
    with.work_dir = "/work";
    return with;
  }

  /// Runs the request through to the start of its tasks.
  agent_effects run(session::RunTasks request) {
    request.mutable_framework()->mutable_id()->set_value("f");
    agent_effects out;
    unanswerable_ = accept_run_tasks(books_, request, now_, out);
    for (auto& effect : std::vector{out.stored})
      if (auto tasks = std::get_if<start_tasks>(&effect))
        start_stored_tasks(books_, tasks->tasks, now_, out);
    return out;
  }

  template <class Effect>
  static std::vector<Effect> all(const agent_effects& effects) {
    std::vector<Effect> found;
    for (auto& effect : effects.now)
      if (auto match = std::get_if<Effect>(&effect))
        found.push_back(*match);
    return found;
  }

  /// What the master is told of tasks that are not taken.
  static std::vector<session::TaskStatusEntry>
  answers(const agent_effects& effects) {
    std::vector<session::TaskStatusEntry> found;
    for (auto& told : all<tell_master>(effects))
      for (auto& entry : told.message.statuses().entries())
        found.push_back(entry);
    return found;
  }

  moment now_{{}, wall_time{std::chrono::seconds{1'000}}};
  agent_books books_{options(), std::string(16, 'r')};
  size_t unanswerable_ = 0;
};

TEST_F(AgentDecisionsTest, LaunchWithoutAUsableIdIsLeftAlone) {
  session::RunTasks request;
  *request.add_launches()->add_tasks() = command_task("");
  *request.add_launches()->add_tasks()
    = command_task(std::string(stored_id_bytes + 1, 'x'));
  request.add_launches();
  run(request);
  EXPECT_EQ(unanswerable_, 2u);
  EXPECT_EQ(books_.tasks.size(), 0u);
}

TEST_F(AgentDecisionsTest, SameIdTwiceInAGroupIsTakenOnce) {
  session::RunTasks request;
  auto launch = request.add_launches();
  launch->mutable_group_executor()->set_type(v1::ExecutorInfo::DEFAULT);
  launch->mutable_group_executor()->mutable_executor_id()->set_value("e");
  *launch->add_tasks() = command_task("t");
  *launch->add_tasks() = command_task("t");
  run(request);
  EXPECT_EQ(books_.tasks.size(), 1u);
}

TEST_F(AgentDecisionsTest, TooManyTasksGetAStatusAndAreNotHeld) {
  books_.options.limits.tasks = 1;
  session::RunTasks request;
  *request.add_launches()->add_tasks() = command_task("t1");
  *request.add_launches()->add_tasks() = command_task("t2");
  auto entries = answers(run(request));
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].framework_id().value(), "f");
  auto& status = entries[0].status();
  EXPECT_EQ(status.task_id().value(), "t2");
  EXPECT_EQ(status.state(), v1::TASK_LOST);
  EXPECT_EQ(status.reason(), v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
  EXPECT_NE(status.message().find("no more than 1"), std::string::npos);
  EXPECT_EQ(books_.tasks.size(), 1u);
}

TEST_F(AgentDecisionsTest, TasksThatNoAttachWouldHoldAreTurnedAway) {
  books_.options.limits.attach_bytes = 2'000;
  session::RunTasks request;
  for (int i = 0; i < 20; ++i)
    *request.add_launches()->add_tasks()
      = command_task("t" + std::to_string(i));
  auto turned_away = answers(run(request)).size();
  EXPECT_GT(turned_away, 0u);
  EXPECT_GT(books_.tasks.size(), 0u);
  EXPECT_EQ(books_.tasks.size() + turned_away, 20u);
  EXPECT_LE(make_attach(books_).ByteSizeLong(), 2'100u);
}

TEST_F(AgentDecisionsTest, ContainersAndUuidsAreUnique) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(seen.insert(books_.next_container().text()).second);
    EXPECT_TRUE(seen.insert(books_.next_uuid()).second);
  }
  EXPECT_FALSE(check_task_key(books_.next_container().text()));
}

TEST_F(AgentDecisionsTest, ExecutorsSayOnlyWhatIsTheirs) {
  session::RunTasks request;
  *request.add_launches()->add_tasks() = command_task("t");
  run(request);
  executor_key mine{framework_id{"f"}, {}};
  auto say = [&](const executor_key& who, v1::TaskState state) {
    v1::TaskStatus news;
    news.mutable_task_id()->set_value("t");
    news.set_state(state);
    agent_effects out;
    return take_update(books_, who, std::move(news), now_, out);
  };
  EXPECT_FALSE(say({framework_id{"g"}, {}}, v1::TASK_RUNNING));
  EXPECT_FALSE(say({framework_id{"f"}, executor_id{"e"}}, v1::TASK_RUNNING));
  EXPECT_FALSE(say(mine, v1::TASK_UNREACHABLE));
  EXPECT_TRUE(say(mine, v1::TASK_RUNNING));
  EXPECT_TRUE(say(mine, v1::TASK_FINISHED));
  EXPECT_FALSE(say(mine, v1::TASK_FAILED)) << "it has ended";
}

TEST_F(AgentDecisionsTest, OversizedStatusLosesItsData) {
  session::RunTasks request;
  *request.add_launches()->add_tasks() = command_task("t");
  run(request);
  v1::TaskStatus news;
  news.mutable_task_id()->set_value("t");
  news.set_state(v1::TASK_RUNNING);
  news.set_data(std::string(2 << 20, 'x'));
  agent_effects out;
  take_update(books_, {framework_id{"f"}, {}}, std::move(news), now_, out);
  auto statuses = all<record_status>(out);
  ASSERT_EQ(statuses.size(), 1u);
  EXPECT_FALSE(statuses[0].status.has_data());
  EXPECT_NE(statuses[0].status.message().find("left out"), std::string::npos);
}

TEST_F(AgentDecisionsTest, NewerEpochIsObeyedAndStored) {
  session::AgentAttached answer;
  answer.mutable_agent_id()->set_value("a1");
  answer.set_cluster_id("c");
  answer.mutable_epoch()->set_generation(1);
  answer.mutable_epoch()->set_term(7);
  agent_effects out;
  EXPECT_FALSE(take_attached(books_, answer, out));
  EXPECT_FALSE(out.batch.empty());
  answer.mutable_epoch()->set_term(6);
  EXPECT_EQ(code_of(take_attached(books_, answer, out)), errc::stale_epoch);
  // A restored backup leads whatever its term is.
  answer.mutable_epoch()->set_generation(2);
  answer.mutable_epoch()->set_term(1);
  EXPECT_FALSE(take_attached(books_, answer, out));
  answer.set_cluster_id("other");
  EXPECT_EQ(code_of(take_attached(books_, answer, out)), errc::wrong_cluster);
  answer.set_cluster_id("c");
  answer.mutable_agent_id()->set_value("a2");
  EXPECT_EQ(code_of(take_attached(books_, answer, out)), errc::conflict);
}

TEST_F(AgentDecisionsTest, AttachLeavesDescriptionsOutIfThereIsNoRoom) {
  session::RunTasks request;
  for (int i = 0; i < 100; ++i)
    *request.add_launches()->add_tasks()
      = command_task("t" + std::to_string(i));
  run(request);
  auto attach = make_attach(books_);
  EXPECT_TRUE(attach.tasks(99).has_info());
  books_.options.limits.attach_bytes = books_.tasks.attach_bytes() + 500;
  attach = make_attach(books_);
  EXPECT_EQ(attach.tasks_size(), 100);
  EXPECT_TRUE(attach.tasks(0).has_info());
  EXPECT_FALSE(attach.tasks(99).has_info());
}

TEST_F(AgentDecisionsTest, LargestAgentCanAttach) {
  cluster_limits most;
  auto id_of_length = [](size_t number) {
    auto id = std::to_string(number);
    return std::string(object_id_bytes - id.size(), 'x') + id;
  };
  session::RunTasks request;
  for (size_t i = 0; i < most.agent_tasks; ++i) {
    auto launch = request.add_launches();
    launch->mutable_launch_id()->set_generation(~uint64_t{0});
    launch->mutable_launch_id()->set_index(~uint64_t{0} - i);
    auto task = launch->add_tasks();
    task->mutable_task_id()->set_value(id_of_length(i));
    auto executor = task->mutable_executor();
    executor->mutable_executor_id()->set_value(
      id_of_length(i % most.executors));
    executor->mutable_command()->set_value(std::string(1'000, 'c'));
  }
  EXPECT_TRUE(answers(run(request)).empty()) << "all are taken";
  ASSERT_EQ(books_.tasks.size(), most.agent_tasks);
  books_.tasks.for_each([&](held_task& task) {
    task.phase = task_phase::launched;
    v1::TaskStatus news;
    news.set_state(v1::TASK_RUNNING);
    news.set_reason(v1::TaskStatus::REASON_TASK_CHECK_STATUS_UPDATED);
    news.set_healthy(true);
    news.set_message(std::string(2'000, 'm'));
    news.set_data(std::string(10'000, 'd'));
    auto label = news.mutable_labels()->add_labels();
    label->set_key(std::string(1'000, 'l'));
    news.set_uuid(std::string(update_uuid_bytes, 'u'));
    books_.complete(task, news, now_);
    task.latest = std::move(news);
  });
  auto attach = make_attach(books_);
  EXPECT_LE(attach.ByteSizeLong(), books_.options.limits.attach_bytes + 1'000);
  EXPECT_LT(attach.ByteSizeLong(), session_limits{}.body_bytes);
  ASSERT_EQ(attach.tasks_size(), static_cast<int>(most.agent_tasks));
  EXPECT_EQ(attach.executors_size(), static_cast<int>(most.executors));
  for (auto& task : attach.tasks()) {
    EXPECT_TRUE(task.has_launch_id());
    EXPECT_EQ(task.latest_status().state(), v1::TASK_RUNNING);
    EXPECT_EQ(task.latest_status().uuid().size(), update_uuid_bytes);
    EXPECT_FALSE(task.latest_status().has_data());
  }
}

TEST_F(AgentDecisionsTest, AttachCutsTextsBetweenCharacters) {
  session::RunTasks request;
  *request.add_launches()->add_tasks() = command_task("t");
  run(request);
  auto& task = *books_.tasks.find({framework_id{"f"}, task_id{"t"}});
  task.latest.set_message(std::string(held_message_bytes - 1, 'a') + "\u00e9b");
  auto attach = make_attach(books_);
  EXPECT_EQ(attach.tasks(0).latest_status().message(),
            std::string(held_message_bytes - 1, 'a'));
}

TEST_F(AgentDecisionsTest, TimesOfUpdatesDoNotGoBackWithTheClock) {
  session::RunTasks request;
  *request.add_launches()->add_tasks() = command_task("t");
  run(request);
  auto& task = *books_.tasks.find({framework_id{"f"}, task_id{"t"}});
  status_stream stream{framework_id{"f"}, {}};
  for (auto state : {v1::TASK_STARTING, v1::TASK_RUNNING, v1::TASK_KILLING}) {
    v1::TaskStatus news;
    news.mutable_task_id()->set_value("t");
    news.set_state(state);
    agent_effects out;
    EXPECT_TRUE(
      take_update(books_, {framework_id{"f"}, {}}, std::move(news), now_, out));
    EXPECT_EQ(task.latest.state(), state);
    for (auto& effect : all<record_status>(out))
      EXPECT_FALSE(stream.record(effect.status).put.empty());
    now_.wall -= std::chrono::hours{1};
  }
}

TEST_F(AgentDecisionsTest, RunningExecutorIsWhatItWasDescribedAs) {
  auto custom = [](const std::string& id, const std::string& command) {
    v1::TaskInfo task;
    task.mutable_task_id()->set_value(id);
    task.mutable_executor()->set_type(v1::ExecutorInfo::CUSTOM);
    task.mutable_executor()->mutable_executor_id()->set_value("e");
    task.mutable_executor()->mutable_command()->set_value(command);
    return task;
  };
  auto error_of = [&](const session::RunTasks& request) {
    auto statuses = all<record_status>(run(request));
    if (statuses.empty())
      return std::string{"none"};
    EXPECT_EQ(statuses[0].status.state(), v1::TASK_ERROR);
    return v1::TaskStatus::Reason_Name(statuses[0].status.reason()) + ": "
           + statuses[0].status.message();
  };
  session::RunTasks request;
  *request.add_launches()->add_tasks() = custom("t1", "./run");
  EXPECT_EQ(error_of(request), "none");
  request.clear_launches();
  *request.add_launches()->add_tasks() = custom("t2", "./run");
  EXPECT_EQ(error_of(request), "none");
  request.clear_launches();
  *request.add_launches()->add_tasks() = custom("t3", "./another");
  EXPECT_EQ(error_of(request),
            "REASON_TASK_INVALID: executor.command.value is not that of "
            "executor 'e', which runs on this agent: the ExecutorInfo is not "
            "compatible with the existing one");
  // A group names the same executor, which is of another kind.
  request.clear_launches();
  auto launch = request.add_launches();
  *launch->add_tasks() = command_task("t4");
  launch->mutable_group_executor()->set_type(v1::ExecutorInfo::DEFAULT);
  launch->mutable_group_executor()->mutable_executor_id()->set_value("e");
  EXPECT_EQ(error_of(request).substr(0, 43),
            "REASON_TASK_GROUP_INVALID: executor.type is");
}

TEST_F(AgentDecisionsTest, UuidsHaveALimit) {
  session::RunTasks request;
  *request.add_launches()->add_tasks() = command_task("t");
  run(request);
  v1::TaskStatus news;
  news.mutable_task_id()->set_value("t");
  news.set_state(v1::TASK_RUNNING);
  news.set_uuid(std::string(update_uuid_bytes + 1, 'u'));
  agent_effects out;
  take_update(books_, {framework_id{"f"}, {}}, std::move(news), now_, out);
  auto statuses = all<record_status>(out);
  ASSERT_EQ(statuses.size(), 1u);
  EXPECT_EQ(statuses[0].status.uuid().size(), 16u);
}

TEST(LaunchValidatorTest, SaysWhatIsWrong) {
  auto refused = [](const session::TaskLaunch& launch) {
    auto judged = judge_launch(launch);
    return judged.refused ? judged.text : std::string{"fine"};
  };
  session::TaskLaunch launch;
  *launch.add_tasks() = command_task("t");
  EXPECT_EQ(refused(launch), "fine");
  auto& task = *launch.mutable_tasks(0);
  task.mutable_executor();
  EXPECT_EQ(refused(launch), "task 't': both command and executor are set");
  task.clear_command();
  EXPECT_EQ(refused(launch), "executor.executor_id is missing");
  task.mutable_executor()->mutable_executor_id()->set_value("e");
  EXPECT_EQ(refused(launch),
            "executor.command.value is missing: there is nothing to run");
  task.mutable_executor()->mutable_command()->set_value("x");
  EXPECT_EQ(refused(launch), "fine");
  EXPECT_EQ(judge_launch(launch).kind, executor_kind::custom);
  task.mutable_container()->mutable_docker();
  EXPECT_EQ(refused(launch),
            "task 't': container: images are not supported by this agent");
}

TEST(AgentCheckpointTest, IdsWithAnyBytesGetKeysOfTheirOwn) {
  checkpoint_keys keys{"agent/"};
  std::set<std::string> seen;
  for (auto framework : {"a", "a/", "ab", ""})
    for (auto task : {"b", "/b", "", "bb"})
      EXPECT_TRUE(
        seen.insert(keys.task({framework_id{framework}, task_id{task}}))
          .second);
}

TEST(AgentCheckpointTest, DamagedRecordIsAnError) {
  memory_store disk{memory_store::mode::immediate};
  checkpoint_keys keys{"agent/"};
  write_batch batch;
  batch.put(keys.task({framework_id{"f"}, task_id{"t"}}), "\xff\xff");
  ASSERT_FALSE(disk.write_now(std::move(batch)));
  EXPECT_EQ(code_of(load_agent_checkpoint(disk, keys).error()),
            errc::store_corrupt);
}

TEST(AgentOutboxTest, BodiesStayWithinTheirLimit) {
  agent_outbox outbox{100};
  for (int i = 0; i < 10; ++i) {
    session::TaskStatusEntry entry;
    entry.mutable_status()->set_message(std::string(40, 'x'));
    outbox.add_status(std::move(entry));
  }
  auto bodies = outbox.take();
  EXPECT_EQ(bodies.size(), 5u);
  for (auto& body : bodies)
    EXPECT_EQ(body.messages(0).statuses().entries_size(), 2);
  EXPECT_TRUE(outbox.empty());
}

TEST(EndedSandboxesTest, OldestIsForgottenFirst) {
  ended_sandboxes ended{2};
  for (auto id : {"a", "b", "c"})
    ended.add({framework_id{"f"}, task_id{id}}, id);
  EXPECT_EQ(ended.find({framework_id{"f"}, task_id{"a"}}), nullptr);
  EXPECT_NE(ended.find({framework_id{"f"}, task_id{"c"}}), nullptr);
}

} // namespace
} // namespace agora
