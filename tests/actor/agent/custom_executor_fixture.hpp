// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/actor/agent/agent_fixture.hpp"

#include <string>
#include <utility>
#include <vector>

namespace agora::test {

/// An agent with custom executors, whose processes the test plays.
class custom_executor_fixture : public agent_fixture {
protected:
  using Call = v1::executor::Call;
  using Event = v1::executor::Event;

  static v1::TaskInfo executor_task(const std::string& id) {
    auto task = command_task(id);
    task.clear_command();
    auto executor = task.mutable_executor();
    executor->set_type(v1::ExecutorInfo::CUSTOM);
    executor->mutable_executor_id()->set_value("e1");
    executor->mutable_command()->set_value("./executor");
    return task;
  }

  void run_on_executor(const std::string& id) {
    from_master(run_tasks({executor_task(id)}));
    run();
  }

  static Call call(Call::Type type) {
    Call made;
    made.set_type(type);
    made.mutable_framework_id()->set_value("f1");
    made.mutable_executor_id()->set_value("e1");
    if (type == Call::SUBSCRIBE)
      made.mutable_subscribe();
    return made;
  }

  static Call update(const std::string& task, v1::TaskState state,
                     const std::string& uuid) {
    auto made = call(Call::UPDATE);
    auto news = made.mutable_update()->mutable_status();
    news->mutable_task_id()->set_value(task);
    news->set_state(state);
    news->set_uuid(uuid);
    return made;
  }

  void say(Call what) {
    session::ExecutorToAgent body;
    *body.add_calls() = std::move(what);
    tell(agent_, executor_number_, std::move(body));
    run();
  }

  void subscribe(Call what = call(Call::SUBSCRIBE)) {
    executor_ = make_peer();
    executor_number_ = ++sessions_;
    session_up up;
    up.number = executor_number_;
    up.kind = session::EXECUTOR;
    tell(agent_, up, executor_.handle);
    say(std::move(what));
  }

  std::vector<Event> heard() {
    std::vector<Event> events;
    for (auto& bytes : std::exchange(*executor_.bodies, {})) {
      session::AgentToExecutor body;
      EXPECT_TRUE(body.ParseFromString(bytes));
      for (auto& event : body.events())
        events.push_back(event);
    }
    return events;
  }

  std::vector<Event::Type> heard_types() {
    std::vector<Event::Type> types;
    for (auto& event : heard())
      types.push_back(event.type());
    return types;
  }

  peer executor_;
  session_number executor_number_ = 0;
};

} // namespace agora::test
