// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/offer_desk.hpp"

#include "actors/master/task_statuses.hpp"
#include "runtime/resources/resources_codec.hpp"

#include <algorithm>
#include <cmath>

namespace agora {

namespace {

/// Serialized tasks in one RunTasks: far below what a session takes.
constexpr size_t run_tasks_bytes = size_t{1} << 20;

/// As in the field: a year.
constexpr double refuse_seconds_limit = 365.0 * 24 * 3600;

v1::Offer to_wire(const outstanding_offer& offer, const agent_record& agent) {
  v1::Offer wire;
  wire.mutable_id()->set_value(offer.id.text());
  wire.mutable_framework_id()->set_value(offer.framework.text());
  wire.mutable_agent_id()->set_value(offer.agent.text());
  auto info = agent.info();
  wire.set_hostname(agent.hostname);
  wire.mutable_attributes()->Swap(info.mutable_attributes());
  *wire.mutable_resources() = resources_to_wire(
    offer.amount, {.allocation_role = offer.role, .with_star_role = true});
  wire.mutable_allocation_info()->set_role(offer.role);
  if (info.has_domain())
    *wire.mutable_domain() = info.domain();
  for (auto& [key, executor] : agent.executors)
    if (key.framework == offer.framework)
      wire.add_executor_ids()->set_value(key.executor.text());
  return wire;
}

size_t task_count(const v1::scheduler::Call::Accept& call) {
  size_t count = 0;
  for (auto& operation : call.operations())
    count += static_cast<size_t>(
      operation.launch().task_infos_size()
      + operation.launch_group().task_group().tasks_size());
  return count;
}

template <class F>
void for_each_task(const v1::scheduler::Call::Accept& call, F f) {
  for (auto& operation : call.operations()) {
    for (auto& task : operation.launch().task_infos())
      f(task);
    for (auto& task : operation.launch_group().task_group().tasks())
      f(task);
  }
}

} // namespace

std::optional<std::chrono::nanoseconds>
refusal_of(const v1::Filters* filters,
           std::chrono::nanoseconds default_refuse) {
  if (filters == nullptr || !filters->has_refuse_seconds())
    return default_refuse;
  auto seconds = filters->refuse_seconds();
  if (!std::isfinite(seconds) || seconds < 0)
    return default_refuse;
  return std::chrono::nanoseconds{
    static_cast<int64_t>(std::min(seconds, refuse_seconds_limit) * 1e9)};
}

offer_desk::offer_desk(master_context& context) : context_(context) {
  // nop
}

void offer_desk::send_offers(planned_offers planned) {
  auto& settings = context_.settings;
  auto deadline = settings.offer_timeout > std::chrono::nanoseconds{0}
                    ? context_.now + settings.offer_timeout
                    : offer_book::time_point::max();
  for (auto& plan : planned.offers) {
    // Who went away while the plan was under way was withdrawn from the
    // allocator, and with the agent all that was on offer of it.
    // The same holds for who came back since.
    if (!context_.agents.attached(plan.agent)
        || context_.agents.attachment_of(plan.agent) != plan.attachment)
      continue;
    auto session = context_.frameworks.session_of(plan.framework);
    auto* agent = context_.state.find_agent(plan.agent);
    if (!session || agent == nullptr) {
      context_.out.allocate(offered_returned{
        plan.framework, plan.role, plan.agent, plan.amount, std::nullopt});
      continue;
    }
    auto& offer = context_.offers.add(
      {offer_id{}, std::move(plan.framework), std::move(plan.role),
       std::move(plan.agent), std::move(plan.amount), context_.now, deadline});
    auto& event
      = context_.out.to_scheduler(*session, v1::scheduler::Event::OFFERS);
    *event.mutable_offers()->add_offers() = to_wire(offer, *agent);
  }
}

offer_desk::taken_offers
offer_desk::take(const framework_id& framework,
                 const google::protobuf::RepeatedPtrField<v1::OfferID>& ids) {
  taken_offers taken;
  if (ids.empty())
    taken.bad = fail(errc::invalid_argument, "offer_ids is empty");
  auto limit = context_.settings.offers_per_call;
  if (static_cast<size_t>(ids.size()) > limit) {
    taken.bad = fail(errc::limit_reached,
                     "one call may name " + std::to_string(limit) + " offers");
    return taken;
  }
  for (auto& id : ids) {
    auto offer = context_.offers.take(id_of<offer_id>(id), framework);
    if (!offer) {
      if (!taken.bad)
        taken.bad = std::move(offer.error());
      continue;
    }
    taken.offers.push_back(std::move(*offer));
  }
  if (taken.bad || taken.offers.empty())
    return taken;
  auto& first = taken.offers.front();
  for (auto& offer : taken.offers) {
    if (offer.agent != first.agent)
      taken.bad = fail(errc::invalid_argument,
                       "offer_ids has offers of several agents");
    else if (offer.role != first.role)
      taken.bad
        = fail(errc::invalid_argument, "offer_ids has offers to several roles");
  }
  return taken;
}

void offer_desk::give_back(const outstanding_offer& offer,
                           std::optional<std::chrono::nanoseconds> refuse_for) {
  context_.out.allocate(offered_returned{
    offer.framework, offer.role, offer.agent, offer.amount, refuse_for});
}

void offer_desk::decline(const framework_id& framework,
                         const v1::scheduler::Call::Decline& call) {
  auto refuse = refusal_of(call.has_filters() ? &call.filters() : nullptr,
                           context_.settings.default_refuse);
  auto taken = take(framework, call.offer_ids());
  // What is not outstanding any more needs no declining.
  for (auto& offer : taken.offers)
    give_back(offer, refuse);
}

void offer_desk::accept(const framework_id& framework,
                        v1::scheduler::Call::Accept& call) {
  auto& settings = context_.settings;
  auto taken = take(framework, call.offer_ids());
  if (!taken.bad && task_count(call) > settings.tasks_per_accept)
    taken.bad = fail(errc::limit_reached,
                     "one accept may launch "
                       + std::to_string(settings.tasks_per_accept) + " tasks");
  auto* filters = call.has_filters() ? &call.filters() : nullptr;
  if (taken.bad) {
    refuse_all(framework, call, v1::TaskStatus::REASON_INVALID_OFFERS,
               fail(code_of(taken.bad), "offer_ids: " + text_of(taken.bad)));
    for (auto& offer : taken.offers)
      give_back(offer, std::nullopt);
    return;
  }
  if (call.operations().empty()) {
    for (auto& offer : taken.offers)
      give_back(offer, refusal_of(filters, settings.default_refuse));
    return;
  }
  auto& first = taken.offers.front();
  accept_request request;
  request.framework = framework;
  request.incarnation = context_.frameworks.incarnation_of(framework);
  request.agent = first.agent;
  request.role = first.role;
  for (auto& offer : taken.offers)
    request.offered += offer.amount;
  request.operations.assign(
    std::make_move_iterator(call.mutable_operations()->begin()),
    std::make_move_iterator(call.mutable_operations()->end()));
  auto plan = plan_accept(context_.state,
                          context_.overlay.pending(framework, first.agent),
                          std::move(request));
  answer_refusals(framework, first.agent, plan);
  if (!plan.remainder.empty()) {
    // Offered again at once, unless the framework asks for a pause. One whose
    // tasks were all refused has declined: it must not spin.
    auto pause = plan.parts.empty()
                 || (filters != nullptr && filters->has_refuse_seconds()
                     && filters->refuse_seconds() != 0);
    std::optional<std::chrono::nanoseconds> refuse;
    if (pause)
      refuse = refusal_of(filters, settings.default_refuse);
    context_.out.allocate(offered_returned{framework, first.role, first.agent,
                                           std::move(plan.remainder), refuse});
  }
  for (auto& part : plan.parts) {
    context_.overlay.add(part.entry, part.context.amount,
                         part.context.executors);
    cluster::Entry entry;
    *entry.mutable_tasks_accepted() = std::move(part.entry);
    context_.out.propose(std::move(entry), std::move(part.context));
  }
}

void offer_desk::refuse(const framework_id& framework,
                        const v1::scheduler::Call::Accept& call,
                        const status& why) {
  refuse_all(framework, call, v1::TaskStatus::REASON_TASK_INVALID, why);
  // Those of them that it may name: what else is wrong was said.
  for (auto& offer : take(framework, call.offer_ids()).offers)
    give_back(offer, std::nullopt);
}

void offer_desk::send_status(const framework_id& framework,
                             v1::TaskStatus update) {
  auto session = context_.frameworks.session_of(framework);
  if (!session)
    return;
  auto& event
    = context_.out.to_scheduler(*session, v1::scheduler::Event::UPDATE);
  *event.mutable_update()->mutable_status() = std::move(update);
}

void offer_desk::refuse_all(const framework_id& framework,
                            const v1::scheduler::Call::Accept& call,
                            v1::TaskStatus::Reason reason, const status& why) {
  auto* record = context_.state.find_framework(framework);
  auto aware = record != nullptr && record->partition_aware;
  master_verdict verdict{dropped_or_lost(aware), reason, text_of(why)};
  for_each_task(call, [&](const v1::TaskInfo& task) {
    if (task.task_id().value().empty())
      return; // Nobody could tell which one is meant.
    send_status(framework, make_status(id_of<task_id>(task.task_id()),
                                       id_of<agent_id>(task.agent_id()),
                                       verdict, context_.wall));
  });
}

void offer_desk::answer_refusals(const framework_id& framework,
                                 const agent_id& agent,
                                 const accept_plan& plan) {
  for (auto& refused : plan.refused) {
    auto update = make_status(id_of<task_id>(refused.task), agent,
                              {v1::TASK_ERROR, refused.reason, refused.text},
                              context_.wall);
    if (!refused.executor.value().empty())
      *update.mutable_executor_id() = refused.executor;
    send_status(framework, std::move(update));
  }
  auto session = context_.frameworks.session_of(framework);
  for (auto& refused : plan.operations) {
    if (!session || refused.id.value().empty())
      continue;
    auto& event = context_.out.to_scheduler(
      *session, v1::scheduler::Event::UPDATE_OPERATION_STATUS);
    auto& update = *event.mutable_update_operation_status()->mutable_status();
    *update.mutable_operation_id() = refused.id;
    update.set_state(v1::OPERATION_ERROR);
    update.set_message(refused.text);
    update.mutable_agent_id()->set_value(agent.text());
  }
}

void offer_desk::void_agent(const agent_id& agent) {
  for (auto& offer : context_.offers.take_agent(agent))
    tell_rescinded(offer);
}

void offer_desk::rescind_agent(const agent_id& agent) {
  for (auto& offer : context_.offers.take_agent(agent)) {
    tell_rescinded(offer);
    give_back(offer, std::nullopt);
  }
}

void offer_desk::tell_rescinded(const outstanding_offer& offer) {
  if (auto session = context_.frameworks.session_of(offer.framework))
    context_.out.to_scheduler(*session, v1::scheduler::Event::RESCIND)
      .mutable_rescind()
      ->mutable_offer_id()
      ->set_value(offer.id.text());
}

void offer_desk::return_framework(const framework_id& framework) {
  for (auto& offer : context_.offers.take_framework(framework))
    give_back(offer, std::nullopt);
}

void offer_desk::rescind_expired() {
  for (auto& offer : context_.offers.expire(context_.now)) {
    tell_rescinded(offer);
    // Who sits on offers does not get the same again at once.
    give_back(offer, context_.settings.default_refuse);
  }
}

void offer_desk::settle_resources(const applied_entry& applied,
                                  const proposed_accept& why) {
  // An agent that went away took its offers with it; what its tasks use counts
  // for their framework all the same.
  auto attached = context_.agents.attached(why.agent);
  auto left = why.amount;
  for (auto& change : applied.acquired) {
    // More than was planned if an executor that ran then has ended since, and
    // starts again.
    auto planned = attached ? left.intersected(change.amount) : resources{};
    auto more = change.amount.minus_saturated(planned);
    left = left.minus_saturated(planned);
    if (!planned.empty())
      context_.out.allocate(offered_used{change.framework, change.role,
                                         change.agent, std::move(planned)});
    if (more.empty())
      continue;
    context_.out.allocate(
      used_added{change.framework, change.role, change.agent, std::move(more)});
    // It may be on offer to somebody.
    rescind_agent(change.agent);
  }
  if (attached && !left.empty())
    context_.out.allocate(offered_returned{why.framework, why.role, why.agent,
                                           std::move(left), std::nullopt});
}

void offer_desk::launch_applied(const applied_entry& applied,
                                const cluster::TasksAccepted& entry,
                                proposed_accept why) {
  context_.overlay.remove(entry, why.amount, why.executors);
  settle_resources(applied, why);
  if (applied.rejected) {
    auto* record = context_.state.find_framework(why.framework);
    auto aware = record != nullptr && record->partition_aware;
    auto attached = context_.agents.attached(why.agent);
    master_verdict verdict{dropped_or_lost(aware),
                           attached ? v1::TaskStatus::REASON_INVALID_OFFERS
                                    : v1::TaskStatus::REASON_AGENT_DISCONNECTED,
                           text_of(applied.rejected)};
    for (auto& launch : why.launches)
      for (auto& task : launch.tasks)
        send_status(why.framework,
                    make_status(id_of<task_id>(task.task_id()), why.agent,
                                verdict, context_.wall));
    return;
  }
  std::vector<bool> refused(why.launches.size(), false);
  for (auto& task : applied.refused) {
    refused[task.place] = true;
    auto reason = task.in_group ? v1::TaskStatus::REASON_TASK_GROUP_INVALID
                                : v1::TaskStatus::REASON_TASK_INVALID;
    send_status(why.framework,
                make_status(task.key.task, why.agent,
                            {v1::TASK_ERROR, reason, text_of(task.reason)},
                            context_.wall));
  }
  for (auto& task : applied.started)
    why.launches[task.place].launch = task.launch;
  std::vector<proposed_launch> launches;
  for (size_t i = 0; i < why.launches.size(); ++i)
    if (!refused[i])
      launches.push_back(std::move(why.launches[i]));
  if (!launches.empty())
    run_tasks(why.agent, why.framework, std::move(launches));
}

void offer_desk::run_tasks(const agent_id& agent, const framework_id& framework,
                           std::vector<proposed_launch> launches) {
  auto session = context_.agents.session_of(agent);
  auto* record = context_.state.find_framework(framework);
  // Without a session, they are sent when the agent attaches: they are not
  // confirmed.
  if (!session || record == nullptr)
    return;
  session::RunTasks* run = nullptr;
  size_t bytes = 0;
  for (auto& launch : launches) {
    if (run == nullptr || bytes > run_tasks_bytes) {
      run = context_.out.to_agent(*session).mutable_run_tasks();
      *run->mutable_framework() = record->info;
      bytes = 0;
    }
    auto& wire = *run->add_launches();
    for (auto& task : launch.tasks) {
      bytes += task.ByteSizeLong();
      *wire.add_tasks() = std::move(task);
    }
    if (launch.group_executor)
      *wire.mutable_group_executor() = std::move(*launch.group_executor);
    if (!launch.launch.empty())
      set_wire(wire.mutable_launch_id(), launch.launch);
  }
}

} // namespace agora
