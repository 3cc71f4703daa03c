// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/decline_filters.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

/// Looked through for an amount that is alike, before a new one is made.
constexpr size_t amounts_compared = 4;

std::shared_ptr<const resources>
shared_amount(const std::vector<decline_filters::filter>& list,
              const resources& amount) {
  auto last = list.rbegin();
  for (size_t i = 0; i < amounts_compared && last != list.rend(); ++i, ++last)
    if (*last->amount == amount)
      return last->amount;
  return std::make_shared<const resources>(amount);
}

} // namespace

std::optional<decline_filters::pair>
decline_filters::add(pair where, const resources& amount, time_point end,
                     bool prolonged) {
  auto& list = by_agent_[where.agent];
  std::vector<uint64_t> replaced;
  auto same_client = of_client(list, where.client);
  for (auto other = same_client.begin; other != same_client.end; ++other) {
    if (other->end >= end && other->amount->contains(amount))
      return std::nullopt;
    if (other->end <= end && amount.contains(*other->amount))
      replaced.push_back(other->serial);
  }
  auto serial = ++last_serial_;
  list.insert(same_client.end, {where.client, prolonged, end, serial,
                                shared_amount(list, amount)});
  by_end_.insert({end, serial, where});
  auto& ages = by_client_[where.client];
  ages.emplace_hint(ages.end(), serial, where.agent);
  for (auto older : replaced)
    erase(where, older);
  same_client = of_client(list, where.client);
  if (same_client.end - same_client.begin
      > static_cast<std::ptrdiff_t>(allocation_limits::filters_per_pair)) {
    erase(where, list, same_client.begin);
    return where;
  }
  if (ages.size() > per_client_) {
    auto [oldest, its_agent] = *ages.begin();
    pair dropped{its_agent, where.client};
    erase(dropped, oldest);
    return dropped;
  }
  return std::nullopt;
}

const decline_filters::filter*
decline_filters::find(pair where, const resources& amount) const {
  auto list = by_agent_.find(where.agent);
  if (list == by_agent_.end())
    return nullptr;
  const filter* last = nullptr;
  auto same_client = of_client(list->second, where.client);
  for (auto candidate = same_client.begin; candidate != same_client.end;
       ++candidate)
    if ((last == nullptr || candidate->end > last->end)
        && candidate->amount->contains(amount))
      last = &*candidate;
  return last;
}

std::vector<client_number>
decline_filters::unfiltered(agent_number agent, const resources& amount,
                            const std::vector<client_number>& clients) const {
  auto list = by_agent_.find(agent);
  if (list == by_agent_.end())
    return clients;
  std::vector<client_number> left;
  auto next = list->second.begin();
  auto last = list->second.end();
  const resources* compared = nullptr; // alike amounts are compared once
  auto contained = false;
  for (auto client : clients) {
    while (next != last && next->client < client)
      ++next;
    auto refused = false;
    for (; next != last && next->client == client && !refused; ++next) {
      if (next->amount.get() != compared) {
        compared = next->amount.get();
        contained = compared->contains(amount);
      }
      refused = contained;
    }
    if (!refused)
      left.push_back(client);
  }
  return left;
}

std::vector<decline_filters::pair> decline_filters::expire(time_point now) {
  std::vector<pair> ended;
  while (!by_end_.empty() && by_end_.begin()->end <= now) {
    auto [end, serial, where] = *by_end_.begin();
    erase(where, serial);
    ended.push_back(where);
  }
  return ended;
}

void decline_filters::clear_client(client_number client) {
  for (auto ages = by_client_.find(client); ages != by_client_.end();
       ages = by_client_.find(client)) {
    auto [serial, agent] = *ages->second.begin();
    erase({agent, client}, serial);
  }
}

void decline_filters::clear_agent(agent_number agent) {
  for (auto found = by_agent_.find(agent); found != by_agent_.end();
       found = by_agent_.find(agent)) {
    auto& last = found->second.back();
    erase({agent, last.client}, last.serial);
  }
}

std::optional<decline_filters::time_point> decline_filters::next_end() const {
  if (by_end_.empty())
    return std::nullopt;
  return by_end_.begin()->end;
}

decline_filters::range decline_filters::of_client(const filter_list& list,
                                                  client_number client) {
  auto begin
    = std::partition_point(list.begin(), list.end(), [&](const filter& item) {
        return item.client < client;
      });
  auto end = std::find_if(begin, list.end(), [&](const filter& item) {
    return item.client != client;
  });
  return {begin, end};
}

void decline_filters::erase(pair where, filter_list& list,
                            filter_list::const_iterator gone) {
  by_end_.erase({gone->end, gone->serial, where});
  auto ages = by_client_.find(where.client);
  ages->second.erase(gone->serial);
  if (ages->second.empty())
    by_client_.erase(ages);
  list.erase(gone);
}

void decline_filters::erase(pair where, uint64_t serial) {
  auto list = by_agent_.find(where.agent);
  AGORA_CHECK(list != by_agent_.end());
  auto same_client = of_client(list->second, where.client);
  auto gone
    = std::find_if(same_client.begin, same_client.end, [&](const filter& item) {
        return item.serial == serial;
      });
  AGORA_CHECK(gone != same_client.end);
  erase(where, list->second, gone);
  if (list->second.empty())
    by_agent_.erase(list);
}

} // namespace agora
