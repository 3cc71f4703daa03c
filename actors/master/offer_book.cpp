// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/offer_book.hpp"

#include "runtime/base/check.hpp"

namespace agora {

namespace {

template <class Index, class Key>
void erase_from(Index& index, const Key& key, const offer_id& id) {
  auto found = index.find(key);
  AGORA_CHECK(found != index.end());
  found->second.erase(id);
  if (found->second.empty())
    index.erase(found);
}

template <class Index, class Key>
std::set<offer_id> ids_of(const Index& index, const Key& key) {
  auto found = index.find(key);
  return found == index.end() ? std::set<offer_id>{} : found->second;
}

} // namespace

offer_book::offer_book(epoch own) : own_(own) {
  // nop
}

const outstanding_offer& offer_book::add(outstanding_offer offer) {
  auto id = offer_id{"O-" + to_string(own_) + "-" + std::to_string(next_++)};
  offer.id = id;
  by_framework_[offer.framework].insert(id);
  by_agent_[offer.agent].insert(id);
  deadlines_.set(id, offer.deadline);
  return offers_.emplace(std::move(id), std::move(offer)).first->second;
}

void offer_book::unlink(const outstanding_offer& offer) {
  erase_from(by_framework_, offer.framework, offer.id);
  erase_from(by_agent_, offer.agent, offer.id);
  deadlines_.erase(offer.id);
}

result<outstanding_offer> offer_book::take(const offer_id& id,
                                           const framework_id& framework) {
  auto found = offers_.find(id);
  if (found == offers_.end())
    return fail(errc::unknown_offer,
                "offer " + id.text() + " is no longer valid");
  if (found->second.framework != framework)
    return fail(errc::not_offer_owner,
                "offer " + id.text() + " belongs to another framework");
  unlink(found->second);
  auto offer = std::move(found->second);
  offers_.erase(found);
  return offer;
}

template <class Ids>
std::vector<outstanding_offer> offer_book::take_all(const Ids& ids) {
  std::vector<outstanding_offer> taken;
  taken.reserve(ids.size());
  for (auto& id : ids) {
    auto found = offers_.find(id);
    AGORA_CHECK(found != offers_.end());
    unlink(found->second);
    taken.push_back(std::move(found->second));
    offers_.erase(found);
  }
  return taken;
}

std::vector<outstanding_offer> offer_book::expire(time_point now) {
  return take_all(deadlines_.take_due(now));
}

std::vector<outstanding_offer> offer_book::take_agent(const agent_id& agent) {
  return take_all(ids_of(by_agent_, agent));
}

std::vector<outstanding_offer>
offer_book::take_framework(const framework_id& framework) {
  return take_all(ids_of(by_framework_, framework));
}

size_t offer_book::count(const framework_id& framework) const {
  auto found = by_framework_.find(framework);
  return found == by_framework_.end() ? 0 : found->second.size();
}

resources offer_book::offered_of(const agent_id& agent) const {
  resources sum;
  for (auto& id : ids_of(by_agent_, agent))
    sum += offers_.at(id).amount;
  return sum;
}

resources offer_book::offered_to(const framework_id& framework) const {
  resources sum;
  for (auto& id : ids_of(by_framework_, framework))
    sum += offers_.at(id).amount.scalars();
  return sum;
}

} // namespace agora
