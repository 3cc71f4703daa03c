// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/views.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

constexpr int64_t second_ns = 1'000'000'000;
const view_style plain{false, 1'000 * second_ns};

void add_scalar(google::protobuf::RepeatedPtrField<v1::Resource>* list,
                const std::string& name, double value) {
  auto* resource = list->Add();
  resource->set_name(name);
  resource->set_type(v1::Value::SCALAR);
  resource->mutable_scalar()->set_value(value);
}

TEST(views, of_agents) {
  session::AgentList list;
  auto* agent = list.add_agents();
  agent->mutable_info()->set_hostname("127.0.0.1");
  agent->mutable_info()->set_port(7051);
  agent->mutable_info()->mutable_id()->set_value("1a2b-S1");
  agent->set_state("attached");
  agent->set_state_since_ns(940 * second_ns);
  agent->set_tasks(2);
  add_scalar(agent->mutable_info()->mutable_resources(), "cpus", 4);
  add_scalar(agent->mutable_info()->mutable_resources(), "mem", 2048);
  add_scalar(agent->mutable_used(), "cpus", 0.5);
  EXPECT_EQ(view_of(list, plain),
            "ID       ADDRESS         STATE     FOR  TASKS   CPUS          MEM"
            "         DISK\n"
            "1a2b-S1  127.0.0.1:7051  attached   1m      2  0.5/4  0 MiB/2 GiB"
            "  0 MiB/0 MiB\n");
}

TEST(views, of_tasks_say_when_there_are_more) {
  session::TaskList list;
  auto* task = list.add_tasks();
  task->mutable_task_id()->set_value("t1");
  task->set_name("count");
  task->mutable_framework_id()->set_value("f");
  task->mutable_agent_id()->set_value("a");
  task->set_state(v1::TASK_FINISHED);
  task->set_launched_ns(900 * second_ns);
  task->set_ended_ns(905 * second_ns);
  list.set_truncated(true);
  EXPECT_EQ(view_of(list, plain),
            "ID  NAME   FRAMEWORK  AGENT  STATE     CPUS    MEM  RAN FOR\n"
            "t1  count  f          a      finished     0  0 MiB       5s\n"
            "... and more: choose with --framework, --state or --agent\n");
}

TEST(views, of_the_status_name_what_is_wrong) {
  session::ClusterStatus status;
  status.set_cluster_id("1a2b");
  status.set_software("agorad master 0.1.0");
  status.mutable_epoch()->set_generation(1);
  status.mutable_epoch()->set_term(7);
  status.set_leading_since_ns(880 * second_ns);
  status.set_agents_attached(2);
  status.set_agents_unreachable(1);
  status.set_orphans(3);
  EXPECT_EQ(view_of(status, "127.0.0.1:7050", plain),
            "cluster     1a2b\n"
            "master      127.0.0.1:7050, agorad master 0.1.0, leading for 2m, "
            "epoch 1.7\n"
            "agents      2 attached, 1 unreachable\n"
            "frameworks  0 connected, 0 disconnected\n"
            "tasks       0 active, 0 ended\n"
            "offers      0 outstanding\n"
            "orphans     3: see agora orphans\n"
            "mem         0 MiB/0 MiB used, 0 MiB offered\n"
            "disk        0 MiB/0 MiB used, 0 MiB offered\n");
}

TEST(views, of_offers_without_a_timeout) {
  session::OfferList list;
  auto* offer = list.add_offers();
  offer->mutable_offer()->mutable_id()->set_value("o");
  offer->set_offered_ns(999 * second_ns);
  EXPECT_EQ(view_of(list, plain),
            "ID  FRAMEWORK  HOST  RESOURCES  AGE  EXPIRES IN\n"
            "o                    -           1s       never\n");
  offer->set_expires_ns(1'060 * second_ns);
  EXPECT_EQ(view_of(list, plain),
            "ID  FRAMEWORK  HOST  RESOURCES  AGE  EXPIRES IN\n"
            "o                    -           1s          1m\n");
}

TEST(views, of_explanations) {
  session::FrameworkExplanation explanation;
  explanation.set_summary("No offers: it has suppressed its only role.");
  explanation.add_general("role \"*\" is suppressed");
  EXPECT_EQ(view_of(explanation, plain),
            "No offers: it has suppressed its only role.\n"
            "- role \"*\" is suppressed\n");
}

TEST(states, are_read_as_they_are_shown) {
  for (auto state : {v1::TASK_RUNNING, v1::TASK_GONE_BY_OPERATOR})
    EXPECT_EQ(parse_state(state_text(state)), state);
  EXPECT_EQ(parse_state("TASK_LOST"), v1::TASK_LOST);
  EXPECT_EQ(parse_state("runing"), std::nullopt);
}

} // namespace
} // namespace agora
