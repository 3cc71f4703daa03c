// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/actors/allocator/planning_fixture.hpp"

namespace agora {
namespace {

using test::bundle;
using namespace std::chrono_literals;

class AllocationPlannerTest : public test::planning {};

// -- who is offered what ------------------------------------------------------

TEST_F(AllocationPlannerTest, AnOfferHasEverythingFreeOfOneAgent) {
  attach("a1", bundle(4, 8), {{framework_id{"f9"}, "*", bundle(1, 2)}});
  subscribe("f1");
  auto offers = plan();
  ASSERT_EQ(test::texts_of(offers), strings{"f1/*:a1"});
  EXPECT_EQ(offers[0].amount, bundle(3, 6));
  EXPECT_EQ(planned(), strings{});
}

TEST_F(AllocationPlannerTest, AgentsOfOnePlanGoToTheLowestShareOneByOne) {
  attach("a1", bundle(4, 4));
  attach("a2", bundle(4, 4));
  attach("a3", bundle(4, 4));
  subscribe("f2");
  subscribe("f1");
  EXPECT_EQ(planned(), (strings{"f1/*:a1", "f2/*:a2", "f1/*:a3"}));
}

TEST_F(AllocationPlannerTest, RolesShareBeforeFrameworks) {
  for (auto agent : {"a1", "a2", "a3", "a4"})
    attach(agent, bundle(4, 4));
  subscribe("f1", {"one"});
  subscribe("f2", {"one"});
  subscribe("f3", {"two"});
  EXPECT_EQ(planned(),
            (strings{"f1/one:a1", "f3/two:a2", "f2/one:a3", "f3/two:a4"}));
}

TEST_F(AllocationPlannerTest, AFrameworkIsOfferedForEachOfItsRoles) {
  attach("a1", bundle(4, 4));
  attach("a2", bundle(4, 4));
  subscribe("f1", {"one", "two"});
  EXPECT_EQ(planned(), (strings{"f1/one:a1", "f1/two:a2"}));
}

TEST_F(AllocationPlannerTest, UsedAndOfferedCountTowardsTheShare) {
  attach("a1", bundle(4, 4), {{framework_id{"f1"}, "*", bundle(4, 4)}});
  attach("a2", bundle(8, 8));
  subscribe("f1");
  subscribe("f2");
  EXPECT_EQ(planned(), strings{"f2/*:a2"});
  attach("a3", bundle(1, 1)); // f2 is offered more than f1 uses
  EXPECT_EQ(planned(), strings{"f1/*:a3"});
}

TEST_F(AllocationPlannerTest, TheRestOfALaunchIsOfferedAgainAtOnce) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  auto offer = plan().at(0);
  accept(offer, bundle(1, 1));
  auto again = plan();
  ASSERT_EQ(test::texts_of(again), strings{"f1/*:a1"});
  EXPECT_EQ(again[0].amount, bundle(3, 3));
}

TEST_F(AllocationPlannerTest, LessThanTheMinimumIsNotOffered) {
  attach("a1", resources::of_milli(9, 31'000, 1'000'000));
  subscribe("f1");
  EXPECT_EQ(planned(), strings{});
}

TEST_F(AllocationPlannerTest, NobodyStarvesBehindOneWhoLetsOffersGoBy) {
  attach("big", bundle(8, 8), {{framework_id{"f2"}, "*", bundle(8, 8)}});
  attach("a1", bundle(4, 4));
  subscribe("f1");
  subscribe("f2");
  auto offer = plan().at(0);
  EXPECT_EQ(test::text_of(offer), "f1/*:a1"); // the lower share
  decline(offer, {});
  offer = plan().at(0);
  EXPECT_EQ(test::text_of(offer), "f2/*:a1");
  decline(offer, {});
  EXPECT_EQ(planned(), strings{"f1/*:a1"}); // a new round
}

// -- filters ------------------------------------------------------------------

// Or it would be offered and refused as fast as the machine can.
TEST_F(AllocationPlannerTest, WhoRefusesForNoTimeIsBrakedAlone) {
  attach("a1", bundle(4, 4), {{framework_id{"old"}, "*", bundle(1, 1)}});
  subscribe("f1");
  auto offer = plan().at(0);
  size_t offers = 0;
  for (auto end = now_ + 10s; now_ < end; now_ += 1ms)
    for (auto& next : plan()) {
      ++offers;
      decline(next, 0s);
    }
  EXPECT_EQ(offers, 0u); // The first is still out.
  decline(offer, 0s);
  for (auto end = now_ + 10s; now_ < end; now_ += 1ms)
    for (auto& next : plan()) {
      ++offers;
      decline(next, std::chrono::nanoseconds{1});
    }
  EXPECT_EQ(offers, 9u);
  // Others, and what is more than was refused, do not wait.
  subscribe("f2");
  offer = plan().at(0);
  EXPECT_EQ(test::text_of(offer), "f2/*:a1");
  decline(offer, 0s);
  tell(used_released{framework_id{"old"}, "*", agent_id{"a1"}, bundle(1, 1)});
  EXPECT_EQ(plan().size(), 1u);
}

TEST_F(AllocationPlannerTest, WhatWasRefusedIsNotOfferedUntilTheFilterEnds) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  decline(plan().at(0), 5s);
  EXPECT_EQ(planner_.next_deadline(), now_ + 5s);
  EXPECT_EQ(planned(), strings{});
  now_ += 5s - 1ns;
  EXPECT_EQ(planned(), strings{});
  now_ += 1ns;
  EXPECT_EQ(planned(), strings{"f1/*:a1"});
  EXPECT_FALSE(planner_.next_deadline());
}

TEST_F(AllocationPlannerTest, WhatIsReturnedWithoutARefusalIsOfferedAtOnce) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  decline(plan().at(0), {});
  EXPECT_EQ(planned(), strings{"f1/*:a1"});
  EXPECT_FALSE(planner_.next_deadline());
}

TEST_F(AllocationPlannerTest, AFilterLastsAYearAtMost) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  decline(plan().at(0), std::chrono::nanoseconds::max());
  EXPECT_EQ(planner_.next_deadline(), now_ + 365 * 24h);
}

TEST_F(AllocationPlannerTest, MoreThanWasRefusedPassesTheFilter) {
  attach("a1", bundle(4, 4), {{framework_id{"f9"}, "*", bundle(1, 0)}});
  subscribe("f1");
  decline(plan().at(0), 1h);
  EXPECT_EQ(planned(), strings{});
  tell(used_released{framework_id{"f9"}, "*", agent_id{"a1"}, bundle(1, 0)});
  auto offers = plan();
  ASSERT_EQ(test::texts_of(offers), strings{"f1/*:a1"});
  EXPECT_EQ(offers[0].amount, bundle(4, 4));
}

TEST_F(AllocationPlannerTest, AFilterIsForOneFrameworkRoleAndAgent) {
  attach("a1", bundle(4, 4));
  subscribe("f1", {"one", "two"});
  decline(plan().at(0), 1h);
  auto offers = plan();
  EXPECT_EQ(test::texts_of(offers), strings{"f1/two:a1"});
  decline(offers[0], 1h);
  EXPECT_EQ(planned(), strings{});
  attach("a2", bundle(4, 4));
  EXPECT_EQ(planned(), strings{"f1/one:a2"});
  subscribe("f2", {"one"});
  EXPECT_EQ(planned(), strings{"f2/one:a1"});
}

TEST_F(AllocationPlannerTest, FiltersOfAnAgentOutlastItsAbsence) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  decline(plan().at(0), 1h);
  tell(agent_withdrawn{agent_id{"a1"}});
  attach("a1", bundle(4, 4));
  EXPECT_EQ(planned(), strings{});
  tell(agent_removed{agent_id{"a1"}});
  EXPECT_FALSE(planner_.next_deadline());
}

TEST_F(AllocationPlannerTest, ReviveEndsFilters) {
  attach("a1", bundle(4, 4));
  subscribe("f1", {"one", "two"});
  decline(plan().at(0), 1h);
  decline(plan().at(0), 1h);
  tell(roles_revived{framework_id{"f1"}, {"two"}});
  auto offers = plan();
  ASSERT_EQ(test::texts_of(offers), strings{"f1/two:a1"});
  decline(offers[0], 1h);
  tell(roles_revived{framework_id{"f1"}, {}});
  EXPECT_EQ(planner_.next_deadline(), std::nullopt);
  EXPECT_EQ(plan().size(), 1u);
}

TEST_F(AllocationPlannerTest, WhoRevivesNeedNotWaitForAnotherRound) {
  attach("big", bundle(8, 8), {{framework_id{"f2"}, "*", bundle(8, 8)}});
  attach("a1", bundle(4, 4));
  subscribe("f1");
  subscribe("f2");
  decline(plan().at(0), 1h);
  tell(roles_revived{framework_id{"f1"}, {}});
  EXPECT_EQ(planned(), strings{"f1/*:a1"});
}

TEST_F(AllocationPlannerTest, ComingBackEndsFiltersUnlessTheyAreKept) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  decline(plan().at(0), 1h);
  tell(framework_inactive{framework_id{"f1"}});
  subscribe("f1", {"*"}, {}, true);
  EXPECT_EQ(planned(), strings{});
  subscribe("f1", {"*"}, {}, false);
  EXPECT_EQ(planned(), strings{"f1/*:a1"});
}

// -- suppression --------------------------------------------------------------

TEST_F(AllocationPlannerTest, SuppressedRolesAreNotOfferedUntilRevived) {
  subscribe("f1", {"one", "two"}, {"one"});
  attach("a1", bundle(4, 4));
  auto offers = plan();
  ASSERT_EQ(test::texts_of(offers), strings{"f1/two:a1"});
  tell(roles_suppressed{framework_id{"f1"}, {}});
  decline(offers[0], {});
  EXPECT_EQ(planned(), strings{});
  tell(roles_revived{framework_id{"f1"}, {"one"}});
  EXPECT_EQ(planned(), strings{"f1/one:a1"});
}

// -- frameworks come and go ---------------------------------------------------

TEST_F(AllocationPlannerTest, ADisconnectedFrameworkIsNotOffered) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  auto offer = plan().at(0);
  tell(framework_inactive{framework_id{"f1"}});
  decline(offer, {});
  EXPECT_EQ(planned(), strings{});
  subscribe("f1");
  EXPECT_EQ(planned(), strings{"f1/*:a1"});
}

TEST_F(AllocationPlannerTest, ADroppedRoleIsNotOffered) {
  subscribe("f1", {"one", "two"});
  subscribe("f1", {"two"});
  attach("a1", bundle(4, 4));
  attach("a2", bundle(4, 4));
  EXPECT_EQ(planned(), (strings{"f1/two:a1", "f1/two:a2"}));
}

TEST_F(AllocationPlannerTest, ARemovedFrameworksOffersAreFreeAndItsUseStays) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  auto offer = plan().at(0);
  accept(offer, bundle(1, 1));
  auto second = plan().at(0);
  subscribe("f2");
  tell(framework_removed{framework_id{"f1"}});
  auto offers = plan();
  ASSERT_EQ(test::texts_of(offers), strings{"f2/*:a1"});
  EXPECT_EQ(offers[0].amount, bundle(3, 3));
  decline(second, 5s); // reported late: ignored
  release(offer, bundle(1, 1));
  EXPECT_EQ(account("a1").free(), bundle(1, 1));
  EXPECT_EQ(planner_.shares().frameworks.size(), 1u);
  release(offer, bundle(1, 1)); // gone for good: ignored
  EXPECT_EQ(account("a1").free(), bundle(1, 1));
}

TEST_F(AllocationPlannerTest, WhatIsReportedOfStrangersIsIgnored) {
  attach("a1", bundle(4, 4));
  planned_offer stranger{framework_id{"f1"}, "*", agent_id{"a1"}, bundle(1)};
  accept(stranger, bundle(1));
  release(stranger, bundle(1));
  subscribe("f1");
  plan();
  stranger.agent = agent_id{"a2"};
  accept(stranger, bundle(1));
  release(stranger, bundle(1));
  tell(used_added{framework_id{"f1"}, "*", agent_id{"a2"}, bundle(1)});
  tell(agent_withdrawn{agent_id{"a2"}});
  tell(agent_removed{agent_id{"a2"}});
  for (auto name : {"f2", "f3"}) {
    framework_id framework{name};
    tell(framework_inactive{framework});
    tell(framework_removed{framework});
    tell(roles_revived{framework, {}});
    tell(roles_suppressed{framework, {"one"}});
  }
  EXPECT_EQ(planned(), strings{});
}

// -- agents come and go -------------------------------------------------------

TEST_F(AllocationPlannerTest, AWithdrawnAgentIsNotOfferedAndItsUseCounts) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  auto offer = plan().at(0);
  accept(offer, bundle(2, 2));
  plan();
  tell(agent_withdrawn{agent_id{"a1"}});
  EXPECT_EQ(planned(), strings{});
  attach("a2", bundle(8, 8));
  subscribe("f2");
  EXPECT_EQ(planned(), strings{"f2/*:a2"}); // f1 still uses 2
  release(offer, bundle(2, 2));             // while it is away
  EXPECT_EQ(account("a1").free(), bundle(4, 4));
  EXPECT_EQ(planned(), strings{});
}

TEST_F(AllocationPlannerTest, AnAgentThatComesBackIsWhatItSays) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  accept(plan().at(0), bundle(2, 2));
  tell(agent_withdrawn{agent_id{"a1"}});
  attach("a1", bundle(6, 6), {{framework_id{"f2"}, "*", bundle(1, 1)}});
  auto offers = plan();
  ASSERT_EQ(test::texts_of(offers), strings{"f1/*:a1"});
  EXPECT_EQ(offers[0].amount, bundle(5, 5));
}

TEST_F(AllocationPlannerTest, AnOrphanThatIsAdoptedIsUsed) {
  attach("a1", bundle(4, 4));
  tell(used_added{framework_id{"f9"}, "*", agent_id{"a1"}, bundle(1, 1)});
  subscribe("f1");
  EXPECT_EQ(plan().at(0).amount, bundle(3, 3));
}

TEST_F(AllocationPlannerTest, TheTotalIsOfAttachedAgents) {
  attach("a1", bundle(4, 4));
  attach("a2", bundle(12, 12));
  subscribe("f1", {"one"});
  accept(plan().at(0), bundle(2, 1));
  auto shares = planner_.shares();
  ASSERT_EQ(shares.roles.size(), 1u);
  // 2 used and the two offers of all that was free of a2.
  EXPECT_DOUBLE_EQ(shares.roles[0].dominant_share, 14.0 / 16);
  tell(agent_withdrawn{agent_id{"a2"}});
  shares = planner_.shares();
  EXPECT_DOUBLE_EQ(shares.frameworks.at(0).dominant_share, 0.5);
  EXPECT_EQ(shares.frameworks.at(0).name, "f1");
  EXPECT_EQ(shares.frameworks.at(0).allocated, bundle(2, 1));
}

TEST_F(AllocationPlannerTest, SharesOfPortsOfSeveralAgentsAreReported) {
  attach("a1", test::with_ports(bundle(4, 4), 31000, 32000));
  attach("a2", test::with_ports(bundle(4, 4), 31000, 32000));
  subscribe("f1");
  EXPECT_EQ(plan().size(), 2u);
  EXPECT_EQ(planner_.shares().frameworks.at(0).allocated, bundle(8, 8));
}

} // namespace
} // namespace agora
