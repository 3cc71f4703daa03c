// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {
namespace {

class History : public cluster_test {
public:
  History()
    : cluster_test(cluster_limits{.ended_tasks = 3, .ended_frameworks = 2}) {
    // nop
  }

  std::string ended_names() const {
    std::string all;
    state.for_each_ended_task([&](const cluster::TaskRecord& task) {
      all += task.task_id() + " ";
      return true;
    });
    return all;
  }
};

TEST_F(History, TheOldestTaskIsForgottenFirst) {
  for (auto* name : {"t1", "t2", "t3"})
    run_to_end(plain, agent, name);
  EXPECT_EQ(ended_names(), "t3 t2 t1 ");
  auto key = start(plain, agent, "t4");
  auto out = accepted(given(key, v1::TASK_LOST));
  EXPECT_EQ(out.evicted_tasks, (std::vector<task_key>{{plain, task_id{"t1"}}}));
  EXPECT_EQ(ended_names(), "t4 t3 t2 ");
  EXPECT_EQ(state.find_ended_task({plain, task_id{"t1"}}), nullptr);
  EXPECT_EQ(state.ended_task_count(), 3u);
}

TEST_F(History, TheNewestOfAReusedNameIsFound) {
  for (auto* name : {"t", "t", "a", "b"})
    run_to_end(plain, agent, name);
  // The older "t" is forgotten, the newer is not.
  EXPECT_EQ(ended_names(), "b a t ");
  EXPECT_NE(state.find_ended_task({plain, task_id{"t"}}), nullptr);
}

TEST_F(History, ALargeFrameworksEndWritesOnlyWhatIsRemembered) {
  run_to_end(plain, agent, "old");
  for (auto* name : {"t1", "t2", "t3", "t4", "t5"})
    start(aware, agent, name, 0.1);
  accepted(add_group(accepts(aware, agent), {task_of("g", 0.1)}, "pod", 0.1));
  auto out = accepted(ended(aware));
  EXPECT_EQ(out.transitions.size(), 6u);
  EXPECT_EQ(ended_names(), "t5 t4 t3 ");
  EXPECT_EQ(out.evicted_tasks.size(), 4u);
  EXPECT_EQ(state.find_ended_task({plain, task_id{"old"}}), nullptr);
}

TEST_F(History, OfLargeTasksOnlyTheEndIsRemembered) {
  auto task = task_of("big", 1);
  task.set_task_info(std::string(state.limits().ended_task_bytes, 'i'));
  accepted(add_task(accepts(plain, agent), task));
  task_key key{plain, task_id{"big"}};
  auto end = reported(key, v1::TASK_FAILED, "u");
  end.mutable_task_status()->mutable_status()->set_message("out of paper");
  accepted(end);
  accepted(acknowledged(key, "u"));
  auto* ended = state.find_ended_task(key);
  ASSERT_NE(ended, nullptr);
  EXPECT_FALSE(ended->has_task_info());
  EXPECT_EQ(status_of(*ended).message(), "out of paper");
  EXPECT_GT(ended->resources_size(), 0);
  run_to_end(plain, agent, "small");
  EXPECT_EQ(state.find_ended_task({plain, task_id{"small"}})->task_info(),
            "info of small");
}

TEST_F(History, OfALargeStatusOnlyTheTextIsRemembered) {
  auto key = start(plain, agent, "t");
  auto end = reported(key, v1::TASK_FAILED, "u");
  auto& status = *end.mutable_task_status()->mutable_status();
  status.set_data(std::string(state.limits().ended_task_bytes, 'd'));
  // Characters of two bytes: none is cut in two.
  std::string text = "x";
  for (size_t i = 0; i < made_message_bytes; ++i)
    text += "\u00e4";
  status.set_message(text);
  accepted(end);
  accepted(acknowledged(key, "u"));
  auto last = status_of(*state.find_ended_task(key));
  EXPECT_EQ(last.state(), v1::TASK_FAILED);
  EXPECT_FALSE(last.has_data());
  EXPECT_EQ(last.message(), text.substr(0, made_message_bytes - 1));
}

TEST_F(History, TheOldestFrameworkIsForgottenFirst) {
  auto third = add_framework();
  for (auto& id : {plain, aware})
    accepted(ended(id));
  EXPECT_EQ(state.ended_framework_count(), 2u);
  auto out = accepted(ended(third));
  EXPECT_EQ(out.evicted_frameworks, std::vector<framework_id>{plain});
  EXPECT_EQ(state.find_framework(plain), nullptr);
  EXPECT_EQ(rejected(subscribed(plain)), errc::not_found);
  // Numbers are never used again.
  EXPECT_EQ(add_framework().text(), "c0ffee00-0003");
}

} // namespace
} // namespace agora
