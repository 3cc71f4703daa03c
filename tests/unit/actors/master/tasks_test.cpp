// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/actors/master/master_fixture.hpp"

#include <gmock/gmock.h>

namespace agora::test {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class tasks_of_a_master : public master_test {
protected:
  void SetUp() override {
    agent = attach("a1");
    framework = subscribe({.failover_timeout = 1000});
    launch(framework, "t1");
    EXPECT_THAT(orders(agent), ElementsAre("run t1"));
  }

  void reconcile(const std::string& task = {}, const std::string& where = {}) {
    auto what = call_of(call::RECONCILE, framework.id);
    what.mutable_reconcile();
    if (!task.empty()) {
      auto& asked = *what.mutable_reconcile()->add_tasks();
      asked.mutable_task_id()->set_value(task);
      if (!where.empty())
        asked.mutable_agent_id()->set_value(where);
    }
    bench.call(framework.session, what);
  }

  peer agent;
  peer framework;
};

class tasks_of_a_small_master : public master_test {
protected:
  tasks_of_a_small_master()
    : master_test([] {
        master_settings small;
        small.tasks_per_reconcile = 2;
        small.tasks_per_reconcile_slice = 2;
        return small;
      }()) {
    // nop
  }
};

// Of the rest nothing is said, as of tasks whose agent is awaited: the
// framework asks again for what it has not heard of.
TEST_F(tasks_of_a_small_master, are_reconciled_up_to_a_limit) {
  auto framework = subscribe();
  auto ask = [&](std::initializer_list<const char*> names) {
    auto what = call_of(call::RECONCILE, framework.id);
    for (auto* name : names)
      what.mutable_reconcile()->add_tasks()->mutable_task_id()->set_value(name);
    bench.call(framework.session, what);
    return states(framework);
  };
  EXPECT_THAT(ask({"t1", "t2", "t3"}),
              ElementsAre("t1 TASK_UNKNOWN", "t2 TASK_UNKNOWN"));
  EXPECT_THAT(ask({"t3"}), ElementsAre("t3 TASK_UNKNOWN"));
}

TEST_F(tasks_of_a_small_master, are_told_of_in_slices) {
  attach("a1");
  auto framework = subscribe();
  launch(framework, {command_task("t1", "", "cpus:0.1;mem:1"),
                     command_task("t2", "", "cpus:0.1;mem:1"),
                     command_task("t3", "", "cpus:0.1;mem:1")});
  auto all = call_of(call::RECONCILE, framework.id);
  all.mutable_reconcile();
  bench.call(framework.session, all);
  EXPECT_THAT(states(framework),
              ElementsAre("t1 TASK_STAGING", "t2 TASK_STAGING"));
  ASSERT_TRUE(bench.machine().next_deadline());
  bench.advance(20ms);
  EXPECT_THAT(states(framework), ElementsAre("t3 TASK_STAGING"));
  bench.advance(20ms);
  EXPECT_THAT(states(framework), IsEmpty());
}

TEST_F(tasks_of_a_master, report_running_at_once_and_ends_when_committed) {
  bench.hold_log = true;
  report(agent, framework, "t1", v1::TASK_STARTING, "u1");
  report(agent, framework, "t1", v1::TASK_RUNNING, "u2");
  EXPECT_THAT(states(framework),
              ElementsAre("t1 TASK_STARTING", "t1 TASK_RUNNING"));
  report(agent, framework, "t1", v1::TASK_FINISHED, "u3");
  EXPECT_THAT(states(framework), IsEmpty());
  EXPECT_FALSE(record(agent).used.empty());
  bench.commit(2);
  EXPECT_THAT(states(framework), IsEmpty());
  bench.commit();
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_FINISHED"));
  EXPECT_TRUE(record(agent).used.empty());
}

TEST_F(tasks_of_a_master, acknowledgements_of_ends_are_logged_first) {
  report(agent, framework, "t1", v1::TASK_RUNNING, "u1");
  auto got = news(framework);
  ASSERT_EQ(got.size(), 1u);
  bench.hold_log = true;
  // That of a state which is not the last passes through.
  bench.call(framework.session, acknowledge_call(framework.id, got[0]));
  EXPECT_THAT(orders(agent), ElementsAre("ack t1"));
  report(agent, framework, "t1", v1::TASK_FAILED, "u2");
  bench.commit_all();
  got = news(framework);
  ASSERT_EQ(got.size(), 1u);
  bench.call(framework.session, acknowledge_call(framework.id, got[0]));
  EXPECT_THAT(orders(agent), IsEmpty());
  bench.commit_all();
  EXPECT_THAT(orders(agent), ElementsAre("ack t1"));
  EXPECT_EQ(find(framework, "t1"), nullptr);
  // The agent did not hear it, and says it again.
  report(agent, framework, "t1", v1::TASK_FAILED, "u2");
  EXPECT_THAT(orders(agent), ElementsAre("ack t1"));
  EXPECT_THAT(states(framework), IsEmpty());
}

TEST_F(tasks_of_a_master, are_reported_again_until_acknowledged) {
  for (int i = 0; i < 2; ++i) {
    report(agent, framework, "t1", v1::TASK_RUNNING, "u1");
    EXPECT_THAT(states(framework), ElementsAre("t1 TASK_RUNNING"));
  }
  for (int i = 0; i < 2; ++i) {
    report(agent, framework, "t1", v1::TASK_FINISHED, "u2");
    EXPECT_THAT(states(framework), ElementsAre("t1 TASK_FINISHED"));
  }
  EXPECT_EQ(
    bench.histories().at({framework_id{framework.id}, task_id{"t1"}}).ends, 1u);
}

TEST_F(tasks_of_a_master, statuses_that_make_no_sense_change_nothing) {
  session::AgentMessage empty;
  empty.mutable_statuses()->add_entries();
  bench.from_agent(agent.session, empty);
  auto stateless = status_message(framework.id, "t1", v1::TASK_RUNNING, "u1");
  stateless.mutable_statuses()
    ->mutable_entries(0)
    ->mutable_status()
    ->clear_state();
  bench.from_agent(agent.session, stateless);
  EXPECT_THAT(states(framework), IsEmpty());
  auto huge = status_message(framework.id, "t1", v1::TASK_RUNNING, "u1");
  huge.mutable_statuses()->mutable_entries(0)->mutable_status()->set_data(
    std::string(9 << 20, 'x'));
  bench.from_agent(agent.session, huge);
  auto got = news(framework);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(got[0].data().empty());
  // Another agent cannot speak for it.
  auto other = attach("a2");
  report(other, framework, "t1", v1::TASK_FAILED, "u9");
  EXPECT_EQ(find(framework, "t1")->state, v1::TASK_RUNNING);
}

TEST_F(tasks_of_a_master, are_killed_by_way_of_the_log) {
  bench.hold_log = true;
  bench.call(framework.session, kill_call(framework.id, "t1"));
  EXPECT_THAT(orders(agent), IsEmpty());
  bench.commit();
  EXPECT_THAT(orders(agent), ElementsAre("kill t1"));
  bench.hold_log = false;
  report(agent, framework, "t1", v1::TASK_RUNNING, "u1");
  bench.lose(agent.session);
  told.clear();
  agent = attach("a1", "cpus:4;mem:1024", 2,
                 {held_task(framework.id, "t1", v1::TASK_RUNNING)});
  EXPECT_THAT(told_at_attach(), ElementsAre("attached", "kill t1"));
  report(agent, framework, "t1", v1::TASK_KILLED, "u2");
  news(framework);
  bench.call(framework.session, kill_call(framework.id, "t1"));
  EXPECT_THAT(orders(agent), IsEmpty());
}

TEST_F(tasks_of_a_master, can_be_killed_while_their_launch_is_under_way) {
  bench.hold_log = true;
  launch(framework, "t2");
  bench.call(framework.session, kill_call(framework.id, "t2"));
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_THAT(orders(agent), ElementsAre("run t2", "kill t2"));
}

TEST_F(tasks_of_a_master, that_nobody_knows_are_said_to_be_so_when_killed) {
  bench.call(framework.session, kill_call(framework.id, "nobody"));
  EXPECT_THAT(states(framework), ElementsAre("nobody TASK_UNKNOWN"));
}

// An end that needs no acknowledgement may be logged while the framework is
// away: it hears of it by asking, and not of the agent instead.
TEST_F(tasks_of_a_master,
       that_have_ended_are_reconciled_as_what_they_ended_as) {
  report(agent, framework, "t1", v1::TASK_FINISHED, "u1");
  auto got = news(framework);
  ASSERT_EQ(got.size(), 1u);
  bench.call(framework.session, acknowledge_call(framework.id, got[0]));
  reconcile("t1", agent.id);
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_FINISHED"));
  bench.lose(agent.session);
  reconcile("t1", agent.id);
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_FINISHED"));
}

TEST_F(tasks_of_a_master, are_killed_by_tools) {
  session::ToolRequest request;
  auto& asked = *request.mutable_kill_task();
  asked.mutable_framework_id()->set_value(framework.id);
  asked.mutable_task_id()->set_value("t1");
  EXPECT_TRUE(bench.ask(request).has_done());
  EXPECT_THAT(orders(agent), ElementsAre("kill t1"));
  asked.mutable_task_id()->set_value("nobody");
  EXPECT_EQ(bench.ask(request).error().code(), "not_found");
}

// The session goes on, and the scheduler has not acknowledged; nobody else can
// send the end any more.
TEST_F(tasks_of_a_master, whose_agent_is_lost_are_reported_by_the_master) {
  report(agent, framework, "t1", v1::TASK_FINISHED, "u1");
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_FINISHED"));
  bench.lose(agent.session);
  bench.advance(74s);
  EXPECT_THAT(states(framework), IsEmpty());
  bench.advance(1s);
  auto again = news(framework);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].state(), v1::TASK_FINISHED);
  EXPECT_EQ(again[0].uuid(), "u1");
}

TEST_F(tasks_of_a_master, ids_with_ballast_leave_it_at_the_door) {
  bench.hold_log = true;
  auto heavy = [](auto* id) {
    auto* ballast = id->GetReflection()->MutableUnknownFields(id);
    ballast->AddLengthDelimited(9'999)->assign(size_t{4} << 20, 'x');
  };
  auto kill = kill_call(framework.id, "t1");
  heavy(kill.mutable_kill()->mutable_task_id());
  bench.call(framework.session, kill);
  auto confirm = confirm_message(framework.id, "t1");
  heavy(confirm.mutable_tasks_confirmed()->mutable_framework_id());
  heavy(confirm.mutable_tasks_confirmed()->mutable_task_ids(0));
  bench.from_agent(agent.session, confirm);
  auto status = status_message(framework.id, "t1", v1::TASK_FINISHED, "u1");
  heavy(status.mutable_statuses()->mutable_entries(0)->mutable_framework_id());
  bench.from_agent(agent.session, status);
  EXPECT_EQ(bench.uncommitted(), 3u);
  EXPECT_LT(bench.largest_uncommitted(), 1'000u);
  bench.commit_all();
  auto end = news(framework);
  ASSERT_EQ(end.size(), 1u);
  auto acknowledge = acknowledge_call(framework.id, end[0]);
  heavy(acknowledge.mutable_acknowledge()->mutable_task_id());
  bench.call(framework.session, acknowledge);
  EXPECT_EQ(bench.uncommitted(), 1u);
  EXPECT_LT(bench.largest_uncommitted(), 1'000u);
}

TEST_F(tasks_of_a_master, are_reconciled) {
  report(agent, framework, "t1", v1::TASK_RUNNING, "u1");
  news(framework);
  reconcile();
  auto got = news(framework);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].state(), v1::TASK_RUNNING);
  EXPECT_EQ(got[0].reason(), v1::TaskStatus::REASON_RECONCILIATION);
  EXPECT_FALSE(got[0].has_uuid());
  reconcile("t1");
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_RUNNING"));
  reconcile("nobody");
  EXPECT_THAT(states(framework), ElementsAre("nobody TASK_UNKNOWN"));
  reconcile("nobody", agent.id);
  EXPECT_THAT(states(framework), ElementsAre("nobody TASK_GONE"));
  // Nothing is said of what the agent may know better.
  bench.lose(agent.session);
  reconcile();
  reconcile("t1");
  reconcile("nobody", agent.id);
  EXPECT_THAT(states(framework), IsEmpty());
  bench.advance(75s);
  news(framework);
  reconcile("t1");
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_UNREACHABLE"));
  reconcile("nobody", agent.id);
  EXPECT_THAT(states(framework), ElementsAre("nobody TASK_UNREACHABLE"));
}

// The id of a task is its own until its end is acknowledged; a task that comes
// with it is in error, and the one that has it is left alone.
TEST_F(tasks_of_a_master, keep_their_ids_until_their_ends_are_acknowledged) {
  auto launch_again = [&] {
    launch_on(offers_of(framework).at(0), framework,
              {command_task("t1", "", "cpus:1;mem:64")});
  };
  auto refused = [&](const char* when) {
    launch_again();
    auto got = news(framework);
    ASSERT_EQ(got.size(), 1u) << when;
    EXPECT_EQ(got[0].state(), v1::TASK_ERROR) << when;
    EXPECT_EQ(got[0].reason(), v1::TaskStatus::REASON_TASK_INVALID) << when;
    EXPECT_EQ(got[0].source(), v1::TaskStatus::SOURCE_MASTER) << when;
    EXPECT_FALSE(got[0].has_uuid()) << when;
    EXPECT_NE(got[0].message().find("task_id"), std::string::npos) << when;
    EXPECT_THAT(orders(agent), IsEmpty()) << when;
    // What was refused is offered again, after a pause.
    bench.advance(5s);
  };
  refused("staging");
  report(agent, framework, "t1", v1::TASK_RUNNING, "u1");
  news(framework);
  refused("running");
  EXPECT_EQ(find(framework, "t1")->state, v1::TASK_RUNNING);
  report(agent, framework, "t1", v1::TASK_FINISHED, "u2");
  auto end = news(framework);
  ASSERT_EQ(end.size(), 1u);
  refused("ended, not acknowledged");
  EXPECT_EQ(find(framework, "t1")->state, v1::TASK_FINISHED);
  bench.call(framework.session, acknowledge_call(framework.id, end[0]));
  EXPECT_THAT(orders(agent), ElementsAre("ack t1"));
  launch_again();
  EXPECT_THAT(orders(agent), ElementsAre("run t1"));
  EXPECT_THAT(states(framework), IsEmpty());
}

TEST_F(tasks_of_a_master,
       keep_their_ids_while_they_are_launched_or_unreachable) {
  bench.hold_log = true;
  auto twice = command_task("t2", "", "cpus:1;mem:64");
  launch(framework, {twice, twice});
  EXPECT_THAT(states(framework), ElementsAre("t2 TASK_ERROR"));
  // Proposed, and not yet committed.
  launch(framework, "t2");
  EXPECT_THAT(states(framework), ElementsAre("t2 TASK_ERROR"));
  bench.hold_log = false;
  bench.commit_all();
  EXPECT_THAT(orders(agent), ElementsAre("run t2"));
  bench.lose(agent.session);
  bench.advance(75s);
  EXPECT_THAT(states(framework),
              ElementsAre("t1 TASK_UNREACHABLE", "t2 TASK_UNREACHABLE"));
  auto other = attach("a2");
  launch(framework, "t1");
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_ERROR"));
  EXPECT_THAT(orders(other), IsEmpty());
  EXPECT_EQ(find(framework, "t1")->agent->id.text(), agent.id);
}

TEST_F(tasks_of_a_master, are_not_reconciled_by_a_new_leader_too_early) {
  report(agent, framework, "t1", v1::TASK_RUNNING, "u1");
  bench.restart();
  framework = subscribe({.id = framework.id, .failover_timeout = 1000});
  news(framework);
  reconcile();
  EXPECT_THAT(states(framework), IsEmpty());
  attach("a1", "cpus:4;mem:1024", 1,
         {held_task(framework.id, "t1", v1::TASK_RUNNING)});
  reconcile();
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_RUNNING"));
}

TEST_F(tasks_of_a_master, whose_newest_state_a_crash_swallowed_are_caught_up) {
  bench.hold_log = true;
  report(agent, framework, "t1", v1::TASK_RUNNING, "u1");
  bench.restart();
  bench.hold_log = false;
  bench.commit_all();
  framework = subscribe({.id = framework.id, .failover_timeout = 1000});
  news(framework);
  attach("a1", "cpus:4;mem:1024", 1,
         {held_task(framework.id, "t1", v1::TASK_RUNNING, "u1")});
  EXPECT_THAT(states(framework), ElementsAre("t1 TASK_RUNNING"));
  EXPECT_EQ(find(framework, "t1")->state, v1::TASK_RUNNING);
}

TEST_F(tasks_of_a_master, messages_pass_between_framework_and_executor) {
  session::AgentMessage up;
  up.mutable_framework_message()->mutable_framework_id()->set_value(
    framework.id);
  up.mutable_framework_message()->set_data("up");
  bench.from_agent(agent.session, up);
  auto found = false;
  for (auto& got : bench.take_events(framework.session))
    found = found || got.message().data() == "up";
  EXPECT_TRUE(found);
  auto down = call_of(call::MESSAGE, framework.id);
  down.mutable_message()->mutable_agent_id()->set_value(agent.id);
  down.mutable_message()->mutable_executor_id()->set_value("e1");
  down.mutable_message()->set_data("down");
  bench.call(framework.session, down);
  auto got = bench.take_agent(agent.session);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].framework_message().data(), "down");
}

} // namespace

} // namespace agora::test
