// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/message_validator.hpp"

namespace agora {

namespace {

bool is_within_limits(const log_position& position) {
  return position.index < term_and_index_limit
         && position.term < term_and_index_limit;
}

bool is_sound(const vote_request& what, uint64_t term) {
  return is_within_limits(what.last) && what.last.term < term;
}

bool is_sound(const append_request& what, uint64_t term) {
  if (!is_within_limits(what.previous) || what.previous.term > term)
    return false;
  auto before = what.previous;
  for (auto& entry : what.entries) {
    if (!entry || entry->index != before.index + 1 || entry->term < before.term
        || entry->term > term)
      return false;
    if (entry->kind == entry_kind::configuration
        && !configuration::decode(entry->payload))
      return false;
    before = {entry->term, entry->index};
  }
  return true;
}

bool is_sound(const append_answer& what, uint64_t) {
  return what.index < term_and_index_limit && is_within_limits(what.hint);
}

template <class Body>
bool is_sound(const Body&, uint64_t) {
  return true;
}

} // namespace

bool is_well_formed(const consensus_message& message) {
  if (message.from == member_uid{} || message.term == 0
      || message.term >= term_and_index_limit)
    return false;
  return std::visit(
    [&](auto& body) {
      return is_sound(body, message.term);
    },
    message.body);
}

} // namespace agora
