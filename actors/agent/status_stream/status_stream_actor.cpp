// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/status_stream/status_stream_actor.hpp"

#include "actors/agent/checkpoint/checkpoint_failure.hpp"

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace agora {

namespace {

using self_ptr = status_stream_actor::stateful_pointer<status_stream_state>;

void report(self_ptr self, stream_report news) {
  if (news.entries.empty() && news.durable.empty() && news.settled.empty())
    return;
  news.framework = self->state.stream->framework();
  if (auto agent = caf::actor_cast<agent_actor>(self->state.agent))
    self->send(agent, std::move(news));
}

void schedule_tick(self_ptr self) {
  auto& state = self->state;
  auto deadline = state.stream->next_deadline();
  if (!deadline || (state.tick_at && *state.tick_at <= *deadline))
    return;
  state.tick_at = deadline;
  self->scheduled_send(self, *deadline, caf::tick_atom::value);
}

/// Sends what is due, together with `news`.
void report_due(self_ptr self, stream_report news = {}) {
  news.entries = self->state.stream->take_due(self->clock().now());
  report(self, std::move(news));
  schedule_tick(self);
}

/// Adds `change` to `batch`, and the numbers of new records to `numbers`.
void collect(self_ptr self, const stream_change& change, write_batch& batch,
             std::vector<uint64_t>& numbers) {
  auto& keys = *self->state.keys;
  auto& framework = self->state.stream->framework();
  for (auto& record : change.put) {
    batch.put(keys.status(framework, record.number()),
              record.SerializeAsString());
    numbers.push_back(record.number());
  }
  for (auto number : change.erase)
    batch.erase(keys.status(framework, number));
  for (auto& task : change.settled)
    batch.erase(keys.task({framework, task}));
}

void store_change(self_ptr self, write_batch batch,
                  std::vector<uint64_t> numbers, std::vector<task_id> settled) {
  if (batch.empty()) {
    report_due(self);
    return;
  }
  auto patience = self->state.patience;
  self->request(self->state.writer, patience, std::move(batch))
    .then(
      [self, numbers = std::move(numbers),
       settled = std::move(settled)](caf::ok_atom) mutable {
        stream_report news;
        news.durable
          = self->state.stream->persisted(numbers, self->clock().now());
        news.settled = std::move(settled);
        report_due(self, std::move(news));
      },
      [self, patience](caf::error& reason) {
        auto why = checkpoint_failure(std::move(reason), patience);
        spdlog::error("status updates cannot be stored framework={} reason={}",
                      self->state.stream->framework().text(), describe(why));
        // The agent is linked to its streams, and ends with this one.
        self->quit(std::move(why));
      });
}

} // namespace

status_stream_actor::behavior_type
status_stream_behavior(self_ptr self, status_stream_options options,
                       checkpoint_writer_actor writer, agent_actor agent) {
  auto& state = self->state;
  state.stream.emplace(std::move(options.framework), options.settings);
  state.keys.emplace(std::move(options.keys));
  state.writer = std::move(writer);
  state.patience = options.patience;
  state.agent = caf::actor_cast<caf::actor_addr>(agent);
  for (auto& record : options.recovered)
    state.stream->recover(std::move(record));
  return {
    [self](stream_record& news) {
      write_batch batch;
      std::vector<uint64_t> numbers;
      stream_report known;
      for (auto& update : news.statuses) {
        auto change = self->state.stream->record(std::move(update));
        collect(self, change, batch, numbers);
        if (change.known)
          known.durable.push_back(std::move(*change.known));
      }
      report(self, std::move(known));
      store_change(self, std::move(batch), std::move(numbers), {});
    },
    [self](const stream_acknowledge& news) {
      write_batch batch;
      std::vector<uint64_t> numbers;
      std::vector<task_id> settled;
      auto now = self->clock().now();
      for (auto& update : news.updates) {
        auto change = self->state.stream->acknowledge(update, now);
        collect(self, change, batch, numbers);
        settled.insert(settled.end(), change.settled.begin(),
                       change.settled.end());
      }
      store_change(self, std::move(batch), std::move(numbers),
                   std::move(settled));
    },
    [self](stream_attached& news) {
      if (news.attached)
        self->state.stream->attach(std::move(news.held), self->clock().now());
      else
        self->state.stream->detach();
      report_due(self);
    },
    [self](const stream_release& news) {
      self->state.stream->release(news.task, self->clock().now());
      report_due(self);
    },
    [self](caf::tick_atom) {
      self->state.tick_at.reset();
      report_due(self);
    },
  };
}

} // namespace agora
