// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/word_count_executor_actor.hpp"
#include "actors/frameworks/word_count/word_count_scheduler_actor.hpp"
#include "tests/support/scheduler_fixture.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace agora {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using v1::scheduler::Call;

class WordCountScheduler : public test::scheduler_fixture {
protected:
  void start(std::vector<file_chunk_list> chunks) {
    word_count_options options;
    options.executor = "/bin/executor";
    scheduler_is(spawn(word_count_scheduler, driver_, options,
                       std::move(chunks), outcome_));
    send_subscribed();
  }

  std::shared_ptr<word_count_outcome> outcome_
    = std::make_shared<word_count_outcome>();
};

TEST_F(WordCountScheduler, HandsOutChunksAndAddsUp) {
  start({{"/a"}, {"/b", "/c"}});
  send_offers({make_offer("o1", 1, 100)});
  ASSERT_THAT(take_calls(), ElementsAre(Call::ACCEPT, Call::SUPPRESS));
  auto tasks = launched();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[1].data(), "/b\n/c\n");
  EXPECT_EQ(tasks[0].executor().SerializeAsString(),
            tasks[1].executor().SerializeAsString())
    << "they share one process";
  send_update("count-1", v1::TASK_FINISHED, "", "x\t1\n");
  send_update("count-2", v1::TASK_FINISHED, "", "x\t2\ny\t1\n");
  EXPECT_THAT(take_calls(), ElementsAre(Call::TEARDOWN));
  ASSERT_TRUE(end_);
  ASSERT_TRUE(outcome_->counts);
  EXPECT_EQ(to_text(*outcome_->counts), "3 x\n1 y\n");
}

TEST_F(WordCountScheduler, LeavesRoomForTheExecutor) {
  start({{"/a"}, {"/b"}, {"/c"}});
  // The executor and two tasks.
  send_offers({make_offer("o1", 0.2, 100)});
  take_calls();
  EXPECT_EQ(launched().size(), 2u);
  // The executor runs there: one more task needs no more than itself.
  auto more = make_offer("o2", 0.05, 4);
  more.add_executor_ids()->set_value("word-count");
  send_offers({more});
  take_calls();
  EXPECT_EQ(launched().size(), 1u);
}

TEST_F(WordCountScheduler, EndsWithTheReasonIfAChunkCannotBeCounted) {
  start({{"/a"}});
  for (auto i = 1u; i <= chunk_table::attempts_limit; ++i) {
    send_offers({make_offer("o", 1, 100)});
    send_update("count-" + std::to_string(i), v1::TASK_FAILED, "cannot read");
  }
  ASSERT_TRUE(end_);
  EXPECT_THAT(text_of(*end_), HasSubstr("cannot read"));
  EXPECT_FALSE(outcome_->counts);
}

class WordCountExecutor : public test::deterministic_actors {
protected:
  using call_type = v1::executor::Call;
  using event_type = v1::executor::Event;

  executor_calls_actor driver_ = spawn([this] {
    return executor_calls_actor::behavior_type{
      [this](const call_type& call) {
        updates_.push_back(call.update().status());
      },
    };
  });

  word_count_executor_actor executor_ = spawn(word_count_executor, driver_);

  void launch(const std::string& id, const std::string& data) {
    event_type event;
    event.set_type(event_type::LAUNCH);
    auto& task = *event.mutable_launch()->mutable_task();
    task.mutable_task_id()->set_value(id);
    task.set_data(data);
    tell(executor_, std::move(event));
  }

  void TearDown() override {
    driver_ = nullptr;
    executor_ = nullptr;
    deterministic_actors::TearDown();
  }

  scratch_directory folder_;
  std::vector<v1::TaskStatus> updates_;
};

TEST_F(WordCountExecutor, CountsTheFilesOfEachTask) {
  std::ofstream{folder_.file("a")} << "One two";
  std::ofstream{folder_.file("b")} << "two";
  launch("t1", folder_.file("a") + "\n" + folder_.file("b") + "\n");
  launch("t2", folder_.file("b") + "\n");
  settle();
  ASSERT_EQ(updates_.size(), 4u);
  EXPECT_EQ(updates_[0].state(), v1::TASK_RUNNING);
  EXPECT_EQ(updates_[1].state(), v1::TASK_RUNNING);
  EXPECT_EQ(updates_[2].state(), v1::TASK_FINISHED);
  EXPECT_EQ(updates_[2].task_id().value(), "t1");
  EXPECT_EQ(updates_[2].data(), "one\t1\ntwo\t2\n");
  EXPECT_EQ(updates_[3].data(), "two\t1\n");
}

TEST_F(WordCountExecutor, WhatCannotBeReadFailsItsTaskOnly) {
  std::ofstream{folder_.file("b")} << "two";
  launch("t1", folder_.file("nothing") + "\n");
  launch("t2", "nonsense");
  launch("t3", folder_.file("b") + "\n");
  settle();
  std::map<std::string, v1::TaskStatus> last;
  for (auto& update : updates_)
    last[update.task_id().value()] = update;
  EXPECT_EQ(last["t1"].state(), v1::TASK_FAILED);
  EXPECT_THAT(last["t1"].message(), HasSubstr("nothing"));
  EXPECT_EQ(last["t2"].state(), v1::TASK_FAILED);
  EXPECT_EQ(last["t3"].state(), v1::TASK_FINISHED);
}

TEST_F(WordCountExecutor, AKilledTaskEndsBeforeItsTurn) {
  std::ofstream{folder_.file("a")} << "one";
  launch("t1", folder_.file("a") + "\n");
  launch("t2", folder_.file("a") + "\n");
  event_type kill;
  kill.set_type(event_type::KILL);
  kill.mutable_kill()->mutable_task_id()->set_value("t2");
  tell(executor_, std::move(kill));
  settle();
  ASSERT_EQ(updates_.size(), 4u);
  EXPECT_EQ(updates_[2].state(), v1::TASK_KILLED);
  EXPECT_EQ(updates_[2].task_id().value(), "t2");
  EXPECT_EQ(updates_[3].state(), v1::TASK_FINISHED);
}

TEST_F(WordCountExecutor, ShutdownEndsEverything) {
  launch("t1", "/a\n");
  event_type shutdown;
  shutdown.set_type(event_type::SHUTDOWN);
  tell(executor_, std::move(shutdown));
  settle();
  ASSERT_EQ(updates_.size(), 2u);
  EXPECT_EQ(updates_[1].state(), v1::TASK_KILLED);
}

} // namespace
} // namespace agora
