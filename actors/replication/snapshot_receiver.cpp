// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/snapshot_receiver.hpp"

#include "actors/replication/snapshot_sender.hpp"

#include <utility>

namespace agora {

void snapshot_receiver::answer_to(member_uid to, uint64_t id, uint64_t number,
                                  bool refused) {
  answer one{to, {}};
  one.what.set_transfer(id);
  one.what.set_number(number);
  if (refused)
    one.what.set_refused(true);
  answers_.push_back(std::move(one));
}

result<snapshot_receiver::transfer>
snapshot_receiver::begin(member_uid from, const session::SnapshotChunk& chunk) {
  auto members = configuration::decode(chunk.members());
  if (!members)
    return members.error();
  if (chunk.last().index() == 0 || chunk.last().term() == 0
      || chunk.last().term() > chunk.term())
    return fail(errc::malformed_message,
                "a snapshot that stands nowhere: term "
                  + std::to_string(chunk.last().term()) + ", index "
                  + std::to_string(chunk.last().index()));
  return transfer{
    from,
    chunk.transfer(),
    chunk.term(),
    {{chunk.last().term(), chunk.last().index()}, std::move(*members)},
    0};
}

status snapshot_receiver::take(member_uid from, session::SnapshotChunk chunk,
                               replicated_log& log) {
  if (checksum_of(chunk) != chunk.checksum())
    return fail(errc::malformed_message, "part "
                                           + std::to_string(chunk.number())
                                           + " of a snapshot is damaged");
  auto& machine = log.machine();
  if (chunk.term() < machine.term() || log.is_installing()
      || chunk.last().index() <= machine.log().commit_index()) {
    if (current_ && current_->from == from && current_->id == chunk.transfer())
      lost(from);
    answer_to(from, chunk.transfer(), chunk.number(), true);
    return {};
  }
  auto follows = current_ && current_->from == from
                 && current_->id == chunk.transfer()
                 && chunk.number() == current_->received + 1;
  if (chunk.number() == 1) {
    auto begun = begin(from, chunk);
    if (!begun)
      return std::move(begun.error());
    current_ = std::move(*begun);
    waiting_.clear();
    log.begin_staging();
  } else if (!follows) {
    answer_to(from, chunk.transfer(), chunk.number(), true);
    return {};
  }
  if (waiting_.size() >= waiting_limit)
    return fail(errc::limit_reached,
                "a snapshot comes faster than its window allows");
  ++current_->received;
  waiting_.push_back(std::move(chunk));
  return carry_on(log);
}

status snapshot_receiver::carry_on(replicated_log& log) {
  while (current_ && !waiting_.empty()) {
    auto& chunk = waiting_.front();
    write_batch records;
    for (auto& record : chunk.records())
      records.put(record.key(), record.value());
    if (auto bad = log.stage(std::move(records)))
      return code_of(bad) == errc::limit_reached ? status{} : bad;
    answer_to(current_->from, current_->id, chunk.number(), false);
    auto complete = chunk.complete();
    waiting_.pop_front();
    if (complete) {
      auto whole = std::move(*current_);
      current_.reset();
      log.install(whole.mark, whole.from, whole.term);
    }
  }
  return {};
}

std::vector<snapshot_receiver::answer> snapshot_receiver::take_answers() {
  return std::exchange(answers_, {});
}

void snapshot_receiver::lost(member_uid from) {
  if (!current_ || current_->from != from)
    return;
  current_.reset();
  waiting_.clear();
}

} // namespace agora
