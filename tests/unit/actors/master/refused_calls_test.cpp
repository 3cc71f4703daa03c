// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/actors/master/master_fixture.hpp"

#include <gmock/gmock.h>

namespace agora::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A call that is wrong costs the call, not the subscription.
class refused_calls : public master_test {
protected:
  refused_calls() {
    attach();
    framework = subscribe();
  }

  /// Why the call was refused; checks that nothing else has happened.
  std::string refusal(const call& what) {
    auto before = bench.state().digest();
    bench.call(framework.session, what);
    EXPECT_TRUE(bench.is_open(framework.session));
    read(framework.session);
    EXPECT_THAT(errors, IsEmpty());
    EXPECT_EQ(bench.state().digest(), before);
    auto refused = bench.take_refused(framework.session);
    if (refused.size() != 1)
      return std::to_string(refused.size()) + " refusals";
    EXPECT_EQ(refused[0].type(), what.type());
    EXPECT_FALSE(refused[0].code().empty());
    return refused[0].text();
  }

  call update() {
    auto what = call_of(call::UPDATE_FRAMEWORK, framework.id);
    *what.mutable_update_framework()->mutable_framework_info()
      = bench.state().find_framework(framework_id{framework.id})->info;
    return what;
  }

  static v1::FrameworkInfo& info(call& what) {
    return *what.mutable_update_framework()->mutable_framework_info();
  }

  peer framework;
};

TEST_F(refused_calls, update_with_wrong_fields) {
  auto what = update();
  info(what).add_roles("a b");
  EXPECT_THAT(refusal(what), HasSubstr("role \"a b\""));
  what = update();
  info(what).mutable_id()->set_value("another");
  EXPECT_THAT(refusal(what), HasSubstr("framework_info.id"));
  what = update();
  info(what).clear_name();
  EXPECT_THAT(refusal(what), HasSubstr("name"));
  EXPECT_EQ(offers_of(framework).size(), 1u);
}

TEST_F(refused_calls, with_missing_fields) {
  EXPECT_THAT(refusal([&] {
                auto what = call_of(call::KILL, framework.id);
                what.mutable_kill();
                return what;
              }()),
              HasSubstr("task_id"));
}

TEST_F(refused_calls, in_the_name_of_others) {
  EXPECT_THAT(refusal(call_of(call::REVIVE, "another")),
              HasSubstr("framework_id"));
}

// Its tasks would wait for ever, and its offers until they time out.
TEST_F(refused_calls, accept_answers_for_its_tasks_and_its_offers) {
  auto offered = offer_of(framework);
  auto what = call_of(call::ACCEPT, framework.id);
  auto& accept = *what.mutable_accept();
  *accept.add_offer_ids() = offered.id();
  accept.add_offer_ids(); // Without its value.
  auto& launch = *accept.add_operations();
  launch.set_type(v1::Offer::Operation::LAUNCH);
  auto& task = *launch.mutable_launch()->add_task_infos();
  task.set_name("t1");
  task.mutable_task_id()->set_value("t1");
  *task.mutable_agent_id() = offered.agent_id();
  offers.erase(offered.id().value());
  EXPECT_THAT(refusal(what), HasSubstr("value"));
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_DROPPED"));
  EXPECT_EQ(offers_of(framework).size(), 1u) << "it is offered again";
}

TEST_F(refused_calls, say_which_call_of_the_session_it_was) {
  bench.call(framework.session, call_of(call::REVIVE, framework.id));
  bench.call(framework.session, call_of(call::REVIVE, "another"));
  auto refused = bench.take_refused(framework.session);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].call(), 3u) << "after SUBSCRIBE and REVIVE";
}

TEST_F(refused_calls, without_a_type) {
  EXPECT_THAT(refusal(call_of(call::UNKNOWN, framework.id)),
              HasSubstr("no type"));
}

TEST_F(refused_calls, before_the_subscription_end_the_session) {
  auto session = bench.open();
  bench.call(session, call_of(call::REVIVE, "another"));
  EXPECT_FALSE(bench.is_open(session));
}

} // namespace

} // namespace agora::test
