// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/validation/required_fields.hpp"

#include "agora/v1/executor/executor.pb.h"
#include "agora/v1/scheduler/scheduler.pb.h"

#include <gtest/gtest.h>

#include <string>

namespace agora {
namespace {

/// A chain of containers of which only the innermost may lack its value.
v1::ContainerID nested_container(int depth, bool innermost_is_set) {
  v1::ContainerID outermost;
  auto current = &outermost;
  for (int i = 1; i < depth; ++i) {
    current->set_value("c");
    current = current->mutable_parent();
  }
  if (innermost_is_set)
    current->set_value("c");
  return outermost;
}

v1::TaskInfo complete_task() {
  v1::TaskInfo task;
  task.set_name("web");
  task.mutable_task_id()->set_value("t1");
  task.mutable_agent_id()->set_value("a1");
  task.mutable_command()->add_uris()->set_value("http://host/file");
  return task;
}

TEST(RequiredFields, CompleteMessageLacksNothing) {
  EXPECT_EQ(first_missing_field(complete_task()), std::nullopt);
  EXPECT_FALSE(check_required(complete_task(), "task"));
}

TEST(RequiredFields, NamesAFieldOfTheMessageItself) {
  EXPECT_EQ(first_missing_field(v1::TaskID{}), "value");
}

TEST(RequiredFields, EmptyIsNotUnset) {
  v1::TaskID id;
  id.set_value("");
  EXPECT_EQ(first_missing_field(id), std::nullopt);
}

TEST(RequiredFields, ADefaultDoesNotMakeAFieldSet) {
  v1::MasterInfo info;
  info.set_id("m1");
  info.set_ip(1);
  EXPECT_EQ(first_missing_field(info), "port");
}

TEST(RequiredFields, NamesARequiredMessageThatIsUnset) {
  auto task = complete_task();
  task.clear_agent_id();
  EXPECT_EQ(first_missing_field(task), "agent_id");
}

TEST(RequiredFields, AnUnsetOptionalMessageDemandsNothing) {
  auto task = complete_task();
  task.clear_command();
  EXPECT_EQ(first_missing_field(task), std::nullopt);
}

TEST(RequiredFields, FirstMeansFirstDeclared) {
  v1::TaskInfo task;
  EXPECT_EQ(first_missing_field(task), "name");
  task.set_name("web");
  EXPECT_EQ(first_missing_field(task), "task_id");
}

TEST(RequiredFields, PathCountsRepeatedMessages) {
  v1::TaskGroupInfo group;
  for (int i = 0; i < 5; ++i)
    *group.add_tasks() = complete_task();
  group.mutable_tasks(3)->mutable_command()->mutable_uris(0)->clear_value();
  EXPECT_EQ(first_missing_field(group), "tasks[3].command.uris[0].value");
}

TEST(RequiredFields, PathNamesKeysOfMapsInOrder) {
  auto task = complete_task();
  (*task.mutable_limits())["cpus"].set_value(1);
  EXPECT_EQ(first_missing_field(task), std::nullopt);
  for (auto key : {"zebra", "mem", "yak", "disk"})
    (*task.mutable_limits())[key];
  EXPECT_EQ(first_missing_field(task), "limits[\"disk\"].value");
}

TEST(RequiredFields, PathGoesThroughMapsOfMessages) {
  v1::scheduler::OfferConstraints constraints;
  auto& role = (*constraints.mutable_role_constraints())["dev"];
  auto predicate = role.add_groups()->add_attribute_constraints();
  predicate->mutable_selector();
  predicate->mutable_predicate()->mutable_text_equals();
  EXPECT_EQ(first_missing_field(constraints),
            "role_constraints[\"dev\"].groups[0].attribute_constraints[0]"
            ".predicate.text_equals.value");
}

TEST(RequiredFields, AKeyCannotBreakTheLineNorFloodIt) {
  auto task = complete_task();
  (*task.mutable_limits())["a\n\"" + std::string(1000, 'x')];
  auto missing = first_missing_field(task);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->find('\n'), std::string::npos);
  EXPECT_LT(missing->size(), 100u);
}

TEST(RequiredFields, ErrorNamesTheCallAndThePath) {
  v1::scheduler::Call call;
  call.set_type(v1::scheduler::Call::ACCEPT);
  call.mutable_accept()->add_offer_ids();
  auto error = check_required(call, "ACCEPT");
  EXPECT_EQ(error, errc::invalid_argument);
  EXPECT_EQ(text_of(error), "ACCEPT: accept.offer_ids[0].value is missing");
}

TEST(RequiredFields, ATypeThatContainsItselfIsWalked) {
  EXPECT_EQ(first_missing_field(nested_container(3, true)), std::nullopt);
  EXPECT_EQ(first_missing_field(nested_container(3, false)),
            "parent.parent.value");
}

TEST(RequiredFields, DepthHasALimit) {
  EXPECT_FALSE(
    check_required(nested_container(message_depth_limit, true), "id"));
  EXPECT_EQ(check_required(nested_container(message_depth_limit, false), "id"),
            errc::invalid_argument);
  auto deeper = nested_container(message_depth_limit + 1, true);
  auto error = check_required(deeper, "id");
  EXPECT_EQ(error, errc::too_large);
  EXPECT_NE(text_of(error).find("nested deeper than 100"), std::string::npos)
    << text_of(error);
  EXPECT_TRUE(first_missing_field(deeper));
  EXPECT_EQ(check_required(nested_container(10'000, true), "id"),
            errc::too_large);
}

// Every field that the executor API demands at its top level is really read
// from the schema, not from a list of ours.
TEST(RequiredFields, EachApiIsCovered) {
  EXPECT_EQ(first_missing_field(v1::executor::Call{}), "executor_id");
  EXPECT_EQ(first_missing_field(v1::scheduler::Call{}), std::nullopt);
  v1::scheduler::Call subscribe;
  subscribe.mutable_subscribe()->mutable_framework_info()->set_user("u");
  EXPECT_EQ(first_missing_field(subscribe), "subscribe.framework_info.name");
}

} // namespace
} // namespace agora
