// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/run_scheduler_actor.hpp"

#include "actors/frameworks/batch/batch_planner.hpp"
#include "actors/scheduler/scheduler_calls.hpp"

#include <cstdio>
#include <utility>

namespace agora {

namespace {

using namespace std::chrono_literals;
using v1::scheduler::Event;

using run_self = run_actor::stateful_pointer<run_state>;

/// How often a task may be launched, counting offers that were gone.
constexpr unsigned attempts_limit = 100;
/// For the whole output of the task to be copied.
// In seconds: CAF has no timeouts in hours.
constexpr std::chrono::seconds copy_timeout = 24h * 365;
/// After so long without a fitting offer, the user is told.
constexpr auto patience = 10s;

void say(run_self self, const std::string& text) {
  if (!self->state.options.quiet)
    std::fprintf(stderr, "%s\n", text.c_str());
}

void send(run_self self, v1::scheduler::Call call) {
  self->send(self->state.driver, std::move(call));
}

/// A name that people can type, and that no other `run` has: the last part of
/// the framework's id tells them apart.
std::string next_task_id(run_self self) {
  auto& state = self->state;
  auto& framework = state.framework.value();
  auto number = framework.substr(framework.rfind('-') + 1);
  return state.options.name + "-" + number + "."
         + std::to_string(++state.attempts);
}

v1::TaskInfo task_for(run_self self, const v1::Offer& offer) {
  auto& state = self->state;
  auto& options = state.options;
  auto task
    = calls::shell_task(offer, next_task_id(self), options.command.front(),
                        static_cast<double>(options.size.cpus_milli) / 1000,
                        static_cast<double>(options.size.mem_mib_milli) / 1000);
  task.set_name(options.name);
  auto& command = *task.mutable_command();
  command.set_shell(false);
  command.mutable_arguments()->Assign(options.command.begin(),
                                      options.command.end());
  for (auto& [name, value] : options.env) {
    auto& variable = *command.mutable_environment()->add_variables();
    variable.set_name(name);
    variable.set_value(value);
  }
  return task;
}

void on_offers(run_self self, const Event::Offers& event) {
  auto& state = self->state;
  std::vector<v1::OfferID> unused;
  for (auto& offer : event.offers()) {
    if (state.launched || !state.options.size.fits_into(room_of(offer))) {
      unused.push_back(offer.id());
      continue;
    }
    auto task = task_for(self, offer);
    state.launched = true;
    state.task = task.task_id();
    state.agent = offer.agent_id();
    say(self, "task " + state.task.value() + " of framework "
                + state.framework.value() + " on " + offer.hostname());
    send(self, calls::accept(offer, {std::move(task)}));
    send(self, calls::suppress());
  }
  if (!unused.empty())
    send(self, calls::decline(unused));
}

void end(run_self self) {
  send(self, calls::teardown());
  self->quit();
}

void end_if_done(run_self self) {
  if (self->state.ended && self->state.copying == 0)
    end(self);
}

/// Whether nobody can be asked for the rest of the output: waiting for an agent
/// that is lost would be waiting for its return.
bool output_is_lost(v1::TaskState state) {
  return state == v1::TASK_LOST || state == v1::TASK_GONE
         || state == v1::TASK_GONE_BY_OPERATOR || state == v1::TASK_DROPPED
         || state == v1::TASK_UNKNOWN;
}

void copy(run_self self, const char* stream, file_sink sink) {
  auto& state = self->state;
  ++state.copying;
  read_sandbox what;
  what.agent = state.agent;
  what.file.framework = state.framework;
  what.file.task = state.task;
  what.file.path = stream;
  what.file.follow = true;
  what.sink = std::move(sink);
  self->request(state.reader, copy_timeout, std::move(what))
    .then(
      [self] {
        --self->state.copying;
        end_if_done(self);
      },
      [self, stream](const caf::error& reason) {
        std::fprintf(stderr, "cannot read %s: %s\n", stream,
                     describe(reason).c_str());
        --self->state.copying;
        end_if_done(self);
      });
}

void copy_output(run_self self) {
  auto& state = self->state;
  if (std::exchange(state.copy_begun, true) || !state.reader)
    return;
  copy(self, "stdout", state.sinks.out);
  copy(self, "stderr", state.sinks.err);
}

bool never_ran(const v1::TaskStatus& status) {
  return status.reason() == v1::TaskStatus::REASON_INVALID_OFFERS
         || status.reason() == v1::TaskStatus::REASON_MASTER_DISCONNECTED;
}

void on_update(run_self self, const v1::TaskStatus& status) {
  auto& state = self->state;
  if (status.task_id().value() != state.task.value() || state.ended)
    return;
  if (calls::is_terminal(status.state()) && status.has_reason()
      && never_ran(status) && state.attempts < attempts_limit) {
    state.launched = false;
    send(self, calls::revive());
    return;
  }
  state.outcome->status = status;
  auto terminal
    = calls::is_terminal(status.state()) || status.state() == v1::TASK_UNKNOWN;
  auto ran
    = status.state() == v1::TASK_RUNNING || status.state() == v1::TASK_FINISHED
      || status.state() == v1::TASK_FAILED || status.state() == v1::TASK_KILLED;
  if (ran)
    copy_output(self);
  if (!terminal)
    return;
  state.ended = true;
  if (status.state() != v1::TASK_FINISHED)
    say(self, "task " + state.task.value() + ": "
                + v1::TaskState_Name(status.state())
                + (status.message().empty() ? "" : ": " + status.message()));
  if (output_is_lost(status.state()))
    end(self);
  else
    end_if_done(self);
}

void on_event(run_self self, const Event& event) {
  switch (event.type()) {
    case Event::SUBSCRIBED:
      self->state.framework = event.subscribed().framework_id();
      return;
    case Event::OFFERS:
      return on_offers(self, event.offers());
    case Event::UPDATE:
      return on_update(self, event.update().status());
    default: // ERROR is reported by the program.
      return;
  }
}

void on_impatience(run_self self) {
  auto& state = self->state;
  if (!state.launched && !state.framework.value().empty())
    say(self, "no offer fits so far; `agora explain framework "
                + state.framework.value() + "` says why");
}

void on_interrupt(run_self self) {
  auto& state = self->state;
  if (state.launched) {
    send(self, calls::kill(state.task));
    return;
  }
  state.ended = true;
  state.outcome->status.set_state(v1::TASK_KILLED);
  end_if_done(self);
}

} // namespace

run_actor::behavior_type
run_scheduler(run_self self, framework_driver_actor driver, run_options options,
              run_sinks sinks,
              const std::function<sandbox_reader_actor(
                caf::actor_system&, const caf::strong_actor_ptr&)>& reader,
              std::shared_ptr<run_outcome> outcome) {
  auto& state = self->state;
  state.driver = std::move(driver);
  state.options = std::move(options);
  state.sinks = std::move(sinks);
  state.outcome = std::move(outcome);
  if (reader)
    state.reader
      = reader(self->system(), caf::actor_cast<caf::strong_actor_ptr>(self));
  self->delayed_send(self, patience, caf::tick_atom::value);
  return {
    [self](const Event& event) {
      on_event(self, event);
    },
    [self](caf::tick_atom) {
      on_impatience(self);
    },
    [self](caf::close_atom) {
      on_interrupt(self);
    },
  };
}

} // namespace agora
