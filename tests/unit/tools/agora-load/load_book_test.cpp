// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/load_book.hpp"

#include <gtest/gtest.h>

#include <set>

namespace agora::load {

namespace {

using v1::scheduler::Call;
using v1::scheduler::Event;

class load_book_test : public ::testing::Test {
protected:
  using calls = load_book::calls;

  calls offer(const std::string& id, double cpus, double mem = 4096) {
    Event event;
    event.set_type(Event::OFFERS);
    auto& one = *event.mutable_offers()->add_offers();
    one.mutable_id()->set_value(id);
    one.mutable_agent_id()->set_value("agent-of-" + id);
    for (auto& [name, amount] :
         {std::pair{"cpus", cpus}, std::pair{"mem", mem}}) {
      auto& what = *one.add_resources();
      what.set_name(name);
      what.set_type(v1::Value::SCALAR);
      what.mutable_scalar()->set_value(amount);
    }
    return book_.receive(event, now_);
  }

  calls update(const std::string& task, v1::TaskState state) {
    Event event;
    event.set_type(Event::UPDATE);
    auto& what = *event.mutable_update()->mutable_status();
    what.mutable_task_id()->set_value(task);
    what.set_state(state);
    return book_.receive(event, now_);
  }

  Report counts() const {
    Report report;
    totals_->fill(report, true);
    return report;
  }

  static std::vector<v1::TaskInfo> tasks_of(const Call& accept) {
    std::vector<v1::TaskInfo> tasks;
    for (auto& operation : accept.accept().operations())
      for (auto& task : operation.launch().task_infos())
        tasks.push_back(task);
    return tasks;
  }

  std::shared_ptr<load_totals> totals_ = std::make_shared<load_totals>();
  load_book book_{totals_};
  load_book::time_point now_{std::chrono::seconds{100}};
};

TEST_F(load_book_test, wants_no_offers_until_it_has_tasks) {
  auto first = book_.begin();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].type(), Call::SUPPRESS);
  auto wanted = book_.launch({3, "true", 0, 0}, now_);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].type(), Call::REVIVE);
}

TEST_F(load_book_test, takes_as_many_as_fit_and_suppresses_after_the_last) {
  book_.launch({5, "true", 0, 0}, now_);
  auto first = offer("o1", 4);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(tasks_of(first[0]).size(), 4u);
  auto second = offer("o2", 4);
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(tasks_of(second[0]).size(), 1u);
  EXPECT_EQ(second[1].type(), Call::SUPPRESS);
  auto third = offer("o3", 4);
  ASSERT_EQ(third.size(), 1u);
  EXPECT_EQ(third[0].type(), Call::DECLINE);
  EXPECT_EQ(counts().tasks_accepted(), 5u);
}

TEST_F(load_book_test, memory_counts_as_well) {
  book_.launch({5, "true", 0, 0}, now_);
  EXPECT_EQ(tasks_of(offer("o1", 4, 2 * task_mem_mib)[0]).size(), 2u);
  EXPECT_EQ(offer("o2", 4, task_mem_mib / 2)[0].type(), Call::DECLINE);
}

TEST_F(load_book_test, commands_labels_and_ids_are_distinct) {
  book_.launch({3, "true", 0, 0}, now_);
  std::set<std::string> ids;
  std::set<std::string> commands;
  std::set<std::string> labels;
  for (auto& task : tasks_of(offer("o1", 4)[0])) {
    EXPECT_EQ(task.agent_id().value(), "agent-of-o1");
    ids.insert(task.task_id().value());
    commands.insert(task.command().value());
    labels.insert(task.labels().SerializeAsString());
  }
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_EQ(commands.size(), 3u);
  EXPECT_EQ(labels.size(), 3u);
}

TEST_F(load_book_test, few_in_flight_wait_for_the_end_of_the_one_before) {
  book_.launch({2, "true", 1, 0}, now_);
  EXPECT_EQ(tasks_of(offer("o1", 4)[0]).size(), 1u);
  EXPECT_TRUE(offer("o2", 4).empty());
  EXPECT_TRUE(update("0", v1::TASK_RUNNING).empty());
  auto next = update("0", v1::TASK_FINISHED);
  ASSERT_FALSE(next.empty());
  EXPECT_EQ(next[0].accept().offer_ids(0).value(), "o2");
}

TEST_F(load_book_test, tasks_of_an_earlier_share_are_not_in_flight) {
  book_.launch({1, "sleep infinity", 0, 0}, now_);
  offer("o1", 4);
  book_.launch({1, "true", 1, 0}, now_);
  EXPECT_EQ(tasks_of(offer("o2", 4)[0]).size(), 1u);
  // The end of the earlier one makes no room.
  book_.launch({2, "true", 1, 0}, now_);
  offer("o3", 4);
  EXPECT_TRUE(offer("o4", 4).empty());
  EXPECT_TRUE(update("0", v1::TASK_FINISHED).empty());
}

TEST_F(load_book_test, a_dropped_task_is_launched_again_under_another_id) {
  book_.launch({1, "true", 0, 0}, now_);
  offer("o1", 4);
  auto again = update("0", v1::TASK_DROPPED);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].type(), Call::REVIVE);
  EXPECT_EQ(tasks_of(offer("o2", 4)[0])[0].task_id().value(), "1");
  EXPECT_EQ(counts().tasks_dropped(), 1u);
  EXPECT_EQ(counts().tasks_failed(), 0u);
}

TEST_F(load_book_test, other_ends_count_as_failures_and_each_end_once) {
  book_.launch({2, "true", 0, 0}, now_);
  offer("o1", 4);
  update("0", v1::TASK_FAILED);
  update("0", v1::TASK_FAILED);
  update("1", v1::TASK_FINISHED);
  update("1", v1::TASK_FINISHED);
  update("7", v1::TASK_FINISHED);
  update("x", v1::TASK_FINISHED);
  EXPECT_EQ(counts().tasks_failed(), 1u);
  EXPECT_EQ(counts().tasks_finished(), 1u);
  EXPECT_NE(counts().first_failure().find("TASK_FAILED"), std::string::npos);
}

TEST_F(load_book_test, measures_from_the_accept_to_the_first_running) {
  book_.launch({1, "true", 0, 0}, now_);
  offer("o1", 4);
  now_ += std::chrono::microseconds{100};
  update("0", v1::TASK_RUNNING);
  now_ += std::chrono::seconds{5};
  update("0", v1::TASK_RUNNING);
  latency_histogram latencies;
  latencies.add(counts().accept_to_running());
  EXPECT_EQ(latencies.count(), 1u);
  EXPECT_DOUBLE_EQ(latencies.quantile_ms(1), 0.1);
}

TEST_F(load_book_test, a_rescinded_offer_is_not_used) {
  book_.launch({2, "true", 1, 0}, now_);
  offer("o1", 4);
  offer("o2", 4);
  Event event;
  event.set_type(Event::RESCIND);
  event.mutable_rescind()->mutable_offer_id()->set_value("o2");
  book_.receive(event, now_);
  EXPECT_TRUE(update("0", v1::TASK_FINISHED).empty());
}

TEST_F(load_book_test, watching_notes_the_first_offer_and_gives_it_back) {
  EXPECT_EQ(book_.watch()[0].type(), Call::REVIVE);
  auto answer = offer("o1", 4);
  ASSERT_EQ(answer.size(), 2u);
  EXPECT_EQ(answer[0].type(), Call::SUPPRESS);
  EXPECT_EQ(answer[1].type(), Call::DECLINE);
  EXPECT_EQ(counts().first_offer_ns(), 100'000'000'000u);
}

} // namespace

} // namespace agora::load
