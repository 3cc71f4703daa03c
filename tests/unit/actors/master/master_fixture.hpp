// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/master_bench.hpp"
#include "tests/support/master_calls.hpp"

namespace agora::test {

/// An agent and a framework on their sessions.
struct peer {
  session_number session = 0;
  std::string id;
};

/// A master, and short words for what its peers do and see.
class master_test : public ::testing::Test {
protected:
  explicit master_test(master_settings settings = {})
    : bench(std::move(settings)) {
    // nop
  }

  using call = v1::scheduler::Call;
  using event = v1::scheduler::Event;

  // -- agents -----------------------------------------------------------------

  peer attach(const std::string& uid = "a1",
              const std::string& total = "cpus:4;mem:1024",
              uint64_t incarnation = 1,
              const std::vector<session::HeldTask>& held = {}) {
    auto session = bench.open();
    bench.from_agent(session, message(uid, total, incarnation, held));
    peer result{session, {}};
    for (auto& got : bench.take_agent(session)) {
      if (got.has_attached())
        result.id = got.attached().agent_id().value();
      told.push_back(got);
    }
    return result;
  }

  static session::AgentMessage
  message(const std::string& uid, const std::string& total,
          uint64_t incarnation, const std::vector<session::HeldTask>& held) {
    auto attach = attach_message(uid, incarnation, total);
    for (auto& task : held)
      *attach.mutable_attach()->add_tasks() = task;
    return attach;
  }

  /// "run t1", "kill t1", "ack t1", "shutdown", "attached", ... : what the
  /// agent was told since the last call.
  std::vector<std::string> orders(const peer& agent) {
    std::vector<std::string> words;
    for (auto& got : bench.take_agent(agent.session))
      describe(got, words);
    return words;
  }

  /// The same of what `attach` has got.
  std::vector<std::string> told_at_attach() {
    std::vector<std::string> words;
    for (auto& got : std::exchange(told, {}))
      describe(got, words);
    return words;
  }

  // -- frameworks -------------------------------------------------------------

  peer subscribe(const framework_kind& kind = {}) {
    auto session = bench.open();
    bench.call(session, subscribe_call(kind));
    peer result{session, {}};
    read(session);
    for (auto& got : all_events[session])
      if (got.type() == event::SUBSCRIBED)
        result.id = got.subscribed().framework_id().value();
    return result;
  }

  /// Sorts what has come into offers, updates and the rest.
  void read(session_number session) {
    for (auto& got : bench.take_events(session)) {
      for (auto& offer : got.offers().offers())
        offers[offer.id().value()] = offer;
      if (got.type() == event::RESCIND)
        offers.erase(got.rescind().offer_id().value());
      if (got.type() == event::UPDATE)
        updates.push_back(got.update().status());
      if (got.type() == event::ERROR)
        errors.push_back(got.error().message());
      all_events[session].push_back(got);
    }
  }

  /// The offers that the framework has not answered; they stay.
  std::vector<v1::Offer> offers_of(const peer& framework) {
    read(framework.session);
    std::vector<v1::Offer> result;
    for (auto& [id, offer] : offers)
      if (offer.framework_id().value() == framework.id)
        result.push_back(offer);
    return result;
  }

  v1::Offer offer_of(const peer& framework) {
    auto all = offers_of(framework);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? v1::Offer{} : all.front();
  }

  /// Accepts the framework's only offer with these tasks.
  void launch(const peer& framework, std::vector<v1::TaskInfo> tasks) {
    launch_on(offer_of(framework), framework, std::move(tasks));
  }

  void launch_on(const v1::Offer& offer, const peer& framework,
                 std::vector<v1::TaskInfo> tasks) {
    for (auto& task : tasks)
      *task.mutable_agent_id() = offer.agent_id();
    auto accept = accept_call(framework.id, {offer.id().value()});
    add_launch(accept, tasks);
    offers.erase(offer.id().value());
    bench.call(framework.session, accept);
  }

  void launch(const peer& framework, const std::string& task,
              const std::string& amount = "cpus:1;mem:64") {
    launch(framework, {command_task(task, "", amount)});
  }

  void decline(const peer& framework, const v1::Offer& offer,
               std::optional<double> seconds = {}) {
    auto what = call_of(call::DECLINE, framework.id);
    *what.mutable_decline()->add_offer_ids() = offer.id();
    if (seconds)
      what.mutable_decline()->mutable_filters()->set_refuse_seconds(*seconds);
    offers.erase(offer.id().value());
    bench.call(framework.session, what);
  }

  /// What the framework was told of its tasks since the last call.
  std::vector<v1::TaskStatus> news(const peer& framework) {
    read(framework.session);
    return std::exchange(updates, {});
  }

  /// The same as "t1 TASK_RUNNING".
  std::vector<std::string> states(const peer& framework) {
    std::vector<std::string> words;
    for (auto& update : news(framework))
      words.push_back(update.task_id().value() + " "
                      + v1::TaskState_Name(update.state()));
    return words;
  }

  void report(const peer& agent, const peer& framework, const std::string& task,
              v1::TaskState state, const std::string& uuid) {
    bench.from_agent(agent.session,
                     status_message(framework.id, task, state, uuid));
  }

  const task_record* find(const peer& framework, const std::string& task) {
    return bench.state().find_task({framework_id{framework.id}, task_id{task}});
  }

  const agent_record& record(const peer& agent) {
    return *bench.state().find_agent(agent_id{agent.id});
  }

  static std::string text(const wire_resources& list) {
    return to_string(*resources_from_wire(list));
  }

  master_bench bench;
  std::map<std::string, v1::Offer> offers;
  std::vector<v1::TaskStatus> updates;
  std::vector<std::string> errors;
  std::map<session_number, std::vector<event>> all_events;
  std::vector<session::MasterMessage> told;
  /// The newest launch of each task that agents were told of.
  std::map<std::string, launch_id> launched;

private:
  void describe(const session::MasterMessage& got,
                std::vector<std::string>& words) {
    if (got.has_attached())
      words.push_back("attached");
    if (got.has_refused())
      words.push_back("refused " + got.refused().code());
    for (auto& launch : got.run_tasks().launches())
      for (auto& task : launch.tasks()) {
        words.push_back("run " + task.task_id().value());
        launched[task.task_id().value()] = launch_id_of(launch.launch_id());
      }
    if (got.has_kill_task())
      words.push_back("kill " + got.kill_task().task_id().value());
    if (got.has_acknowledge())
      words.push_back("ack " + got.acknowledge().task_id().value());
    if (got.has_shutdown_framework())
      words.push_back("shutdown");
    if (got.has_adopt_task())
      words.push_back("adopt " + got.adopt_task().task_id().value());
  }
};

} // namespace agora::test
