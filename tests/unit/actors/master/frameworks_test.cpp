// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/actors/master/master_fixture.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace agora::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class frameworks : public master_test {
protected:
  const framework_record& record_of(const peer& framework) {
    return *bench.state().find_framework(framework_id{framework.id});
  }
};

TEST_F(frameworks, get_an_id_and_offers) {
  attach("a1");
  auto framework = subscribe();
  EXPECT_FALSE(framework.id.empty());
  EXPECT_EQ(offers_of(framework).size(), 1u);
}

TEST_F(frameworks, that_ask_twice_before_the_answer_are_one) {
  bench.hold_log = true;
  auto session = bench.open();
  bench.call(session, subscribe_call());
  bench.call(session, subscribe_call());
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_EQ(bench.state().framework_count(), 1u);
  bench.lose(session);
  EXPECT_EQ(bench.context().frameworks.connected_count(), 0u);
}

TEST_F(frameworks, whose_scheduler_dies_before_the_answer_end) {
  bench.hold_log = true;
  auto session = bench.open();
  bench.call(session, subscribe_call());
  bench.lose(session);
  bench.hold_log = false;
  bench.commit_all();
  bench.advance(0s);
  EXPECT_EQ(bench.state().framework_count(), 0u);
  EXPECT_EQ(bench.state().ended_framework_count(), 1u);
}

TEST_F(frameworks, are_held_by_the_newest_subscription) {
  attach("a1");
  auto first = subscribe({.failover_timeout = 1000});
  auto offer = offer_of(first);
  auto second = subscribe({.id = first.id, .failover_timeout = 1000});
  read(first.session);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("another scheduler")));
  EXPECT_FALSE(bench.is_open(first.session));
  offers.erase(offer.id().value());
  EXPECT_EQ(offers_of(second).size(), 1u);
  EXPECT_EQ(record_of(second).incarnation, 2u);
}

TEST_F(frameworks, whose_scheduler_changes_while_an_accept_is_under_way) {
  attach("a1");
  auto first = subscribe({.failover_timeout = 1000});
  bench.hold_log = true;
  auto session = bench.open();
  bench.call(session,
             subscribe_call({.id = first.id, .failover_timeout = 1000}));
  launch(first, "t1");
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_EQ(find(first, "t1"), nullptr);
  auto second = peer{session, first.id};
  auto updates_now = news(second);
  ASSERT_EQ(updates_now.size(), 1u);
  EXPECT_EQ(updates_now[0].state(), v1::TASK_DROPPED);
  EXPECT_EQ(updates_now[0].reason(), v1::TaskStatus::REASON_INVALID_OFFERS);
}

TEST_F(frameworks, without_failover_timeout_end_with_their_scheduler) {
  auto agent = attach("a1");
  auto framework = subscribe();
  launch(framework, "t1");
  bench.lose(framework.session);
  bench.advance(0s);
  EXPECT_TRUE(record_of(framework).has_ended());
  EXPECT_THAT(orders(agent), ElementsAre("run t1", "shutdown"));
  EXPECT_TRUE(record(agent).used.empty());
  auto late = bench.open();
  bench.call(late, subscribe_call({.id = framework.id}));
  read(late);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("has ended")));
}

// Its session's queue was full, or the log too far behind.
TEST_F(frameworks, that_are_turned_away_have_time_to_come_back) {
  attach("a1");
  auto framework = subscribe();
  launch(framework, "t1");
  bench.lose(framework.session, errc::limit_reached);
  bench.advance(9min);
  EXPECT_FALSE(record_of(framework).has_ended());
  auto again = subscribe({.id = framework.id});
  bench.lose(again.session);
  bench.advance(0s);
  EXPECT_TRUE(record_of(again).has_ended());
}

TEST_F(frameworks, within_their_failover_timeout_come_back) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 100});
  launch(framework, "t1");
  bench.lose(framework.session);
  bench.advance(99s);
  auto again = subscribe({.id = framework.id, .failover_timeout = 100});
  bench.advance(1h);
  EXPECT_TRUE(record_of(again).connected());
  EXPECT_NE(find(again, "t1"), nullptr);
  bench.lose(again.session);
  bench.advance(100s);
  EXPECT_TRUE(record_of(again).has_ended());
  EXPECT_TRUE(record(agent).used.empty());
}

TEST_F(frameworks, get_unacknowledged_ends_when_they_come_back) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 100});
  launch(framework, "t1");
  bench.lose(framework.session);
  report(agent, framework, "t1", v1::TASK_FINISHED, "u1");
  EXPECT_THAT(orders(agent), ElementsAre("run t1"));
  auto again = subscribe({.id = framework.id, .failover_timeout = 100});
  EXPECT_THAT(states(again), ElementsAre("t1 TASK_FINISHED"));
}

TEST_F(frameworks, have_time_to_come_back_after_a_start) {
  auto framework = subscribe();
  bench.restart();
  bench.advance(9min);
  EXPECT_FALSE(record_of(framework).has_ended());
  auto again = subscribe({.id = framework.id});
  bench.advance(10min);
  EXPECT_FALSE(record_of(again).has_ended());
  bench.restart();
  bench.advance(10min);
  EXPECT_TRUE(record_of(again).has_ended());
}

TEST_F(frameworks, are_torn_down) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  launch(framework, "t1");
  bench.call(framework.session, call_of(call::TEARDOWN, framework.id));
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_KILLED"));
  EXPECT_FALSE(bench.is_open(framework.session));
  EXPECT_THAT(orders(agent), ElementsAre("run t1", "shutdown"));
  EXPECT_TRUE(record(agent).used.empty());
  offers.clear();
  auto other = subscribe();
  EXPECT_EQ(text(offer_of(other).resources()), "cpus:4;mem:1024");
  // Its agent was away from the order: it is given again.
  report(agent, framework, "t1", v1::TASK_KILLED, "u1");
  EXPECT_THAT(orders(agent), ElementsAre("ack t1"));
}

TEST_F(frameworks, that_end_while_an_accept_is_under_way_keep_nothing) {
  auto agent = attach("a1");
  auto framework = subscribe({.failover_timeout = 1000});
  bench.hold_log = true;
  launch(framework, "t1");
  bench.call(framework.session, call_of(call::TEARDOWN, framework.id));
  launch(framework, "t2");
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_TRUE(record(agent).used.empty());
  auto other = subscribe();
  EXPECT_EQ(text(offer_of(other).resources()), "cpus:4;mem:1024");
}

TEST_F(frameworks, that_make_no_sense_are_refused) {
  auto refused = [this](auto change) {
    auto session = bench.open();
    auto what = subscribe_call();
    change(what);
    bench.call(session, what);
    EXPECT_FALSE(bench.is_open(session));
    errors.clear();
    read(session);
    return errors.empty() ? std::string{"nothing"} : errors[0];
  };
  auto info = [](call& what) -> v1::FrameworkInfo& {
    return *what.mutable_subscribe()->mutable_framework_info();
  };
  EXPECT_THAT(refused([&](auto& what) {
                info(what).clear_name();
              }),
              HasSubstr("framework_info.name"));
  EXPECT_THAT(refused([&](auto& what) {
                info(what).set_failover_timeout(-1);
              }),
              HasSubstr("failover_timeout"));
  EXPECT_THAT(refused([&](auto& what) {
                info(what).set_failover_timeout(
                  std::numeric_limits<double>::quiet_NaN());
              }),
              HasSubstr("failover_timeout"));
  EXPECT_THAT(refused([&](auto& what) {
                info(what).add_roles("a b");
              }),
              HasSubstr("role \"a b\""));
  EXPECT_THAT(refused([&](auto& what) {
                for (int i = 0; i < 200; ++i)
                  info(what).add_roles("r" + std::to_string(i));
              }),
              HasSubstr("framework_info.roles"));
  EXPECT_THAT(refused([&](auto& what) {
                info(what).set_webui_url(std::string(2 << 20, 'x'));
              }),
              HasSubstr("larger than"));
  EXPECT_THAT(refused([&](auto& what) {
                info(what).mutable_id()->set_value("unknown");
              }),
              HasSubstr("unknown"));
  EXPECT_THAT(refused([&](auto& what) {
                what.clear_subscribe();
              }),
              HasSubstr("subscribe"));
  EXPECT_THAT(refused([&](auto& what) {
                what.set_type(call::KILL);
              }),
              HasSubstr("KILL"));
  EXPECT_EQ(bench.state().framework_count(), 0u);
}

TEST_F(frameworks, are_seen_by_tools) {
  auto agent = attach("a1");
  auto framework = subscribe({.roles = {"dev", "prod"}});
  auto all = offers_of(framework);
  ASSERT_EQ(all.size(), 1u);
  launch(framework, "t1");
  session::ToolRequest request;
  request.mutable_get_frameworks();
  auto list = bench.ask(request).frameworks();
  ASSERT_EQ(list.frameworks_size(), 1);
  EXPECT_EQ(list.frameworks(0).state(), "connected");
  EXPECT_EQ(text(list.frameworks(0).used()), "cpus:1;mem:64");
  request.mutable_get_roles();
  EXPECT_EQ(bench.ask(request).roles().roles_size(), 2);
  request.mutable_get_tasks()->mutable_task_id()->set_value("t1");
  EXPECT_EQ(bench.ask(request).tasks().tasks_size(), 1);
  request.mutable_get_agents();
  EXPECT_EQ(bench.ask(request).agents().agents(0).tasks(), 1u);
  request.mutable_get_offers();
  EXPECT_EQ(bench.ask(request).offers().offers_size(), 1);
  request.mutable_get_status();
  auto status = bench.ask(request).status();
  EXPECT_EQ(status.agents_attached(), 1u);
  EXPECT_EQ(status.tasks_active(), 1u);
  EXPECT_EQ(text(status.used()), "cpus:1;mem:64");
  EXPECT_EQ(text(status.offered()), "cpus:3;mem:960");
  request.mutable_explain_framework()->mutable_framework_id()->set_value(
    framework.id);
  EXPECT_TRUE(bench.ask(request).has_explanation());
  request.mutable_teardown_framework()->mutable_framework_id()->set_value("no");
  EXPECT_EQ(bench.ask(request).error().code(), "not_found");
  request.mutable_teardown_framework()->mutable_framework_id()->set_value(
    framework.id);
  EXPECT_TRUE(bench.ask(request).has_done());
  EXPECT_THAT(orders(agent), ElementsAre("run t1", "shutdown"));
}

} // namespace

} // namespace agora::test
