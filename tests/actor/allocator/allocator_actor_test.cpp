// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/allocation_limits.hpp"
#include "actors/allocator/allocator_actor.hpp"
#include "tests/support/deterministic_actors.hpp"

namespace agora {
namespace {

using namespace std::chrono_literals;

class AllocatorActorTest : public test::deterministic_actors {
protected:
  std::vector<planned_offers> plans_;

  offer_sender_actor master_
    = spawn([this]() -> offer_sender_actor::behavior_type {
        return {[this](const planned_offers& plan) {
          plans_.push_back(plan);
        }};
      });

  allocator_actor allocator_ = spawn(allocator, master_);

  void tell_changes(std::vector<allocation_change> changes) {
    tell(allocator_, allocation_changes{std::move(changes)});
    settle();
  }

  static allocation_change agent(const std::string& id) {
    return agent_offerable{agent_id{id}, "host", total_, {}};
  }

  static allocation_change framework(const std::string& id) {
    return framework_active{framework_id{id}, {"*"}, {}, false};
  }

  static allocation_change decline(const planned_offer& offer,
                                   std::chrono::nanoseconds refuse_for) {
    return offered_returned{offer.framework, offer.role, offer.agent,
                            offer.amount, refuse_for};
  }

  static inline const resources total_ = resources::of_milli(4000, 4'096'000);
};

TEST_F(AllocatorActorTest, ABatchOfChangesGivesOnePlan) {
  tell_changes({agent("a1"), framework("f1"), agent("a2"), framework("f2")});
  ASSERT_EQ(plans_.size(), 1u);
  EXPECT_EQ(plans_[0].offers.size(), 2u);
  tell_changes({framework("f3")});
  EXPECT_EQ(plans_.size(), 1u) << "a plan without offers is not sent";
}

TEST_F(AllocatorActorTest, AFilterEndsOnTimeAndNotBefore) {
  tell_changes({agent("a1"), framework("f1")});
  tell_changes({decline(plans_.at(0).offers.at(0), 5s)});
  advance(4999ms);
  EXPECT_EQ(plans_.size(), 1u);
  advance(1ms);
  ASSERT_EQ(plans_.size(), 2u);
  EXPECT_EQ(plans_[1].offers.at(0).framework, framework_id{"f1"});
}

TEST_F(AllocatorActorTest, AnEarlierFilterIsNotMissedBehindALaterOne) {
  tell_changes({agent("a1"), agent("a2"), framework("f1")});
  auto offers = plans_.at(0).offers;
  ASSERT_EQ(offers.size(), 2u);
  tell_changes({decline(offers[0], 1h)});
  tell_changes({decline(offers[1], 1s)});
  advance(1s);
  ASSERT_EQ(plans_.size(), 2u);
  EXPECT_EQ(plans_[1].offers.at(0).agent, offers[1].agent);
  advance(1h);
  ASSERT_EQ(plans_.size(), 3u);
  EXPECT_EQ(plans_[2].offers.at(0).agent, offers[0].agent);
}

TEST_F(AllocatorActorTest, FiltersThatEndCloseTogetherGiveOnePlan) {
  std::vector<allocation_change> changes{framework("f1")};
  for (int i = 0; i < 100; ++i)
    changes.push_back(agent("a" + std::to_string(i)));
  tell_changes(std::move(changes));
  changes.clear();
  for (auto& offer : plans_.at(0).offers) {
    auto ends = 1s + std::chrono::microseconds{changes.size()};
    changes.push_back(decline(offer, ends));
  }
  tell_changes(std::move(changes));
  advance(1s + allocation_limits::tick_spacing);
  ASSERT_EQ(plans_.size(), 3u);
  EXPECT_EQ(plans_[1].offers.size(), 1u);
  EXPECT_EQ(plans_[2].offers.size(), 99u);
}

TEST_F(AllocatorActorTest, ExplainsAndReportsShares) {
  tell_changes({agent("a1"), framework("f1")});
  auto explained = ask<session::FrameworkExplanation>(
    allocator_, explain_framework{framework_id{"f1"}});
  ASSERT_TRUE(explained) << describe(explained.error());
  EXPECT_EQ(explained->summary(), "Of 1 attached agent: 1 on offer to it.");
  auto unknown = ask<session::FrameworkExplanation>(
    allocator_, explain_framework{framework_id{"f2"}});
  EXPECT_EQ(code_of(unknown.error()), errc::not_found);
  auto shares = ask<share_report>(allocator_, get_shares{});
  ASSERT_TRUE(shares);
  EXPECT_EQ(shares->frameworks.at(0).dominant_share, 1.0);
}

TEST_F(AllocatorActorTest, DoesNotKeepItsMasterAlive) {
  caf::anon_send_exit(master_, caf::exit_reason::kill);
  settle();
  tell_changes({agent("a1"), framework("f1")});
  EXPECT_TRUE(plans_.empty());
}

} // namespace
} // namespace agora
