// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/scheduler/driver_options.hpp"
#include "actors/scheduler/task_watch.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

#include "agora/session/scheduler.pb.h"
#include "agora/v1/scheduler/scheduler.pb.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace agora {

/// The rules of a framework's driver: subscribe and subscribe again, keep what
/// must outlive a connection, acknowledge, reconcile, end. A plain value; the
/// driver actor moves its messages and keeps its time.
///
///     detached --session_up--> subscribing --SUBSCRIBED--> subscribed
///        ^------------session_down---+-----------------------+
///     any state --ERROR, teardown confirmed or timed out--> ended
///
/// After each input, the caller takes calls for the master, events for the
/// scheduler, whether to drop the session, and whether the driver has ended.
class driver_machine {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit driver_machine(driver_options options);

  // -- inputs
  // ------------------------------------------------------------------

  /// There is a session to a master that leads: subscribes.
  void session_up(time_point now);

  /// That session is over, or its master does not lead any more. Offers are
  /// void, and the scheduler is told so.
  void session_down(time_point now);

  /// How many sessions to masters are open while none leads; 0 if one does, or
  /// none is open. Without a leader, masters are as good as unreachable.
  void leaderless(size_t sessions, time_point now);

  /// An event of the master. What is out of place is ignored: the next
  /// subscription puts it right.
  void receive(v1::scheduler::Event event, time_point now);

  /// The master did nothing of a call: what an UPDATE_FRAMEWORK had changed is
  /// as before, or the next subscription would fail for it.
  void refused(const session::CallRefused& call);

  /// A call of the scheduler. While there is no subscription, ACCEPT is
  /// answered with updates that the tasks were dropped, DECLINE does nothing,
  /// SUPPRESS and REVIVE are remembered, the others wait.
  /// @returns errc::invalid_argument (type unknown, field missing, SUBSCRIBE),
  ///          errc::too_large, errc::not_found (never subscribed yet),
  ///          errc::limit_reached, errc::shutting_down; nothing is sent then.
  status call(v1::scheduler::Call call, time_point now);

  /// The scheduler has handled the event that asked for this acknowledgement.
  /// While there is no subscription it waits, or is dropped if too many do:
  /// the update comes again.
  void acknowledge(v1::scheduler::Call acknowledgement);

  /// No session could be had from an address, and none is open.
  void dial_failed(status reason, time_point now);

  /// Time has passed.
  void tick(time_point now);

  /// The scheduler is gone: ends for `reason`.
  void end(status reason);

  // -- outputs
  // -----------------------------------------------------------------

  /// What to send with acknowledge() once the scheduler has handled `event`;
  /// nothing if the event needs none, or the scheduler does it by itself.
  std::optional<v1::scheduler::Call>
  acknowledgement_of(const v1::scheduler::Event& event) const;

  bool has_calls() const {
    return !calls_.empty();
  }

  /// For the master, in order; takes them out.
  std::vector<v1::scheduler::Call> take_calls();

  /// For the scheduler, in order; takes them out.
  std::vector<v1::scheduler::Event> take_events();

  /// Why the session must be closed, if it must; asked once.
  std::optional<status> take_close();

  /// When tick() is due next, if ever.
  std::optional<time_point> next_wakeup() const;

  /// Whether the driver has nothing left to do.
  bool ended() const {
    return ended_;
  }

  /// Success after a TEARDOWN of its own.
  const status& end_reason() const {
    return end_reason_;
  }

  /// Empty until the first subscription, unless it was given.
  const framework_id& id() const {
    return id_;
  }

  bool subscribed() const {
    return phase_ == phase::subscribed;
  }

  bool tearing_down() const {
    return teardown_deadline_.has_value();
  }

  /// Whether the master has confirmed that the framework is over.
  bool torn_down() const {
    return tearing_down() && ended_ && !end_reason_;
  }

  const task_watch& watch() const {
    return watch_;
  }

private:
  using call_type = v1::scheduler::Call;

  enum class phase { detached, subscribing, subscribed };

  /// What of the scheduler's wishes the next SUBSCRIBE carries.
  struct wishes {
    v1::FrameworkInfo info;
    std::set<std::string> suppressed;
    std::optional<v1::scheduler::OfferConstraints> constraints;
  };

  /// An UPDATE_FRAMEWORK that the master may still refuse; it says nothing if
  /// it does not.
  struct sent_update {
    /// Which of the session's calls it is, from 1.
    uint64_t call = 0;
    /// What holds if it and all later ones are refused.
    wishes otherwise;
  };

  /// When it ends if no leader has come by then.
  std::optional<time_point> give_up_at() const;
  void subscribe(time_point now);
  void on_subscribed(const v1::scheduler::Event& event, time_point now);
  void on_error(const v1::scheduler::Event& event);
  void void_offers();
  /// Sends what waited for the subscription.
  void send_waiting();

  /// Notes what the next SUBSCRIBE carries after `call`.
  void remember(const call_type& call);
  /// What becomes of a call while there is no subscription.
  status keep(call_type call);
  status teardown(time_point now);
  /// Sends a call of the scheduler, and notes what it means.
  void pass(call_type call);
  void send(call_type call);
  void note_accept(const call_type::Accept& accept);
  bool partition_aware() const;
  std::vector<std::string> roles() const;

  driver_options options_;
  framework_id id_;
  phase phase_ = phase::detached;
  bool was_subscribed_ = false;
  bool ended_ = false;
  status end_reason_;

  task_watch watch_;
  std::set<offer_id> offers_;

  wishes wishes_;
  /// Of this session, oldest first; older ones than the newest few count as
  /// accepted.
  std::deque<sent_update> updates_;
  /// Of this session.
  uint64_t sent_calls_ = 0;
  /// Roles to revive once there is a subscription.
  std::set<std::string> revive_;

  /// Waits for a subscription.
  std::deque<call_type> queue_;
  std::vector<call_type> calls_;
  std::vector<v1::scheduler::Event> events_;

  std::optional<status> close_;
  /// Since when it waits for a leader.
  std::optional<time_point> waiting_since_;
  /// Masters are reached meanwhile.
  bool leaderless_ = false;
  std::optional<time_point> subscribe_deadline_;
  std::optional<time_point> teardown_deadline_;
};

} // namespace agora
