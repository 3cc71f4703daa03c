// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/spawn_agent.hpp"
#include "storage/store/memory_store.hpp"
#include "tests/support/deterministic_actors.hpp"
#include "tests/support/fake_launcher.hpp"
#include "tests/support/scratch_directory.hpp"

#include <caf/all.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace agora::test {

/// One agent on a store and a launcher of the test's, and a master that does
/// what the test says. The agent can be killed and started again.
class agent_fixture : public deterministic_actors {
protected:
  /// One end of a session, as the agent sees it: keeps what the agent sends.
  struct peer {
    session_actor handle;
    std::shared_ptr<std::vector<std::string>> bodies
      = std::make_shared<std::vector<std::string>>();
    std::shared_ptr<bool> closed = std::make_shared<bool>(false);
  };

  peer make_peer() {
    peer made;
    made.handle = spawn([bodies = made.bodies, closed = made.closed] {
      return session_actor::behavior_type{
        [](const session_frame&) {},
        [bodies](const session_body& body) {
          bodies->push_back(body.bytes);
        },
        [closed](const session_close&) {
          *closed = true;
        },
        [](const session::SessionOpened&, const session_endpoint&) {},
        [](caf::tick_atom) {},
      };
    });
    return made;
  }

  agent_options options() {
    agent_options with;
    with.masters = {{"127.0.0.1", 7050}};
    with.work_dir = work_.path();
    with.info.set_hostname("host1");
    with.own_address = {"127.0.0.1", 7051};
    with.software = "test";
    return with;
  }

  /// Starts the agent on what is on the disk. It waits for the first persist.
  void start(agent_options with, std::string boot = "boot1") {
    agent_seams seams;
    seams.checkpoints = &disk_;
    seams.writer
      = spawn_checkpoint_writer(system(), disk_, [](const status&) {});
    keep(seams.writer);
    seams.make_launcher =
      [this](launcher::listener listener) -> result<std::unique_ptr<launcher>> {
      auto made = std::make_unique<fake_launcher>(std::move(listener));
      launcher_ = made.get();
      return std::unique_ptr<launcher>{std::move(made)};
    };
    seams.connect = [this](const agent_actor&, session::OpenSession open) {
      dialed_.push_back(std::move(open));
      return std::vector{spawn([this] {
        return connector_actor::behavior_type{
          [](caf::tick_atom) {},
          [this](const session::OpenSession& again) {
            introductions_.push_back(again);
          },
          [](caf::get_atom) {},
        };
      })};
    };
    seams.files = make_posix_sandbox_files();
    seams.clock = wall();
    seams.random_bytes = [this] {
      std::string bytes(16, 'r');
      bytes.back() = static_cast<char>('a' + randoms_++);
      return bytes;
    };
    seams.boot_id = std::move(boot);
    seams.own_user = "root";
    seams.file_threads = false;
    auto made = spawn_agent(system(), std::move(with), std::move(seams));
    ASSERT_TRUE(made) << describe(made.error());
    agent_ = *made;
    keep(agent_);
    settle();
  }

  void start() {
    start(options());
  }

  /// kill -9, and what was not on the disk is lost.
  void crash(size_t survivors = 0) {
    caf::anon_send_exit(agent_, caf::exit_reason::kill);
    agent_ = nullptr;
    settle();
    disk_.crash(survivors);
    launcher_ = nullptr;
    dialed_.clear();
  }

  /// Lets the disk and the actors work until both are idle.
  void run() {
    settle();
    while (disk_.queued() > 0) {
      disk_.persist();
      settle();
    }
  }

  /// Opens a session to a master that answers the attach.
  void attach(std::vector<session::TaskRef> orphans = {}) {
    run();
    open_master();
    session::MasterToAgent body;
    auto attached = body.add_messages()->mutable_attached();
    attached->mutable_agent_id()->set_value("agent-1");
    attached->set_cluster_id("cluster-1");
    attached->mutable_epoch()->set_generation(1);
    attached->mutable_epoch()->set_term(term_);
    for (auto& orphan : orphans)
      *attached->add_orphans() = std::move(orphan);
    tell(agent_, number_, std::move(body));
    run();
  }

  /// A session to a master that leads; one that was open before is lost.
  void open_master() {
    if (number_ != 0)
      tell(agent_, session_down{number_, {}});
    master_ = make_peer();
    number_ = ++sessions_;
    session_up up;
    up.number = number_;
    up.kind = session::AGENT;
    up.peer_epoch = {1, term_};
    tell(agent_, up, master_.handle);
    settle();
  }

  /// Sends without letting the disk work.
  void from_master(session::MasterMessage message) {
    session::MasterToAgent body;
    *body.add_messages() = std::move(message);
    tell(agent_, number_, std::move(body));
    settle();
  }

  static session::MasterMessage run_tasks(std::vector<v1::TaskInfo> tasks) {
    session::MasterMessage message;
    auto request = message.mutable_run_tasks();
    *request->mutable_framework() = framework();
    for (auto& task : tasks)
      *request->add_launches()->add_tasks() = std::move(task);
    return message;
  }

  /// Two tasks or more for the built-in executor of task groups.
  static session::MasterMessage
  run_group(const std::vector<std::string>& tasks) {
    session::MasterMessage message;
    auto request = message.mutable_run_tasks();
    *request->mutable_framework() = framework();
    auto launch = request->add_launches();
    launch->mutable_group_executor()->set_type(v1::ExecutorInfo::DEFAULT);
    launch->mutable_group_executor()->mutable_executor_id()->set_value("e1");
    for (auto& task : tasks)
      *launch->add_tasks() = command_task(task);
    return message;
  }

  static v1::FrameworkInfo framework() {
    v1::FrameworkInfo info;
    info.set_name("framework");
    info.set_user("root");
    info.mutable_id()->set_value("f1");
    return info;
  }

  static v1::TaskInfo command_task(const std::string& id,
                                   const std::string& command = "true") {
    v1::TaskInfo task;
    task.set_name(id);
    task.mutable_task_id()->set_value(id);
    task.mutable_agent_id()->set_value("agent-1");
    task.mutable_command()->set_value(command);
    return task;
  }

  static session::MasterMessage acknowledge(const v1::TaskStatus& news) {
    session::MasterMessage message;
    auto done = message.mutable_acknowledge();
    done->mutable_framework_id()->set_value("f1");
    *done->mutable_task_id() = news.task_id();
    done->set_uuid(news.uuid());
    return message;
  }

  static session::MasterMessage kill(const std::string& task) {
    session::MasterMessage message;
    message.mutable_kill_task()->mutable_framework_id()->set_value("f1");
    message.mutable_kill_task()->mutable_task_id()->set_value(task);
    return message;
  }

  static session::TaskRef task_ref(const std::string& task) {
    session::TaskRef ref;
    ref.mutable_framework_id()->set_value("f1");
    ref.mutable_task_id()->set_value(task);
    return ref;
  }

  /// What the agent has sent to the master since the last call.
  std::vector<session::AgentMessage> sent() {
    std::vector<session::AgentMessage> messages;
    for (auto& bytes : std::exchange(*master_.bodies, {})) {
      session::AgentToMaster body;
      EXPECT_TRUE(body.ParseFromString(bytes));
      for (auto& message : body.messages())
        messages.push_back(message);
    }
    return messages;
  }

  /// The statuses among it.
  std::vector<v1::TaskStatus> sent_statuses() {
    std::vector<v1::TaskStatus> statuses;
    for (auto& message : sent())
      for (auto& entry : message.statuses().entries())
        statuses.push_back(entry.status());
    return statuses;
  }

  /// Acknowledges each status until none comes; returns all of them.
  std::vector<v1::TaskStatus> take_statuses() {
    std::vector<v1::TaskStatus> all;
    for (;;) {
      run();
      auto fresh = sent_statuses();
      if (fresh.empty())
        return all;
      for (auto& one : fresh) {
        all.push_back(one);
        from_master(acknowledge(one));
      }
    }
  }

  static std::vector<v1::TaskState>
  states_of(const std::vector<v1::TaskStatus>& statuses) {
    std::vector<v1::TaskState> states;
    for (auto& news : statuses)
      states.push_back(news.state());
    return states;
  }

  /// The key of the newest launch.
  std::string key() {
    return launcher_->launches.back().task_key;
  }

  /// How many records are on the disk.
  size_t stored() {
    size_t count = 0;
    auto err = disk_.scan("agent/", {}, [&](auto, auto) {
      ++count;
      return visit::more;
    });
    EXPECT_FALSE(err);
    return count;
  }

  /// Ends with the test, though it was not spawned by it.
  template <class Handle>
  void keep(const Handle& handle) {
    kept_.push_back(caf::actor_cast<caf::actor>(handle));
  }

  void TearDown() override {
    agent_ = nullptr;
    for (auto& actor : std::exchange(kept_, {}))
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    deterministic_actors::TearDown();
  }

  scratch_directory work_;
  memory_store disk_{memory_store::mode::manual, {}, "agent"};
  fake_launcher* launcher_ = nullptr;
  agent_actor agent_;
  std::vector<session::OpenSession> dialed_;
  /// How it wanted to be introduced later.
  std::vector<session::OpenSession> introductions_;
  peer master_;
  session_number number_ = 0;
  session_number sessions_ = 0;
  uint64_t term_ = 1;

private:
  std::vector<caf::actor> kept_;
  int randoms_ = 0;
};

} // namespace agora::test
