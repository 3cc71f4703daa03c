// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/allocation_explainer.hpp"
#include "tests/unit/actors/allocator/planning_fixture.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

using test::bundle;
using testing::HasSubstr;
using namespace std::chrono_literals;

class AllocationExplainerTest : public test::planning {
protected:
  /// "a1 offered", one of each agent.
  strings verdicts(const std::string& framework) {
    strings texts;
    auto explained = explain(framework);
    for (auto& agent : explained.agents())
      texts.push_back(agent.agent_id().value() + " " + agent.verdict());
    return texts;
  }
};

TEST_F(AllocationExplainerTest, AnUnknownFrameworkIsNotFound) {
  auto explained = planner_.explain(framework_id{"f1"}, now_);
  ASSERT_FALSE(explained);
  EXPECT_EQ(code_of(explained.error()), errc::not_found);
}

TEST_F(AllocationExplainerTest, NoAgents) {
  subscribe("f1");
  EXPECT_EQ(explain("f1").summary(),
            "It gets no offers: no agent is attached.");
}

TEST_F(AllocationExplainerTest, Suppressed) {
  attach("a1", bundle(4, 4));
  subscribe("f1", {"one", "two"}, {"one"});
  EXPECT_THAT(explain("f1").general(0),
              HasSubstr("suppressed offers for some of its roles: one"));
  tell(roles_suppressed{framework_id{"f1"}, {}});
  EXPECT_EQ(explain("f1").summary(),
            "It gets no new offers: it has suppressed offers for all of its "
            "roles: one, two; REVIVE ends this.");
  EXPECT_EQ(verdicts("f1"), strings{"a1 no_role"});
}

TEST_F(AllocationExplainerTest, SaysThatARefusalOfNothingLastsASecond) {
  subscribe("f1");
  attach("a1", bundle(4, 4));
  decline(plan().at(0), 0s);
  EXPECT_TRUE(plan().empty());
  now_ += 250ms;
  EXPECT_EQ(explain("f1").agents(0).detail(),
            "for another 0.8 s in role *, because it refused cpus:4;mem:4096 "
            "(a refusal lasts at least 1.0 s)");
  now_ += 1s;
  decline(plan().at(0), 1s); // as long as it wanted
  plan();
  EXPECT_EQ(explain("f1").agents(0).detail(),
            "for another 1.0 s in role *, because it refused cpus:4;mem:4096");
}

TEST_F(AllocationExplainerTest, NotConnected) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  tell(framework_inactive{framework_id{"f1"}});
  EXPECT_EQ(explain("f1").summary(),
            "It gets no new offers: it is not connected to the master.");
}

TEST_F(AllocationExplainerTest, SaysOfEachAgentWhatStandsBetween) {
  subscribe("f1");
  for (auto agent : {"a1", "a2", "a3"})
    attach(agent, bundle(4, 4));
  attach("a4", bundle(4, 4), {{framework_id{"f2"}, "web", bundle(4, 4)}});
  attach("a5", resources::of_milli(5, 1000));
  attach("a6", bundle(4, 4));
  auto offers = plan();
  tell(agent_withdrawn{agent_id{"a6"}});
  decline(offers.at(1), 90s); // a2
  plan();
  now_ += 1500ms;
  attach("a7", bundle(4, 4)); // not planned yet
  EXPECT_EQ(verdicts("f1"), (strings{"a1 offered", "a2 filtered", "a3 offered",
                                     "a4 nothing_free", "a5 below_minimum",
                                     "a6 not_attached", "a7 offerable"}));
  auto explained = explain("f1");
  EXPECT_EQ(explained.agents(1).detail(),
            "for another 88.5 s in role *, because it refused "
            "cpus:4;mem:4096");
  EXPECT_EQ(explained.agents(1).hostname(), "host-a2");
  EXPECT_EQ(explained.agents(1).free_size(), 2);
  EXPECT_EQ(explained.agents(3).detail(),
            "nothing is free; framework f2 (role web) uses cpus:4;mem:4096");
  EXPECT_THAT(explained.agents(4).detail(), HasSubstr("only cpus:0.005;mem:1"));
  EXPECT_EQ(explained.summary(),
            "Of 6 attached agents: 2 on offer to it, 1 about to be offered to "
            "the next in line, 1 kept from it by its own refusals, 1 without "
            "anything free, 1 with too little free.");
}

TEST_F(AllocationExplainerTest, NamesTheNextInLine) {
  attach("a1", bundle(4, 4), {{framework_id{"f1"}, "*", bundle(4, 4)}});
  attach("a2", bundle(4, 4));
  subscribe("f1");
  subscribe("f2");
  EXPECT_THAT(explain("f1").agents(1).detail(),
              HasSubstr("next in line: framework f2 in role *"));
  EXPECT_THAT(explain("f2").agents(1).detail(),
              HasSubstr("next in line: this framework"));
}

TEST_F(AllocationExplainerTest, AFilterThatHasEndedDoesNotCount) {
  attach("a1", bundle(4, 4));
  subscribe("f1");
  decline(plan().at(0), 5s);
  plan();
  EXPECT_EQ(verdicts("f1"), strings{"a1 filtered"});
  now_ += 5s;
  EXPECT_EQ(verdicts("f1"), strings{"a1 offerable"});
  EXPECT_EQ(planned(), strings{"f1/*:a1"});
}

TEST_F(AllocationExplainerTest, TheListOfAgentsIsLimited) {
  subscribe("f1");
  for (int i = 0; i < 103; ++i)
    attach("a" + std::to_string(i), bundle(4, 4));
  plan();
  auto explained = explain("f1");
  EXPECT_EQ(explained.agents_size(), 100);
  EXPECT_EQ(explained.general(0), "and 3 more agents, not listed");
  EXPECT_EQ(explained.summary(), "Of 103 attached agents: 103 on offer to it.");
}

} // namespace
} // namespace agora
