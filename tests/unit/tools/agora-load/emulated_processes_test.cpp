// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/emulated_processes.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace agora::load {

namespace {

/// What a launcher has told, in order.
class heard_events {
public:
  launcher::listener listener() {
    return [this](process_event event) {
      std::lock_guard guard{mutex_};
      events_.push_back(std::move(event));
      news_.notify_all();
    };
  }

  /// Waits for `count` events. CTest bounds the wait.
  std::vector<process_event> wait(size_t count) {
    std::unique_lock guard{mutex_};
    news_.wait(guard, [&] {
      return events_.size() >= count;
    });
    return events_;
  }

private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<process_event> events_;
};

launch_spec spec(const std::string& key, const std::string& command,
                 const std::string& task = "t") {
  launch_spec what;
  what.task_key = key;
  what.run_directory = "/run";
  what.sandbox = "/sandbox";
  what.command = command;
  what.environment = {{"AGORA_FRAMEWORK_ID", "f"}, {"AGORA_TASK_ID", task}};
  return what;
}

class emulated_processes_test : public ::testing::Test {
protected:
  heard_events heard_;
  emulated_processes all_;
  std::unique_ptr<launcher> one_ = all_.make_launcher(heard_.listener());
};

TEST_F(emulated_processes_test, a_command_starts_and_ends_at_once) {
  ASSERT_FALSE(one_->launch(spec("a", "true # 1")));
  auto events = heard_.wait(2);
  ASSERT_TRUE(std::holds_alternative<process_started>(events[0]));
  EXPECT_EQ(std::get<process_started>(events[0]).key, "a");
  EXPECT_TRUE(std::get<process_exited>(events[1]).status.success());
}

TEST_F(emulated_processes_test, a_held_one_runs_until_it_is_told_to_end) {
  ASSERT_FALSE(one_->launch(spec("a", "sleep infinity # 1", "t1")));
  ASSERT_FALSE(one_->launch(spec("b", "sleep infinity # 2", "t2")));
  EXPECT_EQ(heard_.wait(2).size(), 2u);
  ASSERT_FALSE(one_->signal("a", kill_mode::kill));
  all_.finish_all();
  auto events = heard_.wait(4);
  EXPECT_EQ(std::get<process_exited>(events[2]).status.signal, 9);
  EXPECT_TRUE(std::get<process_exited>(events[3]).status.success());
  // Both are over: nothing more is told.
  all_.finish_all();
  ASSERT_FALSE(one_->signal("a", kill_mode::kill));
  ASSERT_FALSE(one_->launch(spec("c", "true")));
  EXPECT_EQ(std::get<process_started>(heard_.wait(5)[4]).key, "c");
}

TEST_F(emulated_processes_test, refuses_what_a_real_launcher_refuses) {
  EXPECT_EQ(code_of(one_->launch(spec("", "true"))), errc::invalid_argument);
  ASSERT_FALSE(one_->launch(spec("a", "true")));
  EXPECT_EQ(code_of(one_->launch(spec("a", "true"))), errc::already_exists);
  EXPECT_EQ(code_of(one_->signal("b", kill_mode::kill)), errc::not_found);
}

TEST_F(emulated_processes_test, a_forgotten_key_may_be_used_again) {
  ASSERT_FALSE(one_->launch(spec("a", "true")));
  heard_.wait(2);
  one_->forget("a");
  EXPECT_FALSE(one_->launch(spec("a", "true")));
}

TEST_F(emulated_processes_test, counts_tasks_that_were_started_twice) {
  heard_events others;
  auto two = all_.make_launcher(others.listener());
  ASSERT_FALSE(one_->launch(spec("a", "true", "t1")));
  ASSERT_FALSE(one_->launch(spec("b", "true", "t2")));
  EXPECT_EQ(all_.started_again(), 0u);
  ASSERT_FALSE(two->launch(spec("c", "true", "t1")));
  EXPECT_EQ(all_.started(), 2u);
  EXPECT_EQ(all_.started_again(), 1u);
}

TEST_F(emulated_processes_test, a_launcher_that_has_ended_tells_nothing) {
  // Many, so that some are still to be told when it ends.
  for (int i = 0; i < 1'000; ++i)
    ASSERT_FALSE(one_->launch(spec("k" + std::to_string(i), "true")));
  one_.reset();
  auto told = heard_.wait(0).size();
  heard_events others;
  auto two = all_.make_launcher(others.listener());
  ASSERT_FALSE(two->launch(spec("a", "true")));
  others.wait(2);
  EXPECT_EQ(heard_.wait(0).size(), told);
}

} // namespace

} // namespace agora::load
