// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/load_book.hpp"

#include "actors/scheduler/scheduler_calls.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace agora::load {

namespace {

using v1::scheduler::Event;

/// Whether the task was never on an agent: its offer was gone.
bool never_ran(const v1::TaskStatus& status) {
  return status.state() == v1::TASK_DROPPED
         || (status.state() == v1::TASK_LOST
             && (status.reason() == v1::TaskStatus::REASON_INVALID_OFFERS
                 || status.reason()
                      == v1::TaskStatus::REASON_MASTER_DISCONNECTED));
}

v1::TaskInfo make_model() {
  v1::TaskInfo model;
  *model.add_resources() = agora::calls::scalar("cpus", task_cpus);
  *model.add_resources() = agora::calls::scalar("mem", task_mem_mib);
  model.mutable_command()->set_shell(true);
  auto& origin = *model.mutable_labels()->add_labels();
  origin.set_key("origin");
  origin.set_value("agora-load");
  model.mutable_labels()->add_labels()->set_key("number");
  return model;
}

} // namespace

load_book::load_book(std::shared_ptr<load_totals> totals)
  : totals_(std::move(totals)), model_(make_model()) {
  // nop
}

load_book::calls load_book::begin() {
  return {agora::calls::suppress()};
}

load_book::calls load_book::launch(launch_share more, time_point now) {
  wanted_ += more.tasks;
  share_ = std::move(more);
  first_of_share_ = tasks_.size();
  in_flight_ = 0;
  return proceed(now);
}

load_book::calls load_book::watch() {
  watching_ = true;
  suppressed_ = false;
  return {agora::calls::revive()};
}

load_book::calls load_book::receive(Event& event, time_point now) {
  switch (event.type()) {
    case Event::SUBSCRIBED:
      if (!std::exchange(subscribed_, true))
        totals_->subscribed();
      return {};
    case Event::OFFERS:
      take_offers(*event.mutable_offers(), now);
      return proceed(now);
    case Event::RESCIND:
      drop_offer(event.rescind().offer_id());
      return {};
    case Event::UPDATE:
      update(event.update().status(), now);
      return proceed(now);
    default:
      return {};
  }
}

void load_book::take_offers(Event::Offers& offers, time_point now) {
  if (std::exchange(watching_, false))
    totals_->offered(now);
  for (auto& offer : *offers.mutable_offers())
    offers_.push_back(std::move(offer));
}

void load_book::drop_offer(const v1::OfferID& id) {
  std::erase_if(offers_, [&](const v1::Offer& offer) {
    return offer.id().value() == id.value();
  });
}

void load_book::update(const v1::TaskStatus& status, time_point now) {
  auto* which = find(status.task_id().value());
  if (which == nullptr || which->at == phase::ended)
    return;
  if (agora::calls::is_terminal(status.state())) {
    task_ended(status, *which, now);
  } else if (status.state() == v1::TASK_RUNNING
             && which->at == phase::launched) {
    which->at = phase::running;
    totals_->running(now - which->accepted);
  }
}

void load_book::task_ended(const v1::TaskStatus& status, task& which,
                           time_point now) {
  which.at = phase::ended;
  if (which.number >= first_of_share_)
    --in_flight_;
  if (status.state() == v1::TASK_FINISHED)
    return totals_->finished(now);
  if (never_ran(status)) {
    ++wanted_;
    return totals_->dropped();
  }
  totals_->failed(v1::TaskState_Name(status.state()) + ": " + status.message());
}

uint64_t load_book::tasks_for(const v1::Offer& offer) const {
  auto room = wanted_;
  if (share_.in_flight != 0)
    room = std::min(room,
                    share_.in_flight - std::min(share_.in_flight, in_flight_));
  if (share_.per_offer != 0)
    room = std::min(room, share_.per_offer);
  for (auto& [name, amount] :
       {std::pair{"cpus", task_cpus}, std::pair{"mem", task_mem_mib}})
    room = std::min(room, static_cast<uint64_t>(
                            agora::calls::amount_of(offer, name) / amount));
  return room;
}

v1::TaskInfo load_book::next_task(const v1::Offer& offer, time_point now) {
  auto number = std::to_string(tasks_.size());
  tasks_.push_back({tasks_.size(), now, phase::launched});
  ++in_flight_;
  auto what = model_;
  what.set_name("load-" + number);
  what.mutable_command()->set_value(share_.command + " # " + number);
  what.mutable_labels()->mutable_labels(1)->set_value(number);
  what.mutable_task_id()->set_value(std::move(number));
  *what.mutable_agent_id() = offer.agent_id();
  return what;
}

load_book::calls load_book::proceed(time_point now) {
  calls out;
  if (wanted_ != 0 && std::exchange(suppressed_, false))
    out.push_back(agora::calls::revive());
  // Those that are too small are given back, and asked for no more soon.
  std::vector<v1::OfferID> unused;
  while (!offers_.empty() && wanted_ != 0) {
    if (share_.in_flight != 0 && in_flight_ >= share_.in_flight)
      return out; // The rest is kept for when a task has ended.
    auto offer = std::move(offers_.front());
    offers_.pop_front();
    auto count = tasks_for(offer);
    if (count == 0) {
      unused.push_back(offer.id());
      continue;
    }
    std::vector<v1::TaskInfo> tasks;
    for (uint64_t i = 0; i < count; ++i)
      tasks.push_back(next_task(offer, now));
    wanted_ -= count;
    totals_->accepted(count, now);
    // With few at once, what is left over is wanted again at once.
    agora::calls::refusal refuse;
    if (share_.in_flight != 0)
      refuse = std::chrono::milliseconds{0};
    out.push_back(agora::calls::accept(offer, std::move(tasks), refuse));
  }
  if (wanted_ == 0) {
    for (auto& offer : std::exchange(offers_, {}))
      unused.push_back(offer.id());
    if (!watching_ && !std::exchange(suppressed_, true))
      out.push_back(agora::calls::suppress());
  }
  if (!unused.empty())
    out.push_back(agora::calls::decline(unused));
  return out;
}

load_book::task* load_book::find(std::string_view id) {
  size_t number = 0;
  auto [end, error] = std::from_chars(id.begin(), id.end(), number);
  if (error != std::errc{} || end != id.end() || number >= tasks_.size())
    return nullptr;
  return &tasks_[number];
}

} // namespace agora::load
