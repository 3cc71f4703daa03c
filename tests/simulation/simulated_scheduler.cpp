// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_scheduler.hpp"

#include "actors/scheduler/scheduler_calls.hpp"

#include <utility>

namespace agora::simulation {

namespace {

using std::chrono::milliseconds;
using state_type = simulated_scheduler_state;
using self_ptr = simulated_scheduler_actor::stateful_pointer<state_type>;
using v1::scheduler::Call;
using v1::scheduler::Event;

constexpr milliseconds tick_interval{500};

/// Questions after tasks of an earlier process are asked again this often.
constexpr uint64_t ticks_between_questions = 6;

void send(self_ptr self, Call call) {
  self->send(self->state.driver, std::move(call));
}

v1::TaskInfo make_task(self_ptr self, const v1::Offer& offer, double cpus,
                       double mem) {
  auto& state = self->state;
  auto behavior = state.ledger->next_task(state.process, state.random);
  auto task
    = calls::shell_task(offer, behavior.task, to_command(behavior), cpus, mem);
  if (state.random.chance(0.3))
    task.mutable_kill_policy()->mutable_grace_period()->set_nanoseconds(
      state.random.between(0, 2'000'000'000));
  state.ledger->launched(behavior.task, id_of<agent_id>(offer.agent_id()));
  return task;
}

/// The operations that use the offer, as far as it goes.
std::vector<v1::Offer::Operation> use(self_ptr self, const v1::Offer& offer) {
  auto& state = self->state;
  auto& character = state.ledger->character();
  auto cpus = calls::amount_of(offer, "cpus");
  auto mem = calls::amount_of(offer, "mem");
  std::vector<v1::Offer::Operation> operations;
  while (state.ledger->wanted() > 0) {
    auto group = state.random.chance(character.groups);
    auto count = group ? state.random.between(2, 3) : 1;
    auto each = 0.25 * static_cast<double>(state.random.between(1, 6));
    auto own = group ? 0.1 : 0.0;
    if (cpus < each * static_cast<double>(count) + own
        || mem < 64.0 * static_cast<double>(count) + 32)
      break;
    std::vector<v1::TaskInfo> tasks;
    for (auto i = 0; i < count; ++i)
      tasks.push_back(make_task(self, offer, each, 64));
    cpus -= each * static_cast<double>(count) + own;
    mem -= 64.0 * static_cast<double>(count) + (group ? 32 : 0);
    if (!group) {
      operations.push_back(calls::launch(std::move(tasks)));
      continue;
    }
    v1::ExecutorInfo executor;
    executor.set_type(v1::ExecutorInfo::DEFAULT);
    executor.mutable_executor_id()->set_value(
      "group." + std::to_string(state.process) + "."
      + std::to_string(++state.groups));
    *executor.mutable_framework_id() = offer.framework_id();
    *executor.add_resources() = calls::scalar("cpus", 0.1);
    *executor.add_resources() = calls::scalar("mem", 32);
    operations.push_back(
      calls::launch_group(std::move(executor), std::move(tasks)));
  }
  return operations;
}

calls::refusal some_refusal(random_source& random) {
  if (random.chance(0.3))
    return std::nullopt;
  return milliseconds{random.between(0, 3'000)};
}

void answer(self_ptr self, const v1::Offer& offer) {
  auto& state = self->state;
  if (state.ledger->wanted() > 0
      && !state.random.chance(state.ledger->character().declines)) {
    auto operations = use(self, offer);
    if (!operations.empty())
      return send(self, calls::accept({offer.id()}, std::move(operations),
                                      some_refusal(state.random)));
  }
  send(self, calls::decline(offer, some_refusal(state.random)));
}

void take_offer(self_ptr self, const v1::Offer& offer) {
  auto& state = self->state;
  state.ledger->offered();
  if (state.random.chance(state.ledger->character().hoards)) {
    auto until
      = self->clock().now() + milliseconds{state.random.between(100, 12'000)};
    state.kept[offer.id().value()] = {offer, until};
    return;
  }
  answer(self, offer);
}

void use_kept(self_ptr self, bool all) {
  auto& state = self->state;
  auto now = self->clock().now();
  for (auto at = state.kept.begin(); at != state.kept.end();) {
    if (!all && at->second.until > now) {
      ++at;
      continue;
    }
    auto offer = std::move(at->second.offer);
    at = state.kept.erase(at);
    answer(self, offer);
  }
}

/// Asks after everything that another process of the framework has launched:
/// the driver asks after its own only.
void ask_after(self_ptr self) {
  auto& state = self->state;
  auto own = "." + std::to_string(state.process) + ".";
  Call call = calls::reconcile();
  for (auto& [id, known] : state.ledger->tasks()) {
    if (known.terminal || known.framework != state.ledger->id()
        || id.text().find(own) != std::string::npos)
      continue;
    auto& task = *call.mutable_reconcile()->add_tasks();
    task.mutable_task_id()->set_value(id.text());
    task.mutable_agent_id()->set_value(known.agent.text());
  }
  if (!call.reconcile().tasks().empty())
    send(self, std::move(call));
}

void subscribed(self_ptr self, const Event::Subscribed& news) {
  auto& state = self->state;
  state.ledger->subscribed(id_of<framework_id>(news.framework_id()));
  state.sim->say(state.ledger->character().name + " is subscribed as "
                 + news.framework_id().value());
  state.subscribed = true;
  ask_after(self);
}

void update(self_ptr self, const v1::TaskStatus& status) {
  auto& state = self->state;
  if (state.sim->is_verbose())
    state.sim->say(
      state.ledger->character().name + " hears "
      + v1::TaskState_Name(status.state()) + " of " + status.task_id().value()
      + (status.has_reason()
           ? " reason=" + v1::TaskStatus::Reason_Name(status.reason())
           : ""));
  state.ledger->heard(status, state.process);
  if (state.ledger->character().explicit_acknowledgements
      && !status.uuid().empty())
    send(self, calls::acknowledge(status));
}

void kill_one(self_ptr self) {
  auto& state = self->state;
  std::vector<task_id> live;
  for (auto& [id, task] : state.ledger->tasks())
    if (!task.terminal && task.framework == state.ledger->id())
      live.push_back(id);
  if (live.empty())
    return;
  v1::TaskID id;
  id.set_value(live[state.random.below(live.size())].text());
  state.sim->say(state.ledger->character().name + " kills " + id.value());
  auto call = calls::kill(id);
  if (state.random.chance(0.3))
    call.mutable_kill()
      ->mutable_kill_policy()
      ->mutable_grace_period()
      ->set_nanoseconds(state.random.between(0, 3'000'000'000));
  send(self, std::move(call));
}

void change_mood(self_ptr self) {
  auto& state = self->state;
  auto& character = state.ledger->character();
  auto now = self->clock().now();
  auto done = state.ledger->done();
  if (state.suppressed && !done && now >= state.suppressed_until) {
    state.suppressed = false;
    return send(self, calls::revive());
  }
  if (state.suppressed)
    return;
  auto tired = state.random.chance(character.suppresses / 2);
  if (!done && !tired)
    return;
  state.suppressed = true;
  state.suppressed_until = now + milliseconds{state.random.between(500, 5'000)};
  send(self, calls::suppress());
}

void tick(self_ptr self) {
  auto& state = self->state;
  self->delayed_send(self, tick_interval, caf::tick_atom::value);
  if (!state.subscribed)
    return;
  ++state.ticks;
  use_kept(self, state.ledger->done());
  change_mood(self);
  if (state.random.chance(state.ledger->character().kills / 2))
    kill_one(self);
  if (state.ticks % ticks_between_questions == 0)
    ask_after(self);
  state.ledger->set_hungry(state.ledger->wanted() > 0 && !state.suppressed
                           && state.kept.empty());
}

} // namespace

simulated_scheduler_actor::behavior_type
simulated_scheduler(self_ptr self, world* sim, framework_ledger* ledger,
                    framework_driver_actor driver) {
  auto& state = self->state;
  state.sim = sim;
  state.ledger = ledger;
  state.process = sim->current();
  state.driver = std::move(driver);
  state.random = sim->random().fork();
  self->delayed_send(self, tick_interval, caf::tick_atom::value);
  return {
    [self](const Event& event) {
      switch (event.type()) {
        case Event::SUBSCRIBED:
          return subscribed(self, event.subscribed());
        case Event::OFFERS:
          for (auto& offer : event.offers().offers())
            take_offer(self, offer);
          return;
        case Event::RESCIND:
          self->state.kept.erase(event.rescind().offer_id().value());
          return;
        case Event::UPDATE:
          return update(self, event.update().status());
        case Event::ERROR:
          return self->state.sim->say(self->state.ledger->character().name
                                      + " gets an error: "
                                      + event.error().message());
        default:
          return;
      }
    },
    [self](caf::tick_atom) {
      tick(self);
    },
  };
}

} // namespace agora::simulation
