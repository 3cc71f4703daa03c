// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// The master actor as its log has it: a standby that applies, a leader, and
// what is between.
#include "runtime/resources/resources_codec.hpp"
#include "storage/log/state_source.hpp"
#include "tests/actor/master/master_actor_fixture.hpp"

#include <gmock/gmock.h>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class given_state final : public state_source {
public:
  using records = std::vector<std::pair<std::string, std::string>>;

  explicit given_state(records all) : all_(std::move(all)) {
    // nop
  }

  status visit_all(const store_visitor& visitor) const override {
    for (auto& [key, value] : all_)
      visitor(key, value);
    return {};
  }

private:
  records all_;
};

class torn_state final : public state_source {
public:
  status visit_all(const store_visitor&) const override {
    return fail(errc::store_corrupt, "torn");
  }
};

class MasterRolesTest : public test::master_actor_fixture {
protected:
  /// What another leader has committed in its term.
  void commit_of_others(uint64_t term, std::vector<std::string> payloads) {
    log->term = term;
    committed_entries batch;
    for (auto& payload : payloads)
      batch.entries.push_back(next_entry(std::move(payload)));
    tell(master_, std::move(batch));
    run();
  }

  /// The entries that found a cluster with one agent and one framework, as a
  /// leader has proposed them.
  static std::vector<std::string> founding_entries() {
    std::vector<std::string> all;
    auto add = [&](cluster::Entry entry) {
      entry.set_version(cluster_version);
      entry.set_proposed_ns(static_cast<int64_t>(all.size()) + 1);
      all.push_back(entry.SerializeAsString());
    };
    cluster::Entry founded;
    founded.mutable_cluster_founded()->set_cluster_id("c1u57e12");
    add(founded);
    cluster::Entry term;
    term.mutable_term_started()->mutable_epoch()->set_generation(1);
    term.mutable_term_started()->mutable_epoch()->set_term(1);
    add(term);
    return all;
  }

  /// The number of agents and the epoch that a leader tells of.
  session::ClusterStatus status() {
    auto tool = ask_as_tool(status_request());
    auto all = responses(tool);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? session::ClusterStatus{} : all[0].status();
  }

  const master_actor_state& inside() {
    return dynamic_cast<master_ptr>(
             caf::actor_cast<caf::abstract_actor*>(master_))
      ->state;
  }
};

// -- standby ------------------------------------------------------------------

TEST_F(MasterRolesTest, StandbyAppliesAndTellsNobodyButWhoLeads) {
  start_standby();
  follow(other);
  auto agent = attach();
  auto framework = subscribe();
  commit_of_others(4, founding_entries());
  EXPECT_EQ(log->last_applied, 2u);
  EXPECT_EQ(inside().cluster().cluster_id(), "c1u57e12");
  EXPECT_THAT(log->proposals, IsEmpty());
  EXPECT_THAT(orders(agent), IsEmpty());
  EXPECT_THAT(events(framework, event::SUBSCRIBED), IsEmpty());
  // Once when it came, once when it sent something.
  auto said = std::string{"follows "} + other;
  EXPECT_THAT(leaders(agent), ElementsAre(said, said));
  EXPECT_THAT(leaders(framework), ElementsAre(said, said));
}

TEST_F(MasterRolesTest, WhoGoesOnSendingToAStandbyIsAnsweredRarely) {
  start_standby();
  auto agent = attach();
  for (auto i = 0; i < 100; ++i)
    say(agent, test::attach_message("a1", 1, "cpus:4"));
  run();
  EXPECT_THAT(leaders(agent), SizeIs(2));
  pass(2s);
  say(agent, test::attach_message("a1", 1, "cpus:4"));
  run();
  EXPECT_THAT(leaders(agent), SizeIs(3));
}

TEST_F(MasterRolesTest, PeersAreToldOfAnotherLeaderOnce) {
  start_standby();
  auto agent = open<session::MasterToAgent>(session::AGENT);
  auto framework = open<session::MasterToScheduler>(session::SCHEDULER);
  follow(other);
  follow(other);
  follow("");
  auto said
    = ElementsAre("follows ", std::string{"follows "} + other, "follows ");
  EXPECT_THAT(leaders(agent), said);
  EXPECT_THAT(leaders(framework), said);
}

TEST_F(MasterRolesTest, EntriesOfTheLogItselfOnlyMoveTheIndex) {
  start_standby();
  tell(master_, committed_entries{{next_entry("", entry_kind::no_op)}});
  run();
  EXPECT_EQ(log->last_applied, 1u);
  commit_of_others(1, founding_entries());
  lead(2);
  tell(master_,
       committed_entries{{next_entry("?", entry_kind::no_op),
                          next_entry("?", entry_kind::configuration)}});
  run();
  EXPECT_EQ(log->last_applied, log->last_committed);
  EXPECT_EQ(status().applied_index(), log->last_committed);
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(MasterRolesTest, InstalledStateTakesThePlaceOfWhatWasThere) {
  // A state that somebody else has.
  cluster_state elsewhere;
  write_batch changes;
  uint64_t index = 0;
  for (auto& payload : founding_entries())
    ASSERT_TRUE(elsewhere.apply({++index, 1, payload}, changes).engaged());
  given_state::records records;
  elsewhere.for_each_record([&](std::string_view key, std::string_view value) {
    records.emplace_back(key, value);
    return agora::status{};
  });
  start_standby();
  tell(master_, state_installed{40, std::make_shared<given_state>(records)});
  run();
  EXPECT_EQ(inside().cluster().digest(), elsewhere.digest());
  EXPECT_EQ(standings->back().cluster_id, "c1u57e12");
  log->last_committed = log->last_proposed = 40;
  lead(7);
  EXPECT_EQ(status().epoch().term(), 7u);
  EXPECT_EQ(log->last_applied, log->last_committed);
}

TEST_F(MasterRolesTest, StateThatCannotBeReadEndsTheNode) {
  start_standby();
  tell(master_, state_installed{40, std::make_shared<torn_state>()});
  run();
  EXPECT_THAT(failures, ElementsAre(HasSubstr("torn")));
}

TEST_F(MasterRolesTest, NothingIsAppliedBehindWhatCouldNotBe) {
  start_standby();
  auto payloads = founding_entries();
  tell(master_, committed_entries{{next_entry("\xff no entry")}});
  tell(master_, committed_entries{{next_entry(payloads[0])}});
  run();
  EXPECT_THAT(failures, SizeIs(1));
  EXPECT_EQ(log->last_applied, 0u);
}

TEST_F(MasterRolesTest, WhatTheLogSaysBeforeTheMasterKnowsItIsNotLost) {
  master_begin begin;
  begin.state = std::make_shared<cluster_state>();
  begin.new_allocator = [](const master_actor&) {
    return allocator_actor{};
  };
  begin.clock = wall();
  master_ = spawn(master, std::move(begin));
  log_ = spawn(test::fake_log, log);
  gateway_ = spawn(test::fake_gateway, standings);
  auto payloads = founding_entries();
  tell(master_, committed_entries{{next_entry(payloads[0])}});
  tell(master_, committed_entries{{next_entry(payloads[1])}});
  tell(master_, log_leadership{1, false, other, {}});
  tell(master_, master_companions{log_, gateway_});
  run();
  EXPECT_EQ(log->last_applied, 2u);
  EXPECT_EQ(standings->back().cluster_id, "c1u57e12");
}

// -- takeover -----------------------------------------------------------------

TEST_F(MasterRolesTest, IdlePeersAreToldOfTheTakeoverAndServed) {
  start_standby();
  auto agent = open<session::MasterToAgent>(session::AGENT);
  auto framework = open<session::MasterToScheduler>(session::SCHEDULER);
  run();
  lead(3);
  EXPECT_THAT(leaders(agent), ElementsAre("follows ", "leads 1.3"));
  EXPECT_THAT(leaders(framework), ElementsAre("follows ", "leads 1.3"));
  say(agent, test::attach_message("a1", 1, "cpus:4;mem:1024"));
  say(framework, test::subscribe_call());
  run();
  EXPECT_THAT(events(framework, event::OFFERS), SizeIs(1));
  EXPECT_EQ(orders(agent).at(0).attached().epoch().term(), 3u);
}

TEST_F(MasterRolesTest, WhoComesToALeaderIsToldSo) {
  start();
  auto agent = open<session::MasterToAgent>(session::AGENT);
  auto tool = open<session::ToolResponses>(session::TOOL);
  run();
  EXPECT_THAT(leaders(agent), ElementsAre("leads 1.1"));
  EXPECT_THAT(tool.got->bodies, IsEmpty());
}

TEST_F(MasterRolesTest, GatewayHearsHowTheNodeStands) {
  start_standby();
  EXPECT_THAT(*standings, IsEmpty());
  follow(other);
  ASSERT_THAT(*standings, SizeIs(1));
  EXPECT_EQ(standings->back().cluster_id, "c1u57e12");
  EXPECT_EQ(standings->back().own_epoch, epoch{});
  lead(3);
  EXPECT_EQ(standings->back().own_epoch, (epoch{1, 3}));
  follow(other);
  EXPECT_EQ(standings->back().own_epoch, epoch{});
}

// -- stepping down ------------------------------------------------------------

TEST_F(MasterRolesTest, SteppingDownEndsSessionsAndDropsWhatWasProposed) {
  start();
  auto agent = attach();
  auto tool = open<session::ToolResponses>(session::TOOL);
  hold_log = true;
  auto framework = subscribe();
  follow(other);
  for (auto& closed :
       {agent.got->closed, framework.got->closed, tool.got->closed}) {
    ASSERT_TRUE(closed);
    EXPECT_EQ(code_of(*closed), errc::not_leader);
    EXPECT_THAT(text_of(*closed), HasSubstr(other));
  }
  EXPECT_THAT(text_of(*tool.got->closed), HasSubstr("not known"));
  EXPECT_THAT(text_of(*agent.got->closed), Not(HasSubstr("not known")));
  // Late bodies of sessions that are over.
  say(framework, test::subscribe_call());
  run();
  hold_log = false;
  lead(3);
  // Nor does a later leadership know them.
  say(framework, test::subscribe_call());
  say(tool, status_request());
  EXPECT_EQ(status().agents_detached() + status().agents_attached(), 1u);
  EXPECT_EQ(status().frameworks_connected(), 0u);
  EXPECT_THAT(leaders(framework), ElementsAre("leads 1.1"));
  EXPECT_THAT(tool.got->bodies, IsEmpty());
  EXPECT_THAT(events(framework, event::SUBSCRIBED), IsEmpty());
}

TEST_F(MasterRolesTest, AllocatorEndsWithItsLeadershipAndTheMasterDoesNot) {
  start();
  auto first = allocator_;
  auto ended = std::make_shared<bool>(false);
  first->attach_functor([ended](const agora::status&) {
    *ended = true;
  });
  follow(other);
  EXPECT_TRUE(*ended);
  lead(2);
  EXPECT_NE(first, allocator_);
  attach("healthy");
  EXPECT_THAT(events(subscribe(), event::OFFERS), SizeIs(1));
}

TEST_F(MasterRolesTest, LeadsAgainWithWhatWasCommittedMeanwhile) {
  start();
  attach("a1");
  hold_log = true;
  auto before = open<session::MasterToAgent>(session::AGENT);
  say(before, test::attach_message("a2", 1, "cpus:4"));
  settle();
  auto proposed = std::exchange(log->proposals, {});
  // The next leader commits what this one has proposed in its own term.
  follow(other);
  ASSERT_THAT(proposed, SizeIs(1));
  commit_of_others(1, proposed[0]);
  hold_log = false;
  lead(3);
  EXPECT_EQ(status().epoch().term(), 3u);
  EXPECT_EQ(status().agents_attached() + status().agents_detached(), 2u);
  attach("a1");
  auto framework = subscribe();
  EXPECT_THAT(events(framework, event::OFFERS), SizeIs(1));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(MasterRolesTest, LeadsAgainInALaterTermWithoutHavingBeenToldOfTheEnd) {
  start();
  auto agent = attach();
  lead(5);
  EXPECT_TRUE(agent.got->closed);
  EXPECT_EQ(status().epoch().term(), 5u);
}

TEST_F(MasterRolesTest, ProposalThatReachesTheLogInALaterTermAnswersNobody) {
  start();
  attach();
  hold_log = true;
  auto framework = subscribe();
  // The log has led anew before it got this, and the master hears of it after.
  log->term = 5;
  lead(5);
  hold_log = false;
  run();
  EXPECT_THAT(events(framework, event::SUBSCRIBED), IsEmpty());
  EXPECT_EQ(
    status().frameworks_disconnected() + status().frameworks_connected(), 1u);
  attach();
  EXPECT_THAT(events(subscribe(), event::OFFERS), SizeIs(1));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(MasterRolesTest, SaidAgainThatItLeadsChangesNothing) {
  start();
  auto agent = attach();
  lead(1);
  EXPECT_FALSE(agent.got->closed);
  EXPECT_THAT(leaders(agent), SizeIs(1));
}

// -- between ------------------------------------------------------------------

TEST_F(MasterRolesTest,
       LogThatDoesNotLeadMakesTheMasterMuteUntilItSaysWhoDoes) {
  start();
  auto agent = attach();
  log->refusal = fail(errc::not_leader, "deposed");
  auto framework = subscribe();
  EXPECT_EQ(log->refused, 1u);
  EXPECT_THAT(failures, IsEmpty());
  pass(10s);
  EXPECT_EQ(log->refused, 1u) << "there is nothing left to ask for";
  auto late = open<session::MasterToAgent>(session::AGENT);
  say(late, test::attach_message("a2", 1, "cpus:4"));
  run();
  EXPECT_EQ(log->refused, 1u);
  EXPECT_THAT(late.got->bodies, IsEmpty());
  auto tool = ask_as_tool(status_request());
  ASSERT_THAT(responses(tool), SizeIs(1));
  EXPECT_EQ(responses(tool)[0].error().code(), "not_leader");
  follow(other);
  EXPECT_TRUE(framework.got->closed);
  EXPECT_TRUE(late.got->closed);
  log->refusal = {};
  lead(2);
  EXPECT_EQ(status().frameworks_connected(), 0u);
}

TEST_F(MasterRolesTest, LogThatHandsOverIsAskedAgainSoon) {
  start();
  log->refusal = fail(errc::conflict, "handing over");
  auto framework = subscribe();
  pass(1s);
  EXPECT_GT(log->refused, 10u);
  log->refusal = {};
  pass(1s);
  EXPECT_THAT(events(framework, event::SUBSCRIBED), SizeIs(1));
}

TEST_F(MasterRolesTest, LateAnswerOfTheLogTouchesNoLaterLeadership) {
  start();
  hold_log = true;
  log->hold_answers = true;
  subscribe();
  ASSERT_THAT(log->answers, SizeIs(1));
  follow(other);
  lead(3);
  ASSERT_THAT(log->answers, SizeIs(2));
  // That of the old question: the new leadership's entry still waits.
  answer(log->answers[0], uint64_t{1});
  settle();
  auto framework = open<session::MasterToScheduler>(session::SCHEDULER);
  say(framework, test::subscribe_call());
  settle();
  EXPECT_THAT(log->answers, SizeIs(2)) << "the question is still open";
  log->hold_answers = false;
  answer(log->answers[1], uint64_t{1});
  hold_log = false;
  run();
  EXPECT_THAT(events(framework, event::SUBSCRIBED), SizeIs(1));
}

TEST_F(MasterRolesTest, LateRefusalOfTheLogTouchesNoLaterLeadership) {
  start();
  log->hold_answers = true;
  hold_log = true;
  subscribe();
  follow(other);
  log->hold_answers = false;
  hold_log = false;
  lead(3);
  ASSERT_THAT(log->answers, SizeIs(1));
  answer(log->answers[0], fail(errc::not_leader, "deposed"));
  EXPECT_THAT(events(subscribe(), event::SUBSCRIBED), SizeIs(1));
}

TEST_F(MasterRolesTest, LatePlansOfAnOldAllocatorAreIgnored) {
  start();
  attach();
  auto framework = subscribe();
  auto offered = events(framework, event::OFFERS);
  ASSERT_THAT(offered, SizeIs(1));
  auto& offer = offered[0].offers().offers(0);
  auto amount = resources_from_wire(offer.resources());
  ASSERT_TRUE(amount.engaged());
  planned_offers plan;
  plan.offers.push_back({id_of<framework_id>(offer.framework_id()), "*",
                         id_of<agent_id>(offer.agent_id()), *amount, 1});
  auto before = events(framework, event::OFFERS).size();
  // Nobody's, as one whose allocator is gone.
  tell(master_, std::move(plan));
  run();
  EXPECT_EQ(events(framework, event::OFFERS).size(), before);
}

TEST_F(MasterRolesTest, LateTickOfAnOldLeadershipIsIgnored) {
  settings.offer_timeout = 10s;
  start();
  attach();
  subscribe();
  follow(other);
  pass(1min);
  EXPECT_THAT(failures, IsEmpty());
  lead(2);
  attach();
  auto framework = subscribe();
  pass(9s);
  EXPECT_THAT(events(framework, event::RESCIND), IsEmpty());
}

} // namespace
} // namespace agora
