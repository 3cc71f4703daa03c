// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/share_sorter.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>

namespace agora {

bool share_sorter::rank::operator<(const rank& other) const {
  if (auto order = share <=> other.share; order != 0)
    return order < 0;
  if (last_turn != other.last_turn)
    return last_turn < other.last_turn;
  return name < other.name;
}

client_number share_sorter::add(framework_id framework, std::string role) {
  auto& node = roles_[role];
  if (!node) {
    node = std::make_unique<role_node>();
    node->place.name = std::move(role);
  }
  ++node->clients;
  auto number = ++last_number_;
  auto& added = clients_[number];
  added.number = number;
  added.role = node.get();
  added.place.name = framework.text();
  return number;
}

void share_sorter::remove(client_number number) {
  set_competing(number, false);
  auto& gone = client(number);
  AGORA_CHECK(gone.allocated.empty());
  if (--gone.role->clients == 0)
    roles_.erase(roles_.find(gone.role->place.name));
  clients_.erase(number);
}

void share_sorter::set_competing(client_number number, bool competing) {
  auto& who = client(number);
  if (who.competing == competing)
    return;
  who.competing = competing;
  auto role = who.role;
  auto place = std::lower_bound(competing_.begin(), competing_.end(), number);
  if (competing) {
    competing_.insert(place, number);
    if (role->competing.empty())
      competing_roles_.insert(role);
    role->competing.insert(&who);
  } else {
    competing_.erase(place);
    role->competing.erase(&who);
    if (role->competing.empty())
      competing_roles_.erase(role);
  }
}

bool share_sorter::is_competing(client_number number) const {
  auto found = clients_.find(number);
  return found != clients_.end() && found->second.competing;
}

void share_sorter::allocate(client_number number, const scalar_sums& amount) {
  update(client(number), [&](client_node& who) {
    who.allocated.add(amount);
    who.role->allocated.add(amount);
  });
}

void share_sorter::release(client_number number, const scalar_sums& amount) {
  update(client(number), [&](client_node& who) {
    who.allocated.subtract(amount);
    who.role->allocated.subtract(amount);
  });
}

void share_sorter::add_total(const scalar_sums& amount) {
  total_.add(amount);
  total_changed_ = true;
}

void share_sorter::remove_total(const scalar_sums& amount) {
  total_.subtract(amount);
  total_changed_ = true;
}

void share_sorter::had_turn(client_number number) {
  update(client(number), [&](client_node& who) {
    who.place.last_turn = ++turns_;
    who.role->place.last_turn = turns_;
  });
}

bool share_sorter::precedes(client_number lhs, client_number rhs) {
  sort();
  auto& left = client(lhs);
  auto& right = client(rhs);
  if (left.role != right.role)
    return left.role->place < right.role->place;
  return left.place < right.place;
}

share_sorter::standing share_sorter::of_client(client_number number) const {
  auto& allocated = client(number).allocated;
  return {allocated, allocated.dominant_share_of(total_)};
}

share_sorter::standing share_sorter::of_role(const std::string& role) const {
  auto found = roles_.find(role);
  if (found == roles_.end())
    return {};
  auto& allocated = found->second->allocated;
  return {allocated, allocated.dominant_share_of(total_)};
}

share_sorter::standing
share_sorter::of_framework(const std::vector<client_number>& clients) const {
  standing sum;
  for (auto number : clients)
    sum.allocated.add(client(number).allocated);
  sum.share = sum.allocated.dominant_share_of(total_);
  return sum;
}

std::vector<std::string> share_sorter::roles() const {
  std::vector<std::string> names;
  for (auto& [name, node] : roles_)
    names.push_back(name);
  return names;
}

int64_t share_sorter::weight_of(const std::string&) {
  return 1;
}

share_sorter::client_node& share_sorter::client(client_number number) {
  auto found = clients_.find(number);
  AGORA_CHECK(found != clients_.end());
  return found->second;
}

const share_sorter::client_node&
share_sorter::client(client_number number) const {
  auto found = clients_.find(number);
  AGORA_CHECK(found != clients_.end());
  return found->second;
}

resource_share share_sorter::share_of(const role_node& role) const {
  return role.allocated.dominant_share_of(total_, weight_of(role.place.name));
}

template <class Change>
void share_sorter::update(client_node& who, Change change) {
  auto& role = *who.role;
  // Out of the sets before the ranks change, and back in after: a set whose
  // elements changed their order is broken.
  std::set<role_node*, by_rank>::node_type role_handle;
  std::set<client_node*, by_rank>::node_type client_handle;
  if (!role.competing.empty())
    role_handle = competing_roles_.extract(&role);
  if (who.competing)
    client_handle = role.competing.extract(&who);
  change(who);
  if (!total_changed_) { // else all shares are old, and sort() makes them new
    who.place.share = who.allocated.dominant_share_of(total_);
    role.place.share = share_of(role);
  }
  if (client_handle)
    role.competing.insert(std::move(client_handle));
  if (role_handle)
    competing_roles_.insert(std::move(role_handle));
}

void share_sorter::sort() {
  if (!total_changed_)
    return;
  total_changed_ = false;
  for (auto& [number, who] : clients_)
    who.place.share = who.allocated.dominant_share_of(total_);
  competing_roles_.clear();
  std::vector<client_node*> order;
  for (auto& [name, role] : roles_) {
    role->place.share = share_of(*role);
    order.assign(role->competing.begin(), role->competing.end());
    std::sort(order.begin(), order.end(), by_rank{});
    role->competing.clear();
    for (auto who : order)
      role->competing.insert(role->competing.end(), who);
    if (!role->competing.empty())
      competing_roles_.insert(role.get());
  }
}

} // namespace agora
