// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/driver_machine.hpp"

#include "actors/scheduler/offline_answers.hpp"
#include "actors/scheduler/scheduler_calls.hpp"
#include "runtime/validation/required_fields.hpp"

#include <algorithm>
#include <utility>

namespace agora {

using v1::scheduler::Call;
using v1::scheduler::Event;

namespace {

/// Updates that may be refused yet, in a session; a framework sends few.
constexpr size_t kept_updates = 16;

bool has_capability(const v1::FrameworkInfo& info,
                    v1::FrameworkInfo::Capability::Type type) {
  return std::any_of(info.capabilities().begin(), info.capabilities().end(),
                     [type](auto& one) {
                       return one.type() == type;
                     });
}

void set_defaults(v1::FrameworkInfo& info) {
  if (!info.has_failover_timeout())
    info.set_failover_timeout(
      static_cast<double>(default_failover_timeout.count()));
}

/// Whether the part of the call that its type names is there.
bool has_content(const Call& call) {
  switch (call.type()) {
    case Call::ACCEPT:
      return call.has_accept();
    case Call::DECLINE:
      return call.has_decline();
    case Call::ACCEPT_INVERSE_OFFERS:
      return call.has_accept_inverse_offers();
    case Call::DECLINE_INVERSE_OFFERS:
      return call.has_decline_inverse_offers();
    case Call::KILL:
      return call.has_kill();
    case Call::SHUTDOWN:
      return call.has_shutdown();
    case Call::ACKNOWLEDGE:
      return call.has_acknowledge();
    case Call::ACKNOWLEDGE_OPERATION_STATUS:
      return call.has_acknowledge_operation_status();
    case Call::RECONCILE:
      return call.has_reconcile();
    case Call::RECONCILE_OPERATIONS:
      return call.has_reconcile_operations();
    case Call::MESSAGE:
      return call.has_message();
    case Call::REQUEST:
      return call.has_request();
    case Call::UPDATE_FRAMEWORK:
      return call.has_update_framework();
    case Call::TEARDOWN:
    case Call::REVIVE:
    case Call::SUPPRESS:
      return true;
    case Call::UNKNOWN:
    case Call::SUBSCRIBE:
      break;
  }
  return false;
}

/// An ACCEPT is judged by the master, task by task; everything else as a
/// whole, and here already.
status check_call(const Call& call, size_t bytes_limit) {
  auto name = Call::Type_Name(call.type());
  if (call.type() == Call::SUBSCRIBE)
    return fail(errc::invalid_argument, "SUBSCRIBE is sent by the driver; use "
                                        "UPDATE_FRAMEWORK for changes");
  if (call.type() == Call::UNKNOWN)
    return fail(errc::invalid_argument, "type is missing or unknown");
  if (!has_content(call))
    return fail(errc::invalid_argument, name + " comes without its content");
  if (auto bytes = call.ByteSizeLong(); bytes > bytes_limit)
    return fail(errc::too_large, name + " has " + std::to_string(bytes)
                                   + " bytes; the limit is "
                                   + std::to_string(bytes_limit));
  if (call.type() == Call::ACCEPT)
    return {};
  return check_required(call, name);
}

} // namespace

driver_machine::driver_machine(driver_options options)
  : options_(std::move(options)),
    id_(id_of<framework_id>(options_.info.id())),
    watch_(options_.limits) {
  wishes_.info = std::move(options_.info);
  set_defaults(wishes_.info);
}

// -- the session --------------------------------------------------------------

void driver_machine::session_up(time_point now) {
  if (ended_)
    return;
  if (phase_ != phase::detached)
    session_down(now);
  subscribe(now);
}

void driver_machine::subscribe(time_point now) {
  phase_ = phase::subscribing;
  waiting_since_.reset();
  leaderless_ = false;
  subscribe_deadline_ = now + options_.limits.subscribe_timeout;
  updates_.clear();
  sent_calls_ = 0;
  Call call;
  call.set_type(Call::SUBSCRIBE);
  auto& content = *call.mutable_subscribe();
  *content.mutable_framework_info() = wishes_.info;
  if (!id_.empty())
    content.mutable_framework_info()->mutable_id()->set_value(id_.text());
  content.mutable_suppressed_roles()->Assign(wishes_.suppressed.begin(),
                                             wishes_.suppressed.end());
  if (wishes_.constraints)
    *content.mutable_offer_constraints() = *wishes_.constraints;
  send(std::move(call));
}

void driver_machine::session_down(time_point) {
  if (ended_ || phase_ == phase::detached)
    return;
  phase_ = phase::detached;
  subscribe_deadline_.reset();
  close_.reset();
  watch_.stop();
  void_offers();
  // What the session did not take any more.
  for (auto& call : std::exchange(calls_, {}))
    if (call.type() != Call::SUBSCRIBE)
      keep(std::move(call));
}

void driver_machine::void_offers() {
  for (auto& offer : std::exchange(offers_, {})) {
    v1::OfferID id;
    id.set_value(offer.text());
    events_.push_back(rescind_offline(id));
  }
}

void driver_machine::leaderless(size_t sessions, time_point now) {
  leaderless_ = sessions != 0 && phase_ == phase::detached;
  if (leaderless_ && !waiting_since_)
    waiting_since_ = now;
}

void driver_machine::dial_failed(status reason, time_point now) {
  if (!waiting_since_)
    waiting_since_ = now;
  if (auto at = give_up_at(); at && now >= *at)
    end(std::move(reason));
}

std::optional<driver_machine::time_point> driver_machine::give_up_at() const {
  if (was_subscribed_ || options_.give_up_after.count() == 0 || !waiting_since_)
    return std::nullopt;
  return *waiting_since_ + options_.give_up_after;
}

// -- events of the master -----------------------------------------------------

void driver_machine::receive(Event event, time_point now) {
  if (ended_)
    return;
  if (event.type() == Event::ERROR)
    return on_error(event);
  if (event.type() == Event::SUBSCRIBED) {
    if (phase_ == phase::subscribing)
      on_subscribed(event, now);
    return;
  }
  if (phase_ != phase::subscribed)
    return;
  switch (event.type()) {
    case Event::UNKNOWN:
    case Event::HEARTBEAT: // The session watches over the master's life.
      return;
    case Event::OFFERS:
      for (auto& offer : event.offers().offers())
        if (offers_.size() < options_.limits.tracked_offers)
          offers_.insert(id_of<offer_id>(offer.id()));
      break;
    case Event::RESCIND:
      offers_.erase(id_of<offer_id>(event.rescind().offer_id()));
      break;
    case Event::UPDATE:
      watch_.updated(event.update().status());
      break;
    default:
      break;
  }
  events_.push_back(std::move(event));
}

void driver_machine::on_subscribed(const Event& event, time_point now) {
  auto id = id_of<framework_id>(event.subscribed().framework_id());
  if (id.empty() || (!id_.empty() && id != id_))
    return end(fail(errc::conflict, "the master subscribed framework \""
                                      + id.text() + "\" instead of \""
                                      + id_.text() + "\""));
  id_ = id;
  phase_ = phase::subscribed;
  was_subscribed_ = true;
  subscribe_deadline_.reset();
  events_.push_back(event);
  send_waiting();
  watch_.begin(now);
  tick(now);
}

void driver_machine::send_waiting() {
  if (teardown_deadline_) {
    queue_.clear();
    send(calls::teardown());
    return;
  }
  if (auto roles = std::exchange(revive_, {}); !roles.empty())
    send(calls::revive({roles.begin(), roles.end()}));
  for (auto& call : std::exchange(queue_, {}))
    pass(std::move(call));
}

void driver_machine::on_error(const Event& event) {
  // After a TEARDOWN, this is how a master that lost its answer on the way
  // says that the framework is gone.
  if (teardown_deadline_ && phase_ != phase::detached)
    return end({});
  events_.push_back(event);
  end(fail(errc::conflict,
           "the master ended the subscription: " + event.error().message()));
}

void driver_machine::end(status reason) {
  if (ended_)
    return;
  ended_ = true;
  end_reason_ = std::move(reason);
}

void driver_machine::refused(const session::CallRefused& call) {
  auto update = std::find_if(updates_.begin(), updates_.end(),
                             [&](const sent_update& sent) {
                               return sent.call == call.call();
                             });
  if (update == updates_.end())
    return;
  auto later = std::next(update);
  (later == updates_.end() ? wishes_ : later->otherwise)
    = std::move(update->otherwise);
  updates_.erase(update);
}

// -- calls of the scheduler ---------------------------------------------------

status driver_machine::call(Call call, time_point now) {
  if (ended_ || teardown_deadline_)
    return fail(errc::shutting_down, "the framework is being torn down");
  if (auto bad = check_call(call, options_.limits.call_bytes))
    return bad;
  if (call.type() == Call::TEARDOWN)
    return teardown(now);
  if (call.type() == Call::UPDATE_FRAMEWORK)
    set_defaults(*call.mutable_update_framework()->mutable_framework_info());
  remember(call);
  if (phase_ != phase::subscribed)
    return keep(std::move(call));
  pass(std::move(call));
  return {};
}

status driver_machine::teardown(time_point now) {
  if (id_.empty() && phase_ == phase::detached) {
    end({});
    return {};
  }
  teardown_deadline_ = now + options_.limits.teardown_timeout;
  queue_.clear();
  if (phase_ == phase::subscribed)
    send(calls::teardown());
  return {};
}

void driver_machine::remember(const Call& call) {
  auto named = [this](auto& list) {
    return list.empty() ? roles()
                        : std::vector<std::string>{list.begin(), list.end()};
  };
  if (call.type() == Call::SUPPRESS) {
    for (auto& role : named(call.suppress().roles())) {
      wishes_.suppressed.insert(role);
      for (auto& update : updates_)
        update.otherwise.suppressed.insert(role);
      revive_.erase(role);
    }
  } else if (call.type() == Call::REVIVE) {
    for (auto& role : named(call.revive().roles())) {
      wishes_.suppressed.erase(role);
      for (auto& update : updates_)
        update.otherwise.suppressed.erase(role);
    }
  } else if (call.type() == Call::UPDATE_FRAMEWORK) {
    if (phase_ == phase::subscribed) {
      if (updates_.size() == kept_updates)
        updates_.pop_front();
      // It is sent next, see call().
      updates_.push_back({sent_calls_ + 1, wishes_});
    }
    auto& update = call.update_framework();
    wishes_.info = update.framework_info();
    wishes_.suppressed
      = {update.suppressed_roles().begin(), update.suppressed_roles().end()};
    wishes_.constraints.reset();
    if (update.has_offer_constraints())
      wishes_.constraints = update.offer_constraints();
  }
}

status driver_machine::keep(Call call) {
  switch (call.type()) {
    case Call::SUPPRESS:
    case Call::UPDATE_FRAMEWORK: // The next SUBSCRIBE says it.
    case Call::DECLINE:
    case Call::ACCEPT_INVERSE_OFFERS:
    case Call::DECLINE_INVERSE_OFFERS: // Of offers that are void.
    case Call::TEARDOWN:               // Sent again until it is confirmed.
      return {};
    case Call::REVIVE:
      for (auto& role : call.revive().roles())
        revive_.insert(role);
      if (call.revive().roles().empty())
        for (auto& role : roles())
          revive_.insert(role);
      return {};
    case Call::ACCEPT:
      for (auto& event : refuse_offline(call.accept(), partition_aware())) {
        if (event.type() == Event::UPDATE)
          watch_.updated(event.update().status());
        events_.push_back(std::move(event));
      }
      return {};
    default:
      break;
  }
  if (!was_subscribed_ && id_.empty())
    return fail(errc::not_found,
                "there is no subscription yet: " + Call::Type_Name(call.type())
                  + " makes no sense before SUBSCRIBED");
  if (queue_.size() >= options_.limits.queued_calls)
    return fail(errc::limit_reached, std::to_string(queue_.size())
                                       + " calls wait for a master already");
  queue_.push_back(std::move(call));
  return {};
}

void driver_machine::pass(Call call) {
  if (call.type() == Call::ACCEPT)
    note_accept(call.accept());
  else if (call.type() == Call::DECLINE)
    for (auto& offer : call.decline().offer_ids())
      offers_.erase(id_of<offer_id>(offer));
  send(std::move(call));
}

void driver_machine::note_accept(const Call::Accept& accept) {
  for (auto& offer : accept.offer_ids())
    offers_.erase(id_of<offer_id>(offer));
  auto watch = [this](const v1::TaskInfo& task) {
    watch_.launched(id_of<task_id>(task.task_id()),
                    id_of<agent_id>(task.agent_id()));
  };
  for (auto& operation : accept.operations()) {
    for (auto& task : operation.launch().task_infos())
      watch(task);
    for (auto& task : operation.launch_group().task_group().tasks())
      watch(task);
  }
}

std::optional<Call>
driver_machine::acknowledgement_of(const Event& event) const {
  if (options_.explicit_acknowledgements)
    return std::nullopt;
  if (event.type() == Event::UPDATE && !event.update().status().uuid().empty())
    return calls::acknowledge(event.update().status());
  if (event.type() == Event::UPDATE_OPERATION_STATUS
      && !event.update_operation_status().status().uuid().value().empty())
    return calls::acknowledge(event.update_operation_status().status());
  return std::nullopt;
}

void driver_machine::acknowledge(Call acknowledgement) {
  if (ended_ || teardown_deadline_)
    return;
  if (phase_ == phase::subscribed)
    send(std::move(acknowledgement));
  else
    keep(std::move(acknowledgement));
}

void driver_machine::send(Call call) {
  if (!id_.empty())
    call.mutable_framework_id()->set_value(id_.text());
  calls_.push_back(std::move(call));
  ++sent_calls_;
}

// -- time and outputs ---------------------------------------------------------

void driver_machine::tick(time_point now) {
  if (ended_)
    return;
  if (teardown_deadline_ && now >= *teardown_deadline_)
    return end(fail(errc::timeout, "no master confirmed the TEARDOWN in time; "
                                   "the framework may still have tasks"));
  if (auto at = give_up_at(); leaderless_ && at && now >= *at)
    return end(fail(errc::unreachable, "masters are reached, but none leads: "
                                       "no quorum?"));
  if (subscribe_deadline_ && now >= *subscribe_deadline_) {
    subscribe_deadline_.reset();
    close_ = fail(errc::timeout, "the master did not answer SUBSCRIBE");
  }
  if (phase_ == phase::subscribed && !teardown_deadline_)
    for (auto& call : watch_.take_calls(now))
      send(std::move(call));
}

std::vector<Call> driver_machine::take_calls() {
  return std::exchange(calls_, {});
}

std::vector<Event> driver_machine::take_events() {
  return std::exchange(events_, {});
}

std::optional<status> driver_machine::take_close() {
  return std::exchange(close_, std::nullopt);
}

std::optional<driver_machine::time_point> driver_machine::next_wakeup() const {
  std::optional<time_point> next;
  auto consider = [&next](const std::optional<time_point>& at) {
    if (at && (!next || *at < *next))
      next = at;
  };
  if (ended_)
    return next;
  consider(teardown_deadline_);
  consider(subscribe_deadline_);
  if (leaderless_)
    consider(give_up_at());
  if (!teardown_deadline_)
    consider(watch_.next_wakeup());
  return next;
}

bool driver_machine::partition_aware() const {
  return has_capability(wishes_.info,
                        v1::FrameworkInfo::Capability::PARTITION_AWARE);
}

std::vector<std::string> driver_machine::roles() const {
  if (has_capability(wishes_.info, v1::FrameworkInfo::Capability::MULTI_ROLE))
    return {wishes_.info.roles().begin(), wishes_.info.roles().end()};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  // Still what counts for frameworks with a single role.
  return {wishes_.info.role()};
#pragma GCC diagnostic pop
}

} // namespace agora
