// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/share_sorter.hpp"
#include "runtime/resources/resources.hpp"

#include <map>

namespace agora {

/// One agent's resources: what is free, and who uses or is offered the rest.
/// total == free + offered + used, unless more is used than there is: then
/// nothing of that is free until it fits again. That happens when an orphan is
/// adopted onto resources which were given away meanwhile.
class agent_account {
public:
  /// What one client has of the agent.
  struct holding {
    resources offered;
    resources used;
    /// Nothing of what it was offered since it last had nothing on offer here
    /// became used.
    bool untouched = true;
  };

  /// Begins anew, attached, with nothing held.
  void reset(resources total);

  /// What is on offer is free again, and nothing will be offered.
  void withdraw();

  bool attached() const {
    return attached_;
  }

  const resources& total() const {
    return total_;
  }

  const resources& free() const {
    return free_;
  }

  /// Whether enough is free to be worth an offer (allocation_limits).
  bool enough_free() const;

  /// Whether the agent can be offered: attached, and enough is free.
  bool offerable() const {
    return attached_ && enough_free();
  }

  /// By client. Who holds nothing is not in it.
  const std::map<client_number, holding>& holdings() const {
    return holdings_;
  }

  /// Takes all that is free and puts it on offer.
  resources offer_all(client_number client);

  /// Offered becomes used. `amount` must be on offer to the client.
  void use(client_number client, const resources& amount);

  /// Offered becomes free. `amount` must be on offer to the client.
  ///
  /// @returns whether the client has let everything that was on offer go by,
  ///          and used nothing of it.
  bool take_back(client_number client, const resources& amount);

  /// Used becomes free. `amount` must be used by the client.
  void release(client_number client, const resources& amount);

  /// Becomes used, be it free or not.
  void add_used(client_number client, const resources& amount);

private:
  holding& held_by(client_number client);
  void drop_if_nothing_held(client_number client);
  void free_again(const resources& amount);

  /// Computes what is free from the rest, and whether the rest fits.
  void recount();

  resources total_;
  resources free_;
  std::map<client_number, holding> holdings_;
  bool attached_ = false;

  /// More is held than exists, or one thing twice.
  bool overdrawn_ = false;
};

} // namespace agora
