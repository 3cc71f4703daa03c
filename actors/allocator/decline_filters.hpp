// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/allocator/allocation_limits.hpp"
#include "actors/allocator/share_sorter.hpp"
#include "runtime/resources/resources.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace agora {

/// Names an agent within the allocator. Never reused.
using agent_number = uint32_t;

/// What frameworks have refused: until its end, a filter keeps a client from
/// being offered up to its amount of its agent. More than that passes.
class decline_filters {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct pair {
    agent_number agent = 0;
    client_number client = 0;

    bool operator==(const pair&) const = default;
  };

  struct filter {
    client_number client = 0;
    /// It lasts longer than the client wanted.
    bool prolonged = false;
    time_point end;
    uint64_t serial = 0;
    /// Shared by the filters of one agent that are alike: they are many.
    std::shared_ptr<const resources> amount;
  };

  /// @param per_client How many filters one client can have.
  explicit decline_filters(size_t per_client
                           = allocation_limits::filters_per_client)
    : per_client_(per_client) {
    // nop
  }

  /// Adds a filter, unless one that lasts longer refuses as much. It replaces
  /// those that refuse less and end earlier.
  ///
  /// @param prolonged Whether the client wanted to refuse for less long; kept
  ///                  for explanations.
  /// @returns the pair whose oldest filter had to go because there were too
  ///          many, if any.
  std::optional<pair> add(pair where, const resources& amount, time_point end,
                          bool prolonged = false);

  /// The filter that refuses `amount`, of several the one that ends last; null
  /// if none does. Valid until the next change.
  const filter* find(pair where, const resources& amount) const;

  /// Those of `clients`, which are sorted, that no filter keeps from being
  /// offered `amount` of the agent.
  std::vector<client_number>
  unfiltered(agent_number agent, const resources& amount,
             const std::vector<client_number>& clients) const;

  /// Ends what ends at or before `now`.
  ///
  /// @returns the pairs that filters have ended for, in the order of their
  ///          ends; a pair may be there several times.
  std::vector<pair> expire(time_point now);

  /// Ends all filters of a client.
  void clear_client(client_number client);

  /// Ends all filters on an agent.
  void clear_agent(agent_number agent);

  /// When the next filter ends.
  std::optional<time_point> next_end() const;

  size_t size() const {
    return by_end_.size();
  }

private:
  struct end_key {
    time_point end;
    uint64_t serial = 0;
    pair where;

    bool operator<(const end_key& other) const {
      return end != other.end ? end < other.end : serial < other.serial;
    }
  };

  /// The filters of one agent, by client and then by age: in one piece,
  /// because an agent that everybody has refused is looked at again whenever
  /// something of it becomes free.
  using filter_list = std::vector<filter>;

  struct range {
    filter_list::const_iterator begin;
    filter_list::const_iterator end;
  };

  static range of_client(const filter_list& list, client_number client);

  /// Removes a filter from the indexes and its list.
  void erase(pair where, filter_list& list, filter_list::const_iterator gone);

  /// Removes a filter, and the agent's list if that was its last.
  void erase(pair where, uint64_t serial);

  std::unordered_map<agent_number, filter_list> by_agent_;
  std::set<end_key> by_end_;
  /// By serial, which is by age.
  std::unordered_map<client_number, std::map<uint64_t, agent_number>>
    by_client_;
  uint64_t last_serial_ = 0;
  size_t per_client_;
};

} // namespace agora
