// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_context.hpp"
#include "actors/master/offer_desk.hpp"

#include <string>

namespace agora {

/// Decides who holds a framework: subscriptions, lost schedulers, failover
/// timeouts, teardowns. Owned by the master machine.
class framework_desk {
public:
  framework_desk(master_context& context, offer_desk& offers);

  /// Starts to wait for every framework that the log knows and that has not
  /// ended: its scheduler was connected to an earlier leader.
  void begin();

  /// SUBSCRIBE on a session that holds no framework yet.
  void subscribe(session_number session, v1::scheduler::Call::Subscribe& call);

  void update(const framework_id& framework, const call_origin& from,
              v1::scheduler::Call::UpdateFramework& call);

  /// TEARDOWN, by the framework or an operator.
  void teardown(const framework_id& framework, std::string reason,
                proposal_context why = {});

  void revive(const framework_id& framework,
              const v1::scheduler::Call::Revive& call);

  void suppress(const framework_id& framework,
                const v1::scheduler::Call::Suppress& call);

  /// The scheduler's session has ended.
  /// @param reason errc::limit_reached if this side ended it because a queue
  ///               was full: that is not the framework's fault, which then has
  ///               time to come back whatever its failover timeout.
  void session_lost(session_number session, const status& reason);

  /// Ends the frameworks that stayed away for too long.
  void end_overdue();

  /// A FrameworkSubscribed of this leader was applied or rejected.
  void subscription_applied(const applied_entry& applied,
                            const proposed_subscription& why);

  /// A FrameworkUpdated of this leader was applied or rejected.
  void update_applied(const applied_entry& applied, const proposed_update& why);

  /// A FrameworkDisconnected was applied.
  void disconnection_applied(const framework_id& framework);

  /// A FrameworkEnded was applied.
  void end_applied(const framework_end& end);

  /// Tells a scheduler why it is not served, and ends its session.
  /// @param code invalid_argument if it did something wrong.
  void refuse(session_number session, std::string text,
              errc code = errc::invalid_argument);

private:
  /// When a framework that is away ends.
  offer_book::time_point end_of(const framework_record& framework) const;

  void send_subscribed(session_number session, const framework_record& record);

  /// Sends the terminal states that the framework has not acknowledged: the
  /// log is the outbox.
  void send_unacknowledged(session_number session,
                           const framework_record& record);

  master_context& context_;
  offer_desk& offers_;
  /// Sessions whose subscription is proposed and not yet applied.
  std::set<session_number> subscribing_;
  /// Frameworks whose session the master ended because a queue was full, until
  /// that is logged.
  std::set<framework_id> turned_away_;
};

} // namespace agora
