// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/master_bench.hpp"
#include "tests/support/master_calls.hpp"

#include <cstdlib>
#include <random>

namespace agora::test {

namespace {

/// An agent as the protocol has it: it stores what it is told to run, runs
/// nothing twice, and says its newest status again until it is acknowledged.
struct model_agent {
  struct held {
    v1::TaskInfo info;
    v1::TaskState state = v1::TASK_STAGING;
    std::string uuid;
    bool reported = true;
  };

  std::string uid;
  std::string id;
  uint64_t incarnation = 1;
  session_number session = 0;
  std::map<std::pair<std::string, std::string>, held> tasks;
  /// Everything it ever ran.
  std::set<std::pair<std::string, std::string>> seen;
};

struct model_framework {
  framework_kind kind;
  session_number session = 0;
  std::vector<v1::Offer> offers;
  std::vector<v1::TaskStatus> unacknowledged;
  std::vector<std::string> launched;
};

/// A cluster whose parts do at random what they may do, and some of what they
/// may not.
class random_cluster {
public:
  explicit random_cluster(uint64_t seed) : random_(seed) {
    for (int i = 0; i < 3; ++i)
      agents_.emplace_back().uid = "a" + std::to_string(i);
    for (int i = 0; i < 3; ++i) {
      auto& made = frameworks_.emplace_back();
      made.kind.failover_timeout = i == 0 ? 0 : 300;
      made.kind.partition_aware = i != 1;
      if (i == 2)
        made.kind.roles = {"dev", "prod"};
    }
  }

  void step() {
    listen();
    switch (below(26)) {
      case 0:
        bench.hold_log = below(3) == 0;
        break;
      case 1:
        bench.hold_plans = below(3) == 0;
        break;
      case 2:
        bench.hold_allocator = below(4) == 0;
        break;
      case 3:
      case 4:
        bench.commit(below(4));
        break;
      case 5:
        bench.deliver_plans();
        break;
      case 6:
        bench.advance(std::chrono::seconds{below(40)});
        break;
      case 7:
        if (below(8) == 0)
          restart(below(5));
        break;
      case 8:
        if (below(3) == 0)
          bench.lose(agent().session);
        break;
      case 9:
      case 10:
        attach(agent());
        break;
      case 11:
        if (below(4) == 0)
          bench.lose(framework().session);
        break;
      case 12:
        subscribe(framework());
        break;
      case 13:
      case 14:
      case 15:
      case 16:
        answer_offers(framework());
        break;
      case 17:
      case 18:
      case 19:
        move_task(agent());
        break;
      case 20:
        say_again(agent());
        break;
      case 21:
        acknowledge(framework());
        break;
      case 22:
        ask(framework());
        break;
      case 23:
        nonsense();
        break;
      default:
        wake();
    }
  }

  /// Lets everything come to its end, and looks at what is left.
  void end() {
    bench.hold_log = bench.hold_plans = bench.hold_allocator = false;
    bench.commit_all();
    bench.deliver_plans();
    for (auto& one : agents_)
      attach(one);
    for (auto& one : frameworks_)
      subscribe(one);
    for (int round = 0; round < 20; ++round) {
      listen();
      for (auto& one : agents_) {
        for (auto& [key, task] : one.tasks)
          if (!is_terminal(task.state))
            set_state(task, v1::TASK_FINISHED);
        say_again(one);
      }
      listen();
      for (auto& one : frameworks_)
        acknowledge(one);
    }
    bench.state().for_each_agent([&](const agent_record& one) {
      EXPECT_TRUE(one.used.empty())
        << one.id.text() << " " << to_string(one.used);
      EXPECT_TRUE(one.tasks.empty()) << one.id.text();
      return true;
    });
    for (auto& one : agents_)
      EXPECT_TRUE(one.tasks.empty()) << one.uid;
    for (auto& [key, history] : bench.histories()) {
      EXPECT_EQ(history.launches, 1u) << to_string(key);
      EXPECT_EQ(history.ends, 1u) << to_string(key);
    }
    ended = bench.histories().size();
  }

  master_bench bench;
  size_t ended = 0;

private:
  size_t below(size_t limit) {
    return std::uniform_int_distribution<size_t>{0, limit - 1}(random_);
  }

  model_agent& agent() {
    return agents_[below(agents_.size())];
  }

  model_framework& framework() {
    return frameworks_[below(frameworks_.size())];
  }

  std::string uuid() {
    return "u" + std::to_string(++last_uuid_);
  }

  // -- what comes -------------------------------------------------------------

  void listen() {
    for (auto& one : agents_)
      for (auto& got : bench.take_agent(one.session))
        obey(one, got);
    for (auto& one : frameworks_)
      for (auto& got : bench.take_events(one.session))
        hear(one, got);
  }

  void obey(model_agent& one, const session::MasterMessage& got) {
    auto key_of = [](auto& what) {
      return std::pair{what.framework_id().value(), what.task_id().value()};
    };
    if (got.has_attached())
      one.id = got.attached().agent_id().value();
    if (got.has_run_tasks())
      for (auto& launch : got.run_tasks().launches())
        for (auto& task : launch.tasks()) {
          auto key = std::pair{got.run_tasks().framework().id().value(),
                               task.task_id().value()};
          EXPECT_EQ(task.agent_id().value(), one.id);
          if (one.seen.insert(key).second)
            one.tasks[key].info = task;
          if (below(3) != 0)
            bench.from_agent(one.session,
                             confirm_message(key.first, key.second));
        }
    if (got.has_kill_task()) {
      auto found = one.tasks.find(key_of(got.kill_task()));
      if (found != one.tasks.end() && !is_terminal(found->second.state))
        set_state(found->second, v1::TASK_KILLED);
    }
    if (got.has_shutdown_framework())
      for (auto& [key, task] : one.tasks)
        if (key.first == got.shutdown_framework().framework_id().value()
            && !is_terminal(task.state))
          set_state(task, v1::TASK_KILLED);
    if (got.has_acknowledge()) {
      auto found = one.tasks.find(key_of(got.acknowledge()));
      if (found == one.tasks.end()
          || found->second.uuid != got.acknowledge().uuid())
        return;
      found->second.reported = true;
      if (is_terminal(found->second.state))
        one.tasks.erase(found);
    }
  }

  void hear(model_framework& one, const v1::scheduler::Event& got) {
    if (got.has_subscribed()) {
      one.kind.id = got.subscribed().framework_id().value();
      one.offers.clear();
    }
    for (auto& offer : got.offers().offers())
      one.offers.push_back(offer);
    if (got.has_rescind())
      std::erase_if(one.offers, [&](auto& offer) {
        return offer.id().value() == got.rescind().offer_id().value();
      });
    if (got.has_update() && got.update().status().has_uuid())
      one.unacknowledged.push_back(got.update().status());
    if (got.has_error()
        && got.error().message().find("has ended") != std::string::npos)
      one.kind.id.clear();
  }

  // -- agents -----------------------------------------------------------------

  void attach(model_agent& one) {
    if (below(2) == 0)
      bench.lose(one.session);
    listen();
    if (below(3) == 0)
      ++one.incarnation;
    one.session = bench.open();
    auto message
      = attach_message(one.uid, one.incarnation, "cpus:4;mem:1024;ports:[1-9]");
    for (auto& [key, task] : one.tasks) {
      auto& held = *message.mutable_attach()->add_tasks();
      held = held_task(key.first, key.second, task.state,
                       task.reported ? "" : task.uuid);
      *held.mutable_info() = task.info;
    }
    bench.from_agent(one.session, message);
  }

  void set_state(model_agent::held& task, v1::TaskState state) {
    task.state = state;
    task.uuid = uuid();
    task.reported = false;
  }

  void move_task(model_agent& one) {
    for (auto& [key, task] : one.tasks) {
      if (is_terminal(task.state) || below(2) == 0)
        continue;
      constexpr v1::TaskState next[] = {v1::TASK_RUNNING, v1::TASK_RUNNING,
                                        v1::TASK_FINISHED, v1::TASK_FAILED};
      set_state(task, next[below(4)]);
      break;
    }
    say_again(one);
  }

  void say_again(model_agent& one) {
    auto tasks = one.tasks;
    for (auto& [key, task] : tasks)
      if (!task.reported && bench.is_open(one.session))
        bench.from_agent(one.session, status_message(key.first, key.second,
                                                     task.state, task.uuid));
  }

  // -- frameworks -------------------------------------------------------------

  /// Whoever is not there comes back, and wants offers.
  void wake() {
    for (auto& one : agents_)
      if (!bench.is_open(one.session))
        attach(one);
    for (auto& one : frameworks_) {
      subscribe(one);
      if (bench.is_open(one.session) && !one.kind.id.empty())
        bench.call(one.session,
                   call_of(v1::scheduler::Call::REVIVE, one.kind.id));
    }
  }

  void subscribe(model_framework& one) {
    if (bench.is_open(one.session) && below(4) != 0)
      return;
    one.session = bench.open();
    one.offers.clear();
    bench.call(one.session, subscribe_call(one.kind));
    listen();
  }

  void answer_offers(model_framework& one) {
    if (one.offers.empty() || !bench.is_open(one.session))
      return;
    auto offer = one.offers[below(one.offers.size())];
    auto& where = offer.agent_id().value();
    if (below(5) == 0) {
      auto decline = call_of(v1::scheduler::Call::DECLINE, one.kind.id);
      *decline.mutable_decline()->add_offer_ids() = offer.id();
      decline.mutable_decline()->mutable_filters()->set_refuse_seconds(
        static_cast<double>(below(4)) * 10);
      forget(one, offer);
      bench.call(one.session, decline);
      return;
    }
    auto accept = accept_call(one.kind.id, {offer.id().value()});
    forget(one, offer);
    for (size_t i = 0, count = below(3); i < count; ++i) {
      auto id = one.launched.empty() || below(8) != 0
                  ? "t" + std::to_string(++last_task_)
                  : one.launched[below(one.launched.size())];
      // An id that was used before names something else: only while the first
      // has not ended it is refused for sure.
      if (bench.state().find_task({framework_id{one.kind.id}, task_id{id}})
            == nullptr
          && std::find(one.launched.begin(), one.launched.end(), id)
               != one.launched.end())
        continue;
      auto task = command_task(id, below(20) == 0 ? "elsewhere" : where,
                               below(3) == 0 ? "cpus:1;mem:100;ports:[1-3]"
                                             : "cpus:1.5;mem:100");
      if (below(10) == 0)
        task.mutable_resources(0)->mutable_scalar()->set_value(-1);
      one.launched.push_back(id);
      add_launch(accept, {task});
    }
    bench.call(one.session, accept);
  }

  static void forget(model_framework& one, const v1::Offer& offer) {
    std::erase_if(one.offers, [&](auto& mine) {
      return mine.id().value() == offer.id().value();
    });
  }

  void acknowledge(model_framework& one) {
    for (auto& status : std::exchange(one.unacknowledged, {}))
      if (bench.is_open(one.session))
        bench.call(one.session, acknowledge_call(one.kind.id, status));
  }

  void ask(model_framework& one) {
    if (one.kind.id.empty() || !bench.is_open(one.session))
      return;
    using wire = v1::scheduler::Call;
    auto task = "t" + std::to_string(below(last_task_ + 1));
    switch (below(6)) {
      case 0:
        return bench.call(one.session, kill_call(one.kind.id, task));
      case 1: {
        auto call = call_of(wire::RECONCILE, one.kind.id);
        call.mutable_reconcile();
        if (below(2) == 0)
          call.mutable_reconcile()->add_tasks()->mutable_task_id()->set_value(
            task);
        return bench.call(one.session, call);
      }
      case 2:
        return bench.call(one.session, call_of(wire::REVIVE, one.kind.id));
      case 3:
        return bench.call(one.session, call_of(wire::SUPPRESS, one.kind.id));
      case 4:
        if (below(10) == 0)
          bench.call(one.session, call_of(wire::TEARDOWN, one.kind.id));
        return;
      default:
        return bench.call(one.session, call_of(wire::REVIVE, one.kind.id));
    }
  }

  // -- the rest ---------------------------------------------------------------

  void nonsense() {
    auto type = static_cast<v1::scheduler::Call::Type>(below(18));
    if (!v1::scheduler::Call::Type_IsValid(type))
      return;
    switch (below(4)) {
      case 0: {
        // It ends the session, but nothing else.
        auto stranger = bench.open();
        return bench.call(stranger, call_of(type, "nobody"));
      }
      case 1: {
        auto accept = accept_call(framework().kind.id, {"O-1.1-1", "", "x"});
        add_launch(accept, {command_task("", "")});
        auto& who = framework();
        if (bench.is_open(who.session))
          bench.call(who.session, accept);
        return;
      }
      case 2: {
        auto stranger = bench.open();
        session::AgentMessage message;
        message.mutable_attach()->set_uid("a0");
        return bench.from_agent(stranger, message);
      }
      default: {
        auto& who = agent();
        if (bench.is_open(who.session))
          bench.from_agent(who.session,
                           status_message(framework().kind.id, "t1",
                                          v1::TASK_RUNNING, uuid()));
      }
    }
  }

  void restart(size_t survivors) {
    bench.restart(survivors);
    for (auto& one : frameworks_)
      one.offers.clear();
  }

  std::mt19937_64 random_;
  std::vector<model_agent> agents_;
  std::vector<model_framework> frameworks_;
  uint64_t last_uuid_ = 0;
  uint64_t last_task_ = 0;
};

TEST(master_property, random_lives_keep_their_books) {
  auto given = std::getenv("AGORA_TEST_SEED");
  auto first = given ? std::strtoull(given, nullptr, 10) : 1;
  auto count = given ? 1u : 40u;
  size_t ended = 0;
  for (auto seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("AGORA_TEST_SEED=" + std::to_string(seed));
    random_cluster cluster{seed};
    for (int step = 0; step < 500 && !::testing::Test::HasFailure(); ++step)
      cluster.step();
    if (!::testing::Test::HasFailure())
      cluster.end();
    ended += cluster.ended;
    if (::testing::Test::HasFailure())
      return;
  }
  // The lives must have been worth living.
  if (!given) {
    EXPECT_GT(ended, count * 5u);
  }
}

} // namespace

} // namespace agora::test
