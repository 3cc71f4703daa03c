// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/framework_desk.hpp"

#include "actors/master/task_validator.hpp"

#include <algorithm>

namespace agora {

namespace {

/// What SUBSCRIBED tells clients to expect; sessions keep themselves alive.
constexpr double heartbeat_interval_seconds = 15;

std::chrono::nanoseconds failover_timeout(const framework_record& framework) {
  return std::chrono::nanoseconds{
    static_cast<int64_t>(framework.info.failover_timeout() * 1e9)};
}

std::vector<std::string>
strings_of(const google::protobuf::RepeatedPtrField<std::string>& list) {
  return {list.begin(), list.end()};
}

} // namespace

framework_desk::framework_desk(master_context& context, offer_desk& offers)
  : context_(context), offers_(offers) {
  // nop
}

offer_book::time_point
framework_desk::end_of(const framework_record& framework) const {
  auto away = framework.connected()
                ? context_.wall
                : from_nanoseconds(framework.state_since_ns);
  auto left = failover_timeout(framework) - (context_.wall - away);
  return context_.now
         + std::max<std::chrono::nanoseconds>(left, std::chrono::seconds{0});
}

void framework_desk::begin() {
  auto patience = context_.now + context_.settings.framework_reattach_timeout;
  context_.state.for_each_framework([&](const framework_record& framework) {
    if (!framework.has_ended())
      context_.frameworks.awaited.set(framework.id,
                                      std::max(end_of(framework), patience));
    return true;
  });
}

void framework_desk::refuse(session_number session, std::string text,
                            errc code) {
  auto reason = fail(code, text);
  context_.out.to_scheduler(session, v1::scheduler::Event::ERROR)
    .mutable_error()
    ->set_message(std::move(text));
  context_.out.close(session, std::move(reason));
}

void framework_desk::subscribe(session_number session,
                               v1::scheduler::Call::Subscribe& call) {
  // A retry, whose answer is on its way: a second one would be another
  // framework.
  if (subscribing_.contains(session))
    return;
  auto& info = *call.mutable_framework_info();
  // An empty id means the same as none.
  if (info.has_id() && info.id().value().empty())
    info.clear_id();
  auto bad = validate_framework(info, context_.settings.roles_per_framework);
  if (!bad)
    bad = can_subscribe(context_.state, info);
  if (bad)
    return refuse(session, text_of(bad));
  cluster::Entry entry;
  *entry.mutable_framework_subscribed()->mutable_info() = info;
  subscribing_.insert(session);
  context_.out.propose(
    std::move(entry),
    proposed_subscription{session, strings_of(call.suppressed_roles())});
}

void framework_desk::update(const framework_id& framework,
                            const call_origin& from,
                            v1::scheduler::Call::UpdateFramework& call) {
  auto& info = *call.mutable_framework_info();
  if (!info.has_id())
    info.mutable_id()->set_value(framework.text());
  auto bad = validate_framework(info, context_.settings.roles_per_framework);
  if (!bad && info.id().value() != framework.text())
    bad = fail(errc::invalid_argument,
               "framework_info.id is that of another framework");
  if (!bad)
    bad = can_update(context_.state, info);
  if (bad)
    return context_.out.refuse_call(from, v1::scheduler::Call::UPDATE_FRAMEWORK,
                                    bad);
  cluster::Entry entry;
  *entry.mutable_framework_updated()->mutable_info() = info;
  context_.out.propose(
    std::move(entry),
    proposed_update{from, strings_of(call.suppressed_roles())});
}

void framework_desk::teardown(const framework_id& framework, std::string reason,
                              proposal_context why) {
  cluster::Entry entry;
  auto& end = *entry.mutable_framework_ended();
  end.mutable_framework_id()->set_value(framework.text());
  end.set_reason(std::move(reason));
  context_.out.propose(std::move(entry), std::move(why));
}

void framework_desk::revive(const framework_id& framework,
                            const v1::scheduler::Call::Revive& call) {
  context_.out.allocate(roles_revived{framework, strings_of(call.roles())});
}

void framework_desk::suppress(const framework_id& framework,
                              const v1::scheduler::Call::Suppress& call) {
  context_.out.allocate(roles_suppressed{framework, strings_of(call.roles())});
}

void framework_desk::session_lost(session_number session,
                                  const status& reason) {
  auto framework = context_.frameworks.framework_of(session);
  if (!framework)
    return;
  if (code_of(reason) == errc::limit_reached)
    turned_away_.insert(*framework);
  auto incarnation = context_.frameworks.incarnation_of(*framework);
  context_.frameworks.disconnect(*framework);
  offers_.return_framework(*framework);
  context_.out.allocate(framework_inactive{*framework});
  cluster::Entry entry;
  auto& lost = *entry.mutable_framework_disconnected();
  lost.mutable_framework_id()->set_value(framework->text());
  lost.set_incarnation(incarnation);
  context_.out.propose(std::move(entry));
}

void framework_desk::disconnection_applied(const framework_id& framework) {
  auto turned_away = turned_away_.erase(framework) > 0;
  auto* record = context_.state.find_framework(framework);
  if (record == nullptr || record->has_ended()
      || context_.frameworks.connected(framework))
    return;
  auto deadline = end_of(*record);
  if (turned_away)
    deadline = std::max(
      deadline, context_.now + context_.settings.framework_reattach_timeout);
  context_.frameworks.awaited.set(framework, deadline);
}

void framework_desk::end_overdue() {
  for (auto& framework : context_.frameworks.awaited.take_due(context_.now)) {
    auto* record = context_.state.find_framework(framework);
    if (record == nullptr || record->has_ended())
      continue;
    if (record->connected()) {
      // It was connected to an earlier leader, and never came to this one.
      cluster::Entry lost;
      auto& note = *lost.mutable_framework_disconnected();
      note.mutable_framework_id()->set_value(framework.text());
      note.set_incarnation(record->incarnation);
      context_.out.propose(std::move(lost));
    }
    cluster::Entry entry;
    auto& end = *entry.mutable_framework_ended();
    end.mutable_framework_id()->set_value(framework.text());
    end.set_reason("its scheduler was away for longer than the failover "
                   "timeout");
    end.set_disconnected_incarnation(record->incarnation);
    context_.out.propose(std::move(entry));
  }
}

void framework_desk::send_subscribed(session_number session,
                                     const framework_record& record) {
  auto& event
    = context_.out.to_scheduler(session, v1::scheduler::Event::SUBSCRIBED);
  auto& note = *event.mutable_subscribed();
  note.mutable_framework_id()->set_value(record.id.text());
  note.set_heartbeat_interval_seconds(heartbeat_interval_seconds);
  auto& master = *note.mutable_master_info();
  auto& address = context_.settings.address;
  master.set_id(to_string(context_.own_epoch));
  master.set_ip(0);
  master.set_port(address.port);
  master.set_hostname(address.host);
  master.set_version(context_.settings.software);
  master.mutable_address()->set_hostname(address.host);
  master.mutable_address()->set_port(address.port);
}

void framework_desk::send_unacknowledged(session_number session,
                                         const framework_record& record) {
  for (auto& [id, task] : record.tasks) {
    if (!task.terminal())
      continue;
    auto& event
      = context_.out.to_scheduler(session, v1::scheduler::Event::UPDATE);
    *event.mutable_update()->mutable_status() = task.latest_status();
  }
}

void framework_desk::subscription_applied(const applied_entry& applied,
                                          const proposed_subscription& why) {
  subscribing_.erase(why.session);
  if (applied.rejected)
    return refuse(why.session, text_of(applied.rejected));
  auto& framework = applied.subscribed->framework;
  auto* record = context_.state.find_framework(framework);
  auto older = context_.frameworks.connect(framework, why.session,
                                           applied.subscribed->incarnation);
  if (older)
    refuse(*older,
           "another scheduler has subscribed as framework " + framework.text(),
           errc::stale_incarnation);
  offers_.return_framework(framework);
  send_subscribed(why.session, *record);
  send_unacknowledged(why.session, *record);
  context_.out.allocate(framework_active{framework, roles_of(record->info),
                                         why.suppressed_roles, false});
  if (!context_.open_sessions.contains(why.session))
    session_lost(why.session, fail(errc::session_lost, "it ended at once"));
}

void framework_desk::update_applied(const applied_entry& applied,
                                    const proposed_update& why) {
  if (applied.rejected)
    return context_.out.refuse_call(
      why.from, v1::scheduler::Call::UPDATE_FRAMEWORK, applied.rejected);
  auto& framework = applied.subscribed->framework;
  auto* record = context_.state.find_framework(framework);
  if (!context_.frameworks.connected(framework))
    return;
  context_.out.allocate(framework_active{framework, roles_of(record->info),
                                         why.suppressed_roles, true});
}

void framework_desk::end_applied(const framework_end& end) {
  context_.frameworks.awaited.erase(end.framework);
  turned_away_.erase(end.framework);
  offers_.return_framework(end.framework);
  if (auto session = context_.frameworks.session_of(end.framework)) {
    context_.frameworks.disconnect(end.framework);
    refuse(*session,
           "framework " + end.framework.text() + " has ended: " + end.reason,
           errc::conflict);
  }
  context_.out.allocate(framework_removed{end.framework});
  for (auto& agent : end.agents)
    if (auto session = context_.agents.session_of(agent))
      context_.out.to_agent(*session)
        .mutable_shutdown_framework()
        ->mutable_framework_id()
        ->set_value(end.framework.text());
}

} // namespace agora
