// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/sandbox_reader/sandbox_reader_actor.hpp"
#include "actors/scheduler/scheduler_calls.hpp"
#include "tests/support/deterministic_actors.hpp"

#include <caf/all.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agora::test {

/// For tests of one scheduler: the test plays its driver, and with that the
/// whole cluster.
class scheduler_fixture : public deterministic_actors {
protected:
  using call_type = v1::scheduler::Call;
  using event_type = v1::scheduler::Event;

  /// The driver to spawn the scheduler with: keeps what it is sent.
  framework_driver_actor driver_ = spawn([this] {
    return framework_driver_actor::behavior_type{
      [this](const call_type& call) {
        calls_.push_back(call);
      },
      [](const session_up&, const session_actor&) {},
      [](const session_down&) {},
      [](session_number, const session::MasterToScheduler&) {},
      [](const dial_failed&) {},
      [](caf::tick_atom) {},
    };
  });

  /// Watches the scheduler, whose end is then in end_.
  void scheduler_is(scheduler_actor scheduler) {
    scheduler_ = std::move(scheduler);
    spawn([this](caf::event_based_actor* self) -> caf::behavior {
      self->monitor(scheduler_);
      self->set_down_handler([this](const caf::down_msg& down) {
        end_ = down.reason;
      });
      return {[](int) {}};
    });
    settle();
  }

  void send(event_type event) {
    tell(scheduler_, std::move(event));
    settle();
  }

  void send_subscribed() {
    event_type event;
    event.set_type(event_type::SUBSCRIBED);
    event.mutable_subscribed()->mutable_framework_id()->set_value("f1");
    send(event);
  }

  static v1::Offer make_offer(const std::string& id, double cpus, double mem) {
    v1::Offer offer;
    offer.mutable_id()->set_value(id);
    offer.mutable_agent_id()->set_value("agent-of-" + id);
    offer.set_hostname("host-of-" + id);
    *offer.add_resources() = calls::scalar("cpus", cpus);
    *offer.add_resources() = calls::scalar("mem", mem);
    return offer;
  }

  void send_offers(const std::vector<v1::Offer>& offers) {
    event_type event;
    event.set_type(event_type::OFFERS);
    for (auto& offer : offers)
      *event.mutable_offers()->add_offers() = offer;
    send(event);
  }

  void send_update(const std::string& task, v1::TaskState state,
                   const std::string& message = "",
                   const std::string& data = "") {
    event_type event;
    event.set_type(event_type::UPDATE);
    auto& status = *event.mutable_update()->mutable_status();
    status.mutable_task_id()->set_value(task);
    status.set_state(state);
    status.set_message(message);
    status.set_data(data);
    send(event);
  }

  /// Types of the calls since the last time; the calls are in taken_.
  std::vector<call_type::Type> take_calls() {
    taken_ = std::exchange(calls_, {});
    std::vector<call_type::Type> types;
    for (auto& call : taken_)
      types.push_back(call.type());
    return types;
  }

  /// The tasks that taken_ launches.
  std::vector<v1::TaskInfo> launched() const {
    std::vector<v1::TaskInfo> tasks;
    for (auto& call : taken_)
      for (auto& operation : call.accept().operations())
        tasks.insert(tasks.end(), operation.launch().task_infos().begin(),
                     operation.launch().task_infos().end());
    return tasks;
  }

  void TearDown() override {
    scheduler_ = nullptr;
    driver_ = nullptr;
    deterministic_actors::TearDown();
  }

  std::vector<call_type> calls_;
  std::vector<call_type> taken_;
  scheduler_actor scheduler_;
  std::optional<caf::error> end_;
};

/// A sandbox reader that answers with the texts it was given, by
/// "task/path"; what it was not given does not exist.
inline sandbox_reader_actor::behavior_type
fake_sandbox_reader(sandbox_reader_actor::pointer,
                    std::map<std::string, std::string> files) {
  return {
    [files](const read_sandbox& what) -> caf::result<void> {
      auto name = what.file.task.value() + "/" + what.file.path;
      auto found = files.find(name);
      if (found == files.end())
        return fail(errc::not_found, name);
      if (auto failed = what.sink(found->second))
        return failed;
      return caf::unit;
    },
  };
}

} // namespace agora::test
