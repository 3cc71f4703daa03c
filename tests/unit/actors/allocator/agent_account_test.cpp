// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/agent_account.hpp"
#include "tests/unit/actors/allocator/planning_fixture.hpp"

#include <csignal>

namespace agora {
namespace {

using test::bundle;
using test::with_ports;

TEST(AgentAccountTest, WhatIsOfferedIsUsedOrComesBack) {
  agent_account account;
  account.reset(bundle(8, 8));
  EXPECT_EQ(account.offer_all(1), bundle(8, 8));
  EXPECT_TRUE(account.free().empty());
  account.use(1, bundle(2, 1));
  EXPECT_FALSE(account.take_back(1, bundle(6, 7)));
  EXPECT_EQ(account.free(), bundle(6, 7));
  EXPECT_EQ(account.holdings().at(1).used, bundle(2, 1));
  account.release(1, bundle(2, 1));
  EXPECT_EQ(account.free(), bundle(8, 8));
  EXPECT_TRUE(account.holdings().empty());
}

TEST(AgentAccountTest, TellsWhoLetsEverythingGoBy) {
  agent_account account;
  account.reset(bundle(8));
  account.offer_all(1);
  EXPECT_FALSE(account.take_back(1, bundle(3)));
  EXPECT_TRUE(account.take_back(1, bundle(5)));
}

TEST(AgentAccountTest, MinimumIsCpusOrMem) {
  auto enough = [](int64_t cpus_milli, int64_t mem_milli) {
    agent_account account;
    account.reset(resources::of_milli(cpus_milli, mem_milli, 1'000'000));
    return account.offerable();
  };
  EXPECT_FALSE(enough(0, 0));
  EXPECT_FALSE(enough(9, 31'999));
  EXPECT_TRUE(enough(10, 0));
  EXPECT_TRUE(enough(0, 32'000));
}

TEST(AgentAccountTest, WithdrawnOffersVanishAndUseStays) {
  agent_account account;
  account.reset(bundle(8));
  account.offer_all(1);
  account.use(1, bundle(1));
  account.take_back(1, bundle(3));
  account.offer_all(2);
  account.withdraw();
  EXPECT_FALSE(account.offerable());
  EXPECT_EQ(account.free(), bundle(7));
  ASSERT_EQ(account.holdings().size(), 1u);
  EXPECT_EQ(account.holdings().at(1).used, bundle(1));
}

TEST(AgentAccountTest, AnAdoptedOrphanMayUseWhatIsGivenAway) {
  agent_account account;
  auto port = with_ports({}, 31005, 31005);
  account.reset(with_ports(bundle(4), 31000, 31009));
  account.offer_all(1);
  account.add_used(2, with_ports(bundle(2), 31005, 31005));
  EXPECT_TRUE(account.free().empty());
  account.take_back(1, with_ports(bundle(4), 31000, 31009));
  auto left = bundle(2);
  left += with_ports({}, 31000, 31004);
  left += with_ports({}, 31006, 31009);
  EXPECT_EQ(account.free(), left);
  account.add_used(2, port); // the same port twice
  EXPECT_EQ(account.free(), left);
  account.release(2, port);
  account.release(2, with_ports(bundle(2), 31005, 31005));
  EXPECT_EQ(account.free(), account.total());
}

TEST(AgentAccountDeathTest, MoreThanWasOfferedIsABrokenInvariant) {
  agent_account account;
  account.reset(bundle(4));
  account.offer_all(1);
  testing::KilledBySignal aborted{SIGABRT};
  EXPECT_EXIT(account.take_back(1, bundle(5)), aborted, "");
  EXPECT_EXIT(account.use(2, bundle(1)), aborted, "");
  EXPECT_EXIT(account.release(1, bundle(1)), aborted, "");
}

} // namespace
} // namespace agora
