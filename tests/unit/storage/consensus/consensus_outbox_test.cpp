// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/consensus_outbox.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

constexpr member_uid self{1};

consensus_message message_in(uint64_t term, uint64_t to = 2) {
  return {self, member_uid{to}, term, term_passed{}};
}

/// Of what goes out next, in order.
std::vector<uint64_t> terms(const consensus_ready& ready) {
  std::vector<uint64_t> result;
  for (auto& message : ready.send)
    result.push_back(message.term);
  return result;
}

using terms_list = std::vector<uint64_t>;

TEST(ConsensusOutbox, WhatPromisesNothingGoesOutAtOnce) {
  consensus_outbox out;
  out.send_now(message_in(1));
  auto ready = out.take(persist_order{}, {1, 5});
  EXPECT_EQ(terms(ready), terms_list{1});
  EXPECT_EQ(ready.persist->ticket, 1U);
  EXPECT_TRUE(out.take(std::nullopt, {1, 5}).empty()) << "only once";
}

TEST(ConsensusOutbox, APromiseWaitsForItsTicket) {
  consensus_outbox out;
  out.send_when_persisted(message_in(1));
  EXPECT_TRUE(terms(out.take(persist_order{}, {1, 5})).empty());
  auto released = out.persisted(1, self);
  EXPECT_EQ(released.last, (log_position{1, 5}));
  EXPECT_EQ(terms(out.take(std::nullopt, {1, 5})), terms_list{1});
}

TEST(ConsensusOutbox, APromiseWithNothingOpenGoesOutAtOnce) {
  consensus_outbox out;
  out.send_when_persisted(message_in(1));
  EXPECT_EQ(terms(out.take(std::nullopt, {0, 0})), terms_list{1});
}

TEST(ConsensusOutbox, APromiseWaitsForEarlierTicketsToo) {
  consensus_outbox out;
  out.take(persist_order{}, {1, 5});
  // Nothing of its own is to be written, but what it says may stand on that.
  out.send_when_persisted(message_in(7));
  EXPECT_TRUE(out.take(std::nullopt, {1, 5}).empty());
  out.persisted(1, self);
  EXPECT_EQ(terms(out.take(std::nullopt, {1, 5})), terms_list{7});
}

TEST(ConsensusOutbox, OneTicketReleasesAllBeforeIt) {
  consensus_outbox out;
  for (uint64_t i = 1; i <= 3; ++i) {
    out.send_when_persisted(message_in(i));
    EXPECT_EQ(out.take(persist_order{}, {1, i}).persist->ticket, i);
  }
  auto released = out.persisted(2, self);
  EXPECT_EQ(released.last, (log_position{1, 2}));
  EXPECT_EQ(terms(out.take(std::nullopt, {1, 3})), (terms_list{1, 2}));
  out.persisted(3, self);
  EXPECT_EQ(terms(out.take(std::nullopt, {1, 3})), terms_list{3});
}

TEST(ConsensusOutbox, ATicketThatIsNotOpenReleasesNothing) {
  consensus_outbox out;
  out.send_when_persisted(message_in(1));
  out.take(persist_order{}, {1, 5});
  EXPECT_FALSE(out.persisted(0, self).last);
  EXPECT_TRUE(out.persisted(1, self).last);
  EXPECT_FALSE(out.persisted(1, self).last) << "told twice";
}

TEST(ConsensusOutbox, WhatTheMachineSaysToItselfDoesNotGoOut) {
  consensus_outbox out;
  out.send_when_persisted(message_in(1, self.value));
  out.send_when_persisted(message_in(2));
  out.take(persist_order{}, {1, 5});
  auto released = out.persisted(1, self);
  ASSERT_EQ(released.to_self.size(), 1U);
  EXPECT_EQ(released.to_self[0].term, 1U);
  EXPECT_EQ(terms(out.take(std::nullopt, {1, 5})), terms_list{2});
}

TEST(ConsensusOutbox, CarriesOrdersAndPermits) {
  consensus_outbox out;
  out.order_read({member_uid{2}, 3, 4, 5});
  out.order_snapshot({member_uid{3}});
  out.permit({7, 8});
  auto ready = out.take(std::nullopt, {0, 0});
  ASSERT_EQ(ready.reads.size(), 1U);
  EXPECT_EQ(ready.reads[0].first, 3U);
  ASSERT_EQ(ready.snapshots.size(), 1U);
  EXPECT_EQ(ready.snapshots[0].to, member_uid{3});
  ASSERT_EQ(ready.permits.size(), 1U);
  EXPECT_EQ(ready.permits[0].index, 8U);
  EXPECT_FALSE(ready.persist);
}

} // namespace
} // namespace agora
