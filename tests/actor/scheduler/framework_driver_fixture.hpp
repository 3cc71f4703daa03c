// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/scheduler/framework_driver_actor.hpp"
#include "actors/scheduler/scheduler_calls.hpp"
#include "tests/support/deterministic_actors.hpp"
#include "tests/support/fake_session.hpp"

#include <caf/all.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agora::test {

/// A scheduler that does what the test tells it to.
struct scripted_scheduler {
  std::vector<v1::scheduler::Event> events;
  /// What the handler returns for the next events.
  status answer;
  /// Handlers do not return before the test says so.
  bool hold = false;
  std::vector<caf::response_promise> held;
  std::function<void(scheduler_actor::pointer, const v1::scheduler::Event&)>
    on_event;
};

using script = std::shared_ptr<scripted_scheduler>;

inline scheduler_actor::behavior_type run_script(scheduler_actor::pointer self,
                                                 script what) {
  return {
    [self, what](const v1::scheduler::Event& event) -> caf::result<void> {
      if (event.type() == v1::scheduler::Event::UNKNOWN) { // From release().
        auto next = std::move(what->held.front());
        what->held.erase(what->held.begin());
        next.deliver(caf::unit);
        return caf::unit;
      }
      what->events.push_back(event);
      if (what->on_event)
        what->on_event(self, event);
      if (what->answer)
        return what->answer;
      if (!what->hold)
        return caf::unit;
      what->held.push_back(
        self->make_response_promise<caf::response_promise>());
      return what->held.back();
    },
  };
}

class framework_driver_fixture : public deterministic_actors {
protected:
  using record = session_record<session::SchedulerToMaster>;

  void start(driver_options options = {}) {
    options.info.set_name("test");
    options.info.set_user("nobody");
    driver_ = spawn(
      framework_driver, std::move(options),
      [this](caf::actor_system&, const framework_driver_actor&) {
        return scheduler_ = spawn(run_script, script_);
      },
      connect_function{});
    auto watcher = spawn([this](caf::event_based_actor* self) -> caf::behavior {
      self->monitor(driver_);
      self->set_down_handler([this](const caf::down_msg& down) {
        end_ = down.reason;
      });
      return {[](int) {}};
    });
    settle();
  }

  void open_session() {
    session_ = std::make_shared<record>();
    auto end = spawn(fake_session<session::SchedulerToMaster>, session_);
    session_up up;
    up.number = number_ = ++sessions_;
    up.peer_epoch = {1, number_};
    tell(driver_, std::move(up), end);
    settle();
  }

  struct idle_master {
    std::shared_ptr<record> end = std::make_shared<record>();
    session_number number = 0;
  };

  /// A session to a master that does not lead, unless `leads_with` is given.
  idle_master open_idle(epoch leads_with = {},
                        const std::string& cluster = "") {
    idle_master made;
    made.number = ++sessions_;
    session_up up;
    up.number = made.number;
    up.peer_cluster = cluster;
    up.peer_epoch = leads_with;
    tell(driver_, std::move(up),
         spawn(fake_session<session::SchedulerToMaster>, made.end));
    settle();
    return made;
  }

  void say(session_number who, bool leads, epoch with = {}) {
    session::MasterToScheduler body;
    body.mutable_leadership()->set_leads(leads);
    body.mutable_leadership()->mutable_epoch()->set_generation(with.generation);
    body.mutable_leadership()->mutable_epoch()->set_term(with.term);
    tell(driver_, who, std::move(body));
    settle();
  }

  /// The rest of the test is about the session to this master.
  void turn_to(const idle_master& who) {
    session_ = who.end;
    number_ = who.number;
  }

  void answer_subscribe() {
    v1::scheduler::Event event;
    event.set_type(v1::scheduler::Event::SUBSCRIBED);
    event.mutable_subscribed()->mutable_framework_id()->set_value("f1");
    from_master({event});
  }

  void lose_session() {
    tell(driver_, session_down{number_, fail(errc::session_lost, "gone")});
    settle();
  }

  void subscribe() {
    open_session();
    answer_subscribe();
    sent();
  }

  void from_master(const std::vector<v1::scheduler::Event>& events) {
    session::MasterToScheduler body;
    for (auto& event : events)
      *body.add_events() = event;
    tell(driver_, number_, std::move(body));
    settle();
  }

  /// Types of the calls that reached the session; clears them.
  std::vector<v1::scheduler::Call::Type> sent() {
    calls_.clear();
    std::vector<v1::scheduler::Call::Type> types;
    for (auto& body : session_->bodies)
      for (auto& call : body.calls()) {
        calls_.push_back(call);
        types.push_back(call.type());
      }
    session_->bodies.clear();
    return types;
  }

  /// Lets the oldest handler that is held return.
  void release() {
    tell(scheduler_, v1::scheduler::Event{});
    settle();
  }

  void TearDown() override {
    scheduler_ = nullptr;
    script_->held.clear();
    script_->on_event = nullptr;
    driver_ = nullptr;
    deterministic_actors::TearDown();
  }

  script script_ = std::make_shared<scripted_scheduler>();
  std::shared_ptr<record> session_;
  framework_driver_actor driver_;
  scheduler_actor scheduler_;
  session_number number_ = 0;
  session_number sessions_ = 0;
  std::vector<v1::scheduler::Call> calls_;
  std::optional<caf::error> end_;
};

inline v1::scheduler::Event update(const std::string& task, v1::TaskState state,
                                   const std::string& uuid = "") {
  v1::scheduler::Event event;
  event.set_type(v1::scheduler::Event::UPDATE);
  auto& status = *event.mutable_update()->mutable_status();
  status.mutable_task_id()->set_value(task);
  status.mutable_agent_id()->set_value("a1");
  status.set_state(state);
  if (!uuid.empty())
    status.set_uuid(uuid);
  return event;
}

inline v1::Offer offer(const std::string& id) {
  v1::Offer offer;
  offer.mutable_id()->set_value(id);
  offer.mutable_agent_id()->set_value("a1");
  return offer;
}

} // namespace agora::test
