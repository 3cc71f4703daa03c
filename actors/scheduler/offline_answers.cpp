// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/offline_answers.hpp"

namespace agora {

namespace {

using v1::scheduler::Event;

constexpr const char* why = "the offer was accepted while no master was "
                            "connected";

Event dropped(const v1::TaskInfo& task, bool partition_aware) {
  Event event;
  event.set_type(Event::UPDATE);
  auto& status = *event.mutable_update()->mutable_status();
  *status.mutable_task_id() = task.task_id();
  status.set_state(partition_aware ? v1::TASK_DROPPED : v1::TASK_LOST);
  status.set_source(v1::TaskStatus::SOURCE_MASTER);
  status.set_reason(v1::TaskStatus::REASON_MASTER_DISCONNECTED);
  status.set_message(why);
  if (task.has_agent_id())
    *status.mutable_agent_id() = task.agent_id();
  return event;
}

Event dropped(const v1::Offer::Operation& operation) {
  Event event;
  event.set_type(Event::UPDATE_OPERATION_STATUS);
  auto& status = *event.mutable_update_operation_status()->mutable_status();
  *status.mutable_operation_id() = operation.id();
  status.set_state(v1::OPERATION_DROPPED);
  status.set_message(why);
  return event;
}

} // namespace

std::vector<Event> refuse_offline(const v1::scheduler::Call::Accept& accept,
                                  bool partition_aware) {
  std::vector<Event> events;
  for (auto& operation : accept.operations()) {
    for (auto& task : operation.launch().task_infos())
      events.push_back(dropped(task, partition_aware));
    for (auto& task : operation.launch_group().task_group().tasks())
      events.push_back(dropped(task, partition_aware));
    if (operation.has_id())
      events.push_back(dropped(operation));
  }
  return events;
}

Event rescind_offline(const v1::OfferID& offer) {
  Event event;
  event.set_type(Event::RESCIND);
  *event.mutable_rescind()->mutable_offer_id() = offer;
  return event;
}

} // namespace agora
