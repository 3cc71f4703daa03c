// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/actor/replication/replica_fixture.hpp"

namespace agora::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

session::ChangeMasters add(uint32_t number) {
  session::ChangeMasters what;
  what.mutable_add()->set_number(number);
  what.mutable_add()->set_address("m" + std::to_string(number) + ":7050");
  return what;
}

session::ChangeMasters remove(uint32_t number) {
  session::ChangeMasters what;
  what.mutable_remove()->set_number(number);
  return what;
}

session::ChangeMasters transfer(uint32_t number) {
  session::ChangeMasters what;
  what.mutable_transfer()->set_to(number);
  return what;
}

class MemberChange : public replica_fixture {
protected:
  size_t voters_at(node& at) {
    size_t voters = 0;
    auto known = list(at);
    for (auto& master : known.masters())
      voters += master.learner() ? 0 : 1;
    return voters;
  }

  node& follower() {
    for (auto& one : nodes)
      if (one->replica && one.get() != leader())
        return *one;
    ADD_FAILURE() << "nobody follows";
    return *nodes.front();
  }
};

TEST_F(MemberChange, AFourthAndAFifthAreTakenInWhileOneIsDown) {
  start_three();
  ASSERT_TRUE(propose(*leader(), {"a"}));
  crash(follower());
  for (uint32_t number : {4u, 5u}) {
    start(add_node(), 0);
    run_for(1s);
    auto added = change(*leader(), add(number));
    ASSERT_TRUE(added) << describe(added.error());
    run_for(3s);
    EXPECT_EQ(voters_at(*leader()), number);
  }
  ASSERT_TRUE(propose(*leader(), {"b"}));
  run_for(1s);
  EXPECT_TRUE(all_have("b"));
}

TEST_F(MemberChange, OneThatDoesNotAnswerIsNotTakenIn) {
  start_three();
  auto refused = change(*leader(), add(4));
  ASSERT_FALSE(refused);
  EXPECT_EQ(code_of(refused.error()), errc::unreachable);
  EXPECT_THAT(text_of(refused.error()), HasSubstr("m4:7050"));
  EXPECT_THAT(list(*leader()).masters(), SizeIs(3));
}

TEST_F(MemberChange, NumbersAndAddressesAreGivenOnce) {
  start_three();
  auto refused = change(*leader(), add(2));
  EXPECT_EQ(code_of(refused.error()), errc::already_exists);
  auto other = add(7);
  other.mutable_add()->set_address("m2:7050");
  EXPECT_EQ(code_of(change(*leader(), other).error()), errc::already_exists);
}

TEST_F(MemberChange, WhoDoesNotLeadChangesNothing) {
  start_three();
  EXPECT_EQ(code_of(change(follower(), remove(1)).error()), errc::not_leader);
}

TEST_F(MemberChange, TheLastOneThatVotesStays) {
  start(add_node(), 1, true);
  run_for(2s);
  auto refused = change(*leader(), remove(1));
  EXPECT_EQ(code_of(refused.error()), errc::conflict);
  EXPECT_THAT(text_of(refused.error()), HasSubstr("last"));
}

TEST_F(MemberChange, OneAtATime) {
  start_three();
  caf::anon_send(leader()->owner->log, add(4)); // It waits for m4.
  run_for(100ms);
  auto refused = change(*leader(), remove(follower().number));
  EXPECT_EQ(code_of(refused.error()), errc::conflict);
}

TEST_F(MemberChange, ALeaderThatIsRemovedHandsOver) {
  start_three();
  auto* old = leader();
  ASSERT_TRUE(change(*old, remove(old->number)));
  run_for(3s);
  auto* now = leader();
  ASSERT_NE(now, nullptr);
  EXPECT_NE(now, old);
  EXPECT_THAT(list(*now).masters(), SizeIs(2));
  ASSERT_TRUE(propose(*now, {"a"}));
}

TEST_F(MemberChange, LeadershipIsHandedOver) {
  start_three();
  auto& to = follower();
  ASSERT_TRUE(change(*leader(), transfer(to.number)));
  run_for(500ms);
  EXPECT_EQ(leader(), &to);
  EXPECT_EQ(code_of(change(*leader(), transfer(9)).error()), errc::not_found);
}

TEST_F(MemberChange, AWipedMemberIsAnotherOne) {
  start_three();
  auto& lost = follower();
  ASSERT_TRUE(propose(*leader(), {"a"}));
  crash(lost);
  lost.disk->wipe();
  start(lost);
  run_for(5s);
  // It is not talked to under its old number, and knows nothing.
  EXPECT_THAT(lost.owner->state, IsEmpty());
  ASSERT_TRUE(change(*leader(), remove(lost.number)));
  run_for(1s);
  auto added = change(*leader(), add(lost.number));
  ASSERT_TRUE(added) << describe(added.error());
  run_for(3s);
  EXPECT_EQ(voters_at(*leader()), 3u);
  EXPECT_TRUE(all_have("a"));
}

TEST_F(MemberChange, AFounderThatLostItsDiskFoundsNothing) {
  start_three();
  ASSERT_TRUE(propose(*leader(), {"a"}));
  auto& founder = *nodes.front();
  crash(founder);
  founder.disk->wipe();
  start(founder, 3, true);
  run_for(5s);
  EXPECT_THAT(founder.owner->failures, IsEmpty());
  EXPECT_THAT(founder.owner->state, IsEmpty());
  EXPECT_EQ(founder.owner->leadership->cluster_id, "");
  // It waits, and can be taken in.
  ASSERT_TRUE(change(*leader(), remove(1)));
  run_for(1s);
  auto added = change(*leader(), add(1));
  ASSERT_TRUE(added) << describe(added.error());
  run_for(3s);
  EXPECT_TRUE(all_have("a"));
}

TEST_F(MemberChange, ADirectoryIsOfOneNumber) {
  start_three();
  auto& one = follower();
  crash(one);
  auto log = replicated_log::open({std::shared_ptr<void>{}, one.disk.get()},
                                  "test", settings, 1);
  ASSERT_TRUE(log);
  auto refused = check_replica(9, **log);
  EXPECT_EQ(code_of(refused), errc::invalid_config);
  EXPECT_THAT(text_of(refused),
              HasSubstr("master " + std::to_string(one.number)));
}

} // namespace
} // namespace agora::test
