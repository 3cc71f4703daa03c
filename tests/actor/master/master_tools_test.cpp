// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// The admin tool at the master actor: who answers what, and with which proof.
#include "tests/actor/master/master_actor_fixture.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class MasterToolsTest : public test::master_actor_fixture {
protected:
  static session::ToolRequest members_request() {
    session::ToolRequest request;
    request.set_id(7);
    request.mutable_get_masters();
    return request;
  }

  static session::ToolRequest removal_request() {
    session::ToolRequest request;
    request.set_id(8);
    request.mutable_change_masters()->mutable_remove()->set_number(3);
    return request;
  }

  static session::ToolRequest kill_request() {
    session::ToolRequest request;
    request.set_id(9);
    request.mutable_kill_task()->mutable_framework_id()->set_value("f");
    request.mutable_kill_task()->mutable_task_id()->set_value("t");
    return request;
  }

  static std::vector<std::string> codes(const tool_peer& tool) {
    std::vector<std::string> all;
    for (auto& one : responses(tool))
      all.push_back(one.has_error() ? one.error().code() : "ok");
    return all;
  }
};

TEST_F(MasterToolsTest, StandbyNamesTheLeader) {
  start_standby();
  auto early = ask_as_tool(status_request());
  ASSERT_THAT(codes(early), ElementsAre("not_leader"));
  EXPECT_THAT(responses(early)[0].error().text(), HasSubstr("no quorum"));
  EXPECT_EQ(responses(early)[0].error().leader(), "");
  follow(other);
  for (auto& request : {status_request(), kill_request(), removal_request()}) {
    auto tool = ask_as_tool(request);
    ASSERT_THAT(codes(tool), ElementsAre("not_leader"));
    EXPECT_EQ(responses(tool)[0].id(), request.id());
    EXPECT_EQ(responses(tool)[0].error().leader(), other);
    EXPECT_THAT(responses(tool)[0].error().text(), HasSubstr(other));
  }
  EXPECT_EQ(log->barrier_count, 0u);
}

TEST_F(MasterToolsTest, EveryMasterTellsOfTheMasters) {
  log->members.set_leader(2);
  start_standby();
  for (auto role : {1, 2}) {
    auto tool = ask_as_tool(members_request());
    ASSERT_THAT(codes(tool), ElementsAre("ok")) << role;
    EXPECT_EQ(responses(tool)[0].masters().leader(), 2u);
    lead(1);
  }
}

TEST_F(MasterToolsTest, ChangeOfMastersIsAnsweredWhenItIsCommitted) {
  start();
  auto tool = ask_as_tool(removal_request());
  ASSERT_THAT(log->changes, SizeIs(1));
  EXPECT_EQ(log->changes[0].remove().number(), 3u);
  pass(29s);
  EXPECT_THAT(responses(tool), IsEmpty());
  answer(log->change_answers[0], session::Done{});
  run();
  ASSERT_THAT(codes(tool), ElementsAre("ok"));
  EXPECT_TRUE(responses(tool)[0].has_done());
}

TEST_F(MasterToolsTest, ChangeOfMastersThatIsNotAnsweredHasAnUnknownOutcome) {
  start();
  auto tool = ask_as_tool(removal_request());
  pass(31s);
  ASSERT_THAT(codes(tool), ElementsAre("timeout"));
  EXPECT_THAT(responses(tool)[0].error().text(), HasSubstr("not known"));
}

TEST_F(MasterToolsTest, ReasonOfTheLogReachesTheTool) {
  start();
  auto tool = ask_as_tool(removal_request());
  answer(log->change_answers[0], fail(errc::not_found, "no master 3"));
  run();
  ASSERT_THAT(codes(tool), ElementsAre("not_found"));
  EXPECT_EQ(responses(tool)[0].error().text(), "no master 3");
}

// -- reads --------------------------------------------------------------------

TEST_F(MasterToolsTest, ReadsWaitForTheProofThatThisMasterLeads) {
  start();
  log->hold_barriers = true;
  auto tool = ask_as_tool(status_request(1));
  EXPECT_THAT(responses(tool), IsEmpty());
  ASSERT_THAT(log->barriers, SizeIs(1));
  answer(log->barriers[0], log->last_committed);
  run();
  ASSERT_THAT(codes(tool), ElementsAre("ok"));
  EXPECT_TRUE(responses(tool)[0].has_status());
}

TEST_F(MasterToolsTest, ReadThatCameAfterTheBarrierWaitsForTheNextOne) {
  start();
  log->hold_barriers = true;
  auto first = ask_as_tool(status_request(1));
  auto second = ask_as_tool(status_request(2));
  auto third = ask_as_tool(status_request(3));
  ASSERT_THAT(log->barriers, SizeIs(1));
  answer(log->barriers[0], log->last_committed);
  run();
  EXPECT_THAT(codes(first), ElementsAre("ok"));
  EXPECT_THAT(responses(second), IsEmpty());
  ASSERT_THAT(log->barriers, SizeIs(2)) << "one for all that had come";
  answer(log->barriers[1], log->last_committed);
  run();
  EXPECT_THAT(codes(second), ElementsAre("ok"));
  EXPECT_THAT(codes(third), ElementsAre("ok"));
}

TEST_F(MasterToolsTest, ReadSeesWhatWasCommittedBeforeIt) {
  start();
  log->hold_barriers = true;
  auto tool = ask_as_tool(status_request());
  attach();
  answer(log->barriers[0], log->last_committed);
  run();
  EXPECT_EQ(responses(tool).at(0).status().agents_attached(), 1u);
}

TEST_F(MasterToolsTest, RefusedBarrierIsNoAnswer) {
  start();
  log->barrier_refusal = fail(errc::not_leader, "deposed");
  EXPECT_THAT(codes(ask_as_tool(status_request())), ElementsAre("not_leader"));
  log->barrier_refusal = fail(errc::limit_reached, "too many");
  EXPECT_THAT(codes(ask_as_tool(status_request())),
              ElementsAre("limit_reached"));
  log->barrier_refusal = {};
  EXPECT_THAT(codes(ask_as_tool(status_request())), ElementsAre("ok"));
}

TEST_F(MasterToolsTest, WithoutAQuorumReadsEndInTime) {
  start();
  log->hold_barriers = true;
  auto first = ask_as_tool(status_request());
  pass(1s);
  auto second = ask_as_tool(status_request());
  pass(5s);
  ASSERT_THAT(codes(first), ElementsAre("timeout"));
  EXPECT_THAT(responses(first)[0].error().text(), HasSubstr("no quorum"));
  pass(5s);
  EXPECT_THAT(codes(second), ElementsAre("timeout"));
}

TEST_F(MasterToolsTest, LateBarrierOfAnOldLeadershipProvesNothing) {
  start();
  log->hold_barriers = true;
  ask_as_tool(status_request());
  follow(other);
  lead(3);
  auto tool = ask_as_tool(status_request());
  ASSERT_THAT(log->barriers, SizeIs(2));
  answer(log->barriers[0], uint64_t{1});
  run();
  EXPECT_THAT(responses(tool), IsEmpty());
  answer(log->barriers[1], log->last_committed);
  run();
  EXPECT_THAT(codes(tool), ElementsAre("ok"));
}

TEST_F(MasterToolsTest, ChangesWaitForTheirCommitAlone) {
  start();
  attach();
  auto framework = subscribe();
  log->hold_barriers = true;
  hold_log = true;
  session::ToolRequest teardown;
  teardown.mutable_teardown_framework()->mutable_framework_id()->set_value(
    id_of_framework(framework));
  auto tool = ask_as_tool(teardown);
  EXPECT_EQ(log->barrier_count, 0u);
  EXPECT_THAT(responses(tool), IsEmpty());
  commit();
  settle();
  EXPECT_THAT(codes(tool), ElementsAre("ok"));
}

TEST_F(MasterToolsTest, ReadOfASessionThatIsOverIsForgotten) {
  start();
  log->hold_barriers = true;
  auto tool = ask_as_tool(status_request());
  lose(tool);
  answer(log->barriers[0], log->last_committed);
  run();
  EXPECT_THAT(tool.got->bodies, IsEmpty());
}

} // namespace
} // namespace agora
