// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/deadline_queue.hpp"
#include "runtime/base/epoch.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/resources/resources.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace agora {

/// One agent's spare resources, promised to one framework in one role.
struct outstanding_offer {
  offer_id id;
  framework_id framework;
  std::string role;
  agent_id agent;
  resources amount;
  std::chrono::steady_clock::time_point offered;
  /// The end of time if it does not run out.
  std::chrono::steady_clock::time_point deadline;
};

/// The outstanding offers of one leader: who may still accept what, and until
/// when. A plain value: no clock, no I/O. Every offer leaves exactly once.
class offer_book {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param own Is part of every id, so that no other leader's offers are ever
  ///            taken for this one's.
  explicit offer_book(epoch own = {});

  /// Records an offer, and gives it its id.
  /// @param offer Its id is ignored.
  const outstanding_offer& add(outstanding_offer offer);

  /// Takes the named offer out of the book.
  /// @returns errc::unknown_offer if it is not (or no longer) outstanding,
  ///          errc::not_offer_owner if another framework holds it; the book
  ///          is unchanged in both cases.
  result<outstanding_offer> take(const offer_id& id,
                                 const framework_id& framework);

  /// Removes every offer whose deadline is at or before `now`.
  std::vector<outstanding_offer> expire(time_point now);

  /// Removes every offer of the agent.
  std::vector<outstanding_offer> take_agent(const agent_id& agent);

  /// Removes every offer of the framework.
  std::vector<outstanding_offer> take_framework(const framework_id& framework);

  /// The earliest deadline, or nothing if no offer runs out.
  std::optional<time_point> next_deadline() const {
    return deadlines_.next();
  }

  size_t size() const {
    return offers_.size();
  }

  /// How many offers the framework holds.
  size_t count(const framework_id& framework) const;

  /// What is on offer of the agent.
  resources offered_of(const agent_id& agent) const;

  /// What is on offer to the framework. Numbers only: ports of different
  /// agents cannot be added.
  resources offered_to(const framework_id& framework) const;

  /// All offers, ordered by id.
  const std::map<offer_id, outstanding_offer>& offers() const {
    return offers_;
  }

private:
  void unlink(const outstanding_offer& offer);

  template <class Ids>
  std::vector<outstanding_offer> take_all(const Ids& ids);

  epoch own_;
  uint64_t next_ = 1;
  std::map<offer_id, outstanding_offer> offers_;
  std::map<framework_id, std::set<offer_id>> by_framework_;
  std::map<agent_id, std::set<offer_id>> by_agent_;
  deadline_queue<offer_id> deadlines_;
};

} // namespace agora
