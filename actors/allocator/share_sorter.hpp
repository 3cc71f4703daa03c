// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/scalar_sums.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/resources/dominant_share.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace agora {

/// Names one framework in one role: who competes for offers. Never reused.
using client_number = uint32_t;

/// Who is next: the role with the lowest dominant share, and in it the
/// framework with the lowest. Equal shares: who had its last turn longer ago,
/// then by name. Knows nothing of agents, filters or time.
///
/// A change of one allocation costs O(log n); a change of the total makes the
/// next question sort anew, once, however many changes came before.
class share_sorter {
public:
  /// Adds a client that holds nothing and does not compete.
  client_number add(framework_id framework, std::string role);

  /// Removes a client, which must hold nothing.
  void remove(client_number number);

  /// Whether the client is to be found by `first`.
  void set_competing(client_number number, bool competing);

  bool is_competing(client_number number) const;

  /// All that compete, by number.
  const std::vector<client_number>& competing() const {
    return competing_;
  }

  /// What the client holds grows, or shrinks.
  void allocate(client_number number, const scalar_sums& amount);
  void release(client_number number, const scalar_sums& amount);

  /// What exists grows, or shrinks.
  void add_total(const scalar_sums& amount);
  void remove_total(const scalar_sums& amount);

  /// The client was offered something: of equals, it is last now.
  void had_turn(client_number number);

  /// The first competing client, in order, for which `accepts(client_number)`.
  template <class Predicate>
  std::optional<client_number> first(Predicate accepts) {
    sort();
    for (auto role : competing_roles_)
      for (auto client : role->competing)
        if (accepts(client->number))
          return client->number;
    return std::nullopt;
  }

  /// Whether `lhs` comes before `rhs`; both must compete.
  bool precedes(client_number lhs, client_number rhs);

  /// What a client or a role holds, and its share.
  struct standing {
    scalar_sums allocated;
    resource_share share;
  };

  standing of_client(client_number number) const;

  /// A role that no client is in has nothing.
  standing of_role(const std::string& role) const;

  /// The sums of all clients of a framework.
  standing of_framework(const std::vector<client_number>& clients) const;

  /// The names of the roles that have clients, in order.
  std::vector<std::string> roles() const;

private:
  /// What clients and roles are sorted by.
  struct rank {
    resource_share share;
    uint64_t last_turn = 0;
    std::string name;

    bool operator<(const rank& other) const;
  };

  struct by_rank {
    template <class T>
    bool operator()(const T* lhs, const T* rhs) const {
      return lhs->place < rhs->place;
    }
  };

  struct role_node;

  struct client_node {
    client_number number = 0;
    role_node* role = nullptr;
    rank place; // by framework id
    scalar_sums allocated;
    bool competing = false;
  };

  struct role_node {
    rank place;
    scalar_sums allocated;
    size_t clients = 0;
    std::set<client_node*, by_rank> competing;
  };

  /// How much more than others a role may hold. Weights are not settable yet.
  static int64_t weight_of(const std::string& role);

  client_node& client(client_number number);
  const client_node& client(client_number number) const;

  /// Changes what a client is sorted by, and keeps the order.
  template <class Change>
  void update(client_node& client, Change change);

  /// Sorts everything by new shares, if the total has changed.
  void sort();

  resource_share share_of(const role_node& role) const;

  std::map<std::string, std::unique_ptr<role_node>> roles_;
  std::unordered_map<client_number, client_node> clients_;
  std::set<role_node*, by_rank> competing_roles_;
  std::vector<client_number> competing_;
  scalar_sums total_;
  bool total_changed_ = false;
  client_number last_number_ = 0;
  uint64_t turns_ = 0;
};

} // namespace agora
