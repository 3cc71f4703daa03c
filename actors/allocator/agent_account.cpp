// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/agent_account.hpp"

#include "actors/allocator/allocation_limits.hpp"
#include "runtime/base/check.hpp"

#include <utility>

namespace agora {

namespace {

/// What is in `amount` and cannot be added to `present`: ports and items that
/// are there already.
resources twice_in(const resources& present, const resources& amount) {
  auto common = present.intersected(amount);
  return common.minus_saturated(common.scalars());
}

} // namespace

void agent_account::reset(resources total) {
  total_ = std::move(total);
  free_ = total_;
  holdings_.clear();
  attached_ = true;
  overdrawn_ = false;
}

void agent_account::withdraw() {
  attached_ = false;
  for (auto next = holdings_.begin(); next != holdings_.end();) {
    auto current = next++;
    auto offered = std::exchange(current->second.offered, {});
    drop_if_nothing_held(current->first);
    if (!offered.empty())
      free_again(offered);
  }
}

bool agent_account::enough_free() const {
  return free_.cpus().milli() >= allocation_limits::offerable_cpus_milli
         || free_.mem().milli() >= allocation_limits::offerable_mem_milli;
}

resources agent_account::offer_all(client_number client) {
  auto& held = holdings_[client];
  if (held.offered.empty())
    held.untouched = true;
  held.offered += free_;
  return std::exchange(free_, {});
}

void agent_account::use(client_number client, const resources& amount) {
  if (amount.empty())
    return;
  auto& held = held_by(client);
  held.offered -= amount;
  auto twice = twice_in(held.used, amount);
  AGORA_CHECK(twice.empty() || overdrawn_);
  held.used += amount.minus_saturated(twice);
  held.untouched = false;
}

bool agent_account::take_back(client_number client, const resources& amount) {
  if (amount.empty())
    return false;
  auto& held = held_by(client);
  held.offered -= amount;
  auto passed = held.offered.empty() && held.untouched;
  drop_if_nothing_held(client);
  free_again(amount);
  return passed;
}

void agent_account::release(client_number client, const resources& amount) {
  if (amount.empty())
    return;
  auto& held = held_by(client);
  // What was there twice is gone with the first that had it.
  AGORA_CHECK(held.used.contains(amount)
              || (overdrawn_ && held.used.contains(amount.scalars())));
  held.used = held.used.minus_saturated(amount);
  drop_if_nothing_held(client);
  free_again(amount);
}

void agent_account::add_used(client_number client, const resources& amount) {
  if (amount.empty())
    return;
  auto& used = holdings_[client].used;
  auto twice = twice_in(used, amount);
  used += amount.minus_saturated(twice);
  if (!overdrawn_ && twice.empty() && free_.contains(amount)) {
    free_ -= amount;
    return;
  }
  overdrawn_ = true;
  recount();
}

agent_account::holding& agent_account::held_by(client_number client) {
  auto found = holdings_.find(client);
  AGORA_CHECK(found != holdings_.end());
  return found->second;
}

void agent_account::drop_if_nothing_held(client_number client) {
  auto& held = held_by(client);
  if (held.offered.empty() && held.used.empty())
    holdings_.erase(client);
}

void agent_account::free_again(const resources& amount) {
  if (overdrawn_)
    recount();
  else
    free_ += amount;
}

void agent_account::recount() {
  free_ = total_;
  for (auto& [client, held] : holdings_)
    for (auto part : {&held.offered, &held.used})
      free_ = free_.minus_saturated(*part);
}

} // namespace agora
