// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/batch_scheduler_actor.hpp"

#include "actors/frameworks/batch/batch_planner.hpp"
#include "actors/scheduler/scheduler_calls.hpp"

#include <cstdio>
#include <memory>
#include <utility>

namespace agora {

namespace {

using namespace std::chrono_literals;
using v1::scheduler::Event;

using batch_self = batch_actor::stateful_pointer<batch_state>;
using change = job_table::change;

constexpr auto redraw_interval = 200ms;
/// For all of one stream of one job to be read.
constexpr auto fetch_timeout = 10min;
/// After so long without a launch, the user is told that nothing fits.
constexpr auto nothing_fits_after = 15s;

/// One stream of a job, in a file or in memory.
struct captured {
  explicit captured(size_t bytes) : limit(bytes) {
    // nop
  }

  ~captured() {
    if (file != nullptr)
      std::fclose(file);
  }

  captured(const captured&) = delete;
  captured& operator=(const captured&) = delete;

  status write(std::string_view data) {
    if (file != nullptr) {
      if (std::fwrite(data.data(), 1, data.size(), file) != data.size())
        return fail(errc::io_failed, "cannot write " + path);
      return {};
    }
    if (text.size() + data.size() > limit) {
      text.append(data.substr(0, limit - text.size()));
      return fail(errc::too_large, "");
    }
    text.append(data);
    return {};
  }

  size_t limit;
  std::FILE* file = nullptr;
  std::string path;
  std::string text;
};

using capture_ptr = std::shared_ptr<captured>;

/// Both streams of a job while they are fetched.
struct fetched_output {
  capture_ptr out;
  capture_ptr err;
  size_t left = 2;
};

std::chrono::milliseconds elapsed(batch_self self) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
    self->clock().now() - self->state.begun);
}

void send(batch_self self, v1::scheduler::Call call) {
  self->send(self->state.driver, std::move(call));
}

v1::TaskInfo task_for(batch_self self, size_t index, const v1::Offer& offer) {
  auto& table = *self->state.table;
  auto& what = table.at(index).what;
  auto id = table.launched(index, offer.agent_id(), self->clock().now());
  auto cpus = static_cast<double>(what.size.cpus_milli) / 1000;
  auto mem = static_cast<double>(what.size.mem_mib_milli) / 1000;
  auto task = calls::shell_task(offer, id.text(), what.command, cpus, mem);
  task.set_name(what.name);
  for (auto& [name, value] : what.env) {
    auto& variable
      = *task.mutable_command()->mutable_environment()->add_variables();
    variable.set_name(name);
    variable.set_value(value);
  }
  return task;
}

void on_offers(batch_self self, const Event::Offers& event) {
  auto& state = self->state;
  std::vector<v1::Offer> offers{event.offers().begin(), event.offers().end()};
  auto plans = plan_batch(offers, *state.table, state.options.parallelism);
  std::vector<v1::OfferID> unused;
  for (size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].jobs.empty()) {
      unused.push_back(offers[i].id());
      continue;
    }
    std::vector<v1::TaskInfo> tasks;
    for (auto index : plans[i].jobs)
      tasks.push_back(task_for(self, index, offers[i]));
    send(self, calls::accept(offers[i], std::move(tasks)));
    state.last_launch = self->clock().now();
  }
  if (!unused.empty()) {
    send(self, calls::decline(unused));
    state.declined = true;
  }
  if (state.table->waiting().empty() && !std::exchange(state.suppressed, true))
    send(self, calls::suppress());
}

/// Asks for offers again if jobs wait for what was declined before.
void want_offers(batch_self self) {
  auto& state = self->state;
  if (state.table->waiting().empty() || (!state.declined && !state.suppressed))
    return;
  state.declined = state.suppressed = false;
  send(self, calls::revive());
}

void end_if_done(batch_self self) {
  auto& state = self->state;
  if (!state.table->all_ended() || !state.fetching.empty())
    return;
  auto& counts = state.table->totals();
  state.reporter->line(std::to_string(counts.done) + " of "
                         + std::to_string(counts.total) + " jobs finished, "
                         + std::to_string(counts.failed) + " failed, in "
                         + duration_text(elapsed(self)),
                       counts.failed > 0);
  state.outcome->framework = state.framework.value();
  state.outcome->interrupted = state.interrupted;
  state.outcome->table = std::move(state.table);
  send(self, calls::teardown());
  self->quit();
}

void report_end(batch_self self, size_t index) {
  auto& state = self->state;
  auto& entry = state.table->at(index);
  auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
    entry.ended_at - entry.launched_at);
  if (entry.state == job_table::phase::done)
    state.reporter->line(entry.what.name + " finished in "
                         + duration_text(took));
  else
    state.reporter->line(
      entry.what.name + " failed: " + describe_end(entry.last), true);
}

void fetch_ended(batch_self self, size_t index,
                 const std::shared_ptr<fetched_output>& output) {
  auto& state = self->state;
  if (--output->left > 0)
    return;
  state.fetching.erase(index);
  report_end(self, index);
  if (!state.options.json)
    state.reporter->output(output->out->text, output->err->text);
  end_if_done(self);
}

void fetch_stream(batch_self self, size_t index, const std::string& stream,
                  const capture_ptr& to,
                  const std::shared_ptr<fetched_output>& output) {
  auto& state = self->state;
  auto& entry = state.table->at(index);
  read_sandbox what;
  what.agent = entry.agent;
  what.file.framework = state.framework;
  what.file.task.set_value(entry.task.text());
  what.file.path = stream;
  what.sink = [to](std::string_view data) {
    return to->write(data);
  };
  self->request(state.reader, fetch_timeout, std::move(what))
    .then(
      [=] {
        fetch_ended(self, index, output);
      },
      [=](const caf::error& reason) {
        auto& name = self->state.table->at(index).what.name;
        if (code_of(reason) == errc::too_large)
          to->text += "\n[" + stream + " of " + name
                      + " goes on; see agora "
                        "logs, or use an output folder]\n";
        else
          self->state.reporter->line("cannot read " + stream + " of " + name
                                       + ": " + describe(reason),
                                     true);
        fetch_ended(self, index, output);
      });
}

capture_ptr open_capture(batch_self self, const std::string& job_name,
                         const char* suffix) {
  auto& state = self->state;
  auto capture = std::make_shared<captured>(state.options.output_bytes);
  if (state.options.output_folder.empty())
    return capture;
  capture->path = state.options.output_folder + "/" + job_name + suffix;
  capture->file = std::fopen(capture->path.c_str(), "we");
  if (capture->file == nullptr)
    state.reporter->line("cannot write " + capture->path, true);
  return capture;
}

/// Captures what the job wrote, if it ran.
void fetch_output(batch_self self, size_t index) {
  auto& state = self->state;
  auto& entry = state.table->at(index);
  auto ran = entry.last.state() == v1::TASK_FINISHED
             || entry.last.state() == v1::TASK_FAILED
             || entry.last.state() == v1::TASK_KILLED;
  auto wanted = !state.options.json || !state.options.output_folder.empty();
  if (!ran || !wanted || !state.reader)
    return report_end(self, index);
  state.fetching.insert(index);
  auto output = std::make_shared<fetched_output>();
  output->out = open_capture(self, entry.what.name, ".out");
  output->err = open_capture(self, entry.what.name, ".err");
  fetch_stream(self, index, "stdout", output->out, output);
  fetch_stream(self, index, "stderr", output->err, output);
}

void on_update(batch_self self, const v1::TaskStatus& status) {
  auto& state = self->state;
  auto index = state.table->job_of(id_of<task_id>(status.task_id()));
  auto what = state.table->updated(status, self->clock().now());
  switch (what) {
    case change::none:
    case change::started:
      return;
    case change::retry:
      state.reporter->line(state.table->at(*index).what.name
                           + " is tried again: " + describe_end(status));
      break;
    case change::done:
    case change::failed:
      fetch_output(self, *index);
      break;
  }
  want_offers(self);
  end_if_done(self);
}

void on_event(batch_self self, const Event& event) {
  auto& state = self->state;
  switch (event.type()) {
    case Event::SUBSCRIBED:
      state.framework = event.subscribed().framework_id();
      state.reporter->line("framework " + state.framework.value());
      state.last_launch = self->clock().now();
      return;
    case Event::OFFERS:
      return on_offers(self, event.offers());
    case Event::UPDATE:
      return on_update(self, event.update().status());
    case Event::ERROR:
      state.reporter->line(
        "the master ended the batch: " + event.error().message(), true);
      return;
    default: // Nothing is held that the others could take away.
      return;
  }
}

void on_tick(batch_self self) {
  auto& state = self->state;
  state.reporter->progress(state.table->totals(), elapsed(self));
  auto idle = !state.framework.value().empty()
              && !state.table->waiting().empty()
              && state.table->totals().active == 0
              && self->clock().now() - state.last_launch > nothing_fits_after;
  if (idle && !std::exchange(state.said_nothing_fits, true))
    state.reporter->line(
      "no offer fits the waiting jobs so far; `agora explain "
      "framework "
        + state.framework.value() + "` says why",
      true);
  self->delayed_send(self, redraw_interval, caf::tick_atom::value);
}

void on_interrupt(batch_self self) {
  auto& state = self->state;
  state.interrupted = true;
  state.reporter->line("interrupted: ending "
                         + std::to_string(state.table->totals().active)
                         + " jobs; once more to leave at once",
                       true);
  state.table->give_up("the batch was interrupted", self->clock().now());
  for (auto& task : state.table->active_tasks()) {
    v1::TaskID id;
    id.set_value(task.text());
    send(self, calls::kill(id));
  }
  end_if_done(self);
}

} // namespace

batch_actor::behavior_type
batch_scheduler(batch_self self, framework_driver_actor driver,
                batch_options options, const reader_factory& reader,
                std::shared_ptr<batch_outcome> outcome) {
  auto& state = self->state;
  state.driver = std::move(driver);
  state.table.emplace(std::move(options.jobs));
  state.options = std::move(options);
  state.reporter = std::make_unique<batch_reporter>(state.options.quiet);
  state.outcome = std::move(outcome);
  state.begun = state.last_launch = self->clock().now();
  if (reader)
    state.reader
      = reader(self->system(), caf::actor_cast<caf::strong_actor_ptr>(self));
  self->delayed_send(self, redraw_interval, caf::tick_atom::value);
  return {
    [self](const Event& event) {
      on_event(self, event);
    },
    [self](caf::tick_atom) {
      on_tick(self);
    },
    [self](caf::close_atom) {
      on_interrupt(self);
    },
  };
}

} // namespace agora
