// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/consensus_codec.hpp"

#include <memory>
#include <utility>

namespace agora {

namespace {

using wire = session::ConsensusMessage;

void put(const log_position& from, session::LogPosition& to) {
  to.set_term(from.term);
  to.set_index(from.index);
}

log_position get(const session::LogPosition& from) {
  return {from.term(), from.index()};
}

void put(const vote_request& from, wire& to) {
  auto& body = *to.mutable_vote_request();
  body.set_pre(from.pre);
  body.set_transfer(from.transfer);
  body.set_round(from.round);
  put(from.last, *body.mutable_last());
}

void put(const vote_answer& from, wire& to) {
  auto& body = *to.mutable_vote_answer();
  body.set_pre(from.pre);
  body.set_granted(from.granted);
  body.set_round(from.round);
}

void put(const append_request& from, wire& to) {
  auto& body = *to.mutable_append_request();
  put(from.previous, *body.mutable_previous());
  body.set_commit(from.commit);
  body.mutable_entries()->Reserve(static_cast<int>(from.entries.size()));
  for (auto& entry : from.entries) {
    auto& one = *body.add_entries();
    one.set_term(entry->term);
    if (entry->kind != entry_kind::command)
      one.set_kind(static_cast<uint32_t>(entry->kind));
    one.set_payload(entry->payload);
  }
}

void put(const append_answer& from, wire& to) {
  auto& body = *to.mutable_append_answer();
  body.set_accepted(from.accepted);
  body.set_index(from.index);
  put(from.hint, *body.mutable_hint());
}

void put(const heartbeat& from, wire& to) {
  auto& body = *to.mutable_heartbeat();
  body.set_commit(from.commit);
  body.set_read_round(from.read_round);
}

void put(const heartbeat_answer& from, wire& to) {
  to.mutable_heartbeat_answer()->set_read_round(from.read_round);
}

void put(const take_over&, wire& to) {
  to.mutable_take_over();
}

void put(const term_passed&, wire& to) {
  to.mutable_term_passed();
}

std::optional<append_request> get(session::AppendRequest& from) {
  append_request result;
  result.previous = get(from.previous());
  result.commit = from.commit();
  result.entries.reserve(static_cast<size_t>(from.entries_size()));
  auto index = result.previous.index;
  for (auto& one : *from.mutable_entries()) {
    if (one.kind() > static_cast<uint32_t>(entry_kind::configuration))
      return std::nullopt;
    result.entries.push_back(std::make_shared<const log_entry>(
      log_entry{++index, one.term(), std::move(*one.mutable_payload()),
                static_cast<entry_kind>(one.kind())}));
  }
  return result;
}

std::optional<consensus_body> body_of(wire& from) {
  switch (from.body_case()) {
    case wire::kVoteRequest: {
      auto& body = from.vote_request();
      return vote_request{body.pre(), body.transfer(), body.round(),
                          get(body.last())};
    }
    case wire::kVoteAnswer: {
      auto& body = from.vote_answer();
      return vote_answer{body.pre(), body.granted(), body.round()};
    }
    case wire::kAppendRequest:
      if (auto body = get(*from.mutable_append_request()))
        return std::move(*body);
      return std::nullopt;
    case wire::kAppendAnswer: {
      auto& body = from.append_answer();
      return append_answer{body.accepted(), body.index(), get(body.hint())};
    }
    case wire::kHeartbeat: {
      auto& body = from.heartbeat();
      return heartbeat{body.commit(), body.read_round()};
    }
    case wire::kHeartbeatAnswer:
      return heartbeat_answer{from.heartbeat_answer().read_round()};
    case wire::kTakeOver:
      return take_over{};
    case wire::kTermPassed:
      return term_passed{};
    default:
      return std::nullopt;
  }
}

} // namespace

void to_wire(const consensus_message& from, session::ConsensusMessage& to) {
  to.set_from(from.from.value);
  to.set_to(from.to.value);
  to.set_term(from.term);
  std::visit(
    [&](auto& body) {
      put(body, to);
    },
    from.body);
}

std::optional<consensus_message> from_wire(session::ConsensusMessage& from) {
  auto body = body_of(from);
  if (!body)
    return std::nullopt;
  return consensus_message{
    {from.from()}, {from.to()}, from.term(), std::move(*body)};
}

size_t payload_bytes(const consensus_message& message) {
  size_t bytes = 0;
  if (auto* request = std::get_if<append_request>(&message.body))
    for (auto& entry : request->entries)
      bytes += entry->payload.size();
  return bytes;
}

} // namespace agora
