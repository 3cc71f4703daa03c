// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/accept_planner.hpp"
#include "actors/master/master_context.hpp"

#include <optional>
#include <vector>

namespace agora {

/// Decides what happens to offers: sends out what the allocator planned, takes
/// back what is declined, rescinded or run out, and turns accepted ones into
/// launches. Owned by the master machine.
class offer_desk {
public:
  explicit offer_desk(master_context& context);

  /// From the allocator. What cannot be sent any more goes straight back.
  void send_offers(planned_offers planned);

  /// ACCEPT of a connected framework.
  void accept(const framework_id& framework, v1::scheduler::Call::Accept& call);

  /// An ACCEPT that is wrong as a whole: its tasks are answered, and its offers
  /// taken back.
  void refuse(const framework_id& framework,
              const v1::scheduler::Call::Accept& call, const status& why);

  /// DECLINE of a connected framework.
  void decline(const framework_id& framework,
               const v1::scheduler::Call::Decline& call);

  /// The agent is not there any more: its offers are void, and nothing of them
  /// goes back to the allocator.
  void void_agent(const agent_id& agent);

  /// Takes back what is on offer of an agent that stays.
  void rescind_agent(const agent_id& agent);

  /// The framework's scheduler is not there, or another one: its offers go
  /// back to the allocator.
  void return_framework(const framework_id& framework);

  /// Rescinds what has run out.
  void rescind_expired();

  /// A TasksAccepted of this leader was applied or rejected: tells agent,
  /// framework and allocator.
  void launch_applied(const applied_entry& applied,
                      const cluster::TasksAccepted& entry, proposed_accept why);

  /// Sends tasks to their agent. Splits what is too much for one message.
  void run_tasks(const agent_id& agent, const framework_id& framework,
                 std::vector<proposed_launch> launches);

private:
  struct taken_offers {
    std::vector<outstanding_offer> offers;
    /// Why the call is refused as a whole, if it is.
    status bad;
  };

  /// Takes all offers of a call that are still valid.
  taken_offers take(const framework_id& framework,
                    const google::protobuf::RepeatedPtrField<v1::OfferID>& ids);

  void tell_rescinded(const outstanding_offer& offer);

  void give_back(const outstanding_offer& offer,
                 std::optional<std::chrono::nanoseconds> refuse_for);

  void refuse_all(const framework_id& framework,
                  const v1::scheduler::Call::Accept& call,
                  v1::TaskStatus::Reason reason, const status& why);

  void answer_refusals(const framework_id& framework, const agent_id& agent,
                       const accept_plan& plan);

  void send_status(const framework_id& framework, v1::TaskStatus update);

  /// Moves what the launch holds in the allocator's books.
  void settle_resources(const applied_entry& applied,
                        const proposed_accept& why);

  master_context& context_;
};

/// How long `filters` refuse an agent for; the field's default if they do not
/// say, nothing if they are zero or absurd.
std::optional<std::chrono::nanoseconds>
refusal_of(const v1::Filters* filters, std::chrono::nanoseconds default_refuse);

} // namespace agora
