// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/snapshot_sender.hpp"

#include "storage/store/crc32c.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace agora {

namespace {

uint32_t with_text(uint32_t sum, const std::string& text) {
  std::array<char, 8> head{};
  auto size = static_cast<uint32_t>(text.size());
  for (size_t i = 0; i < 4; ++i) {
    head[i] = static_cast<char>(sum >> (24 - 8 * i));
    head[4 + i] = static_cast<char>(size >> (24 - 8 * i));
  }
  return crc32c({std::string_view{head.data(), head.size()}, text});
}

} // namespace

uint32_t checksum_of(const session::SnapshotChunk& chunk) {
  uint32_t sum = 0;
  for (auto& record : chunk.records())
    sum = with_text(with_text(sum, record.key()), record.value());
  return sum;
}

snapshot_sender::snapshot_sender(log_snapshot what, uint64_t transfer,
                                 uint64_t term, size_t chunk_bytes,
                                 uint64_t window, time_point now)
  : what_(std::move(what)),
    transfer_(transfer),
    term_(term),
    chunk_bytes_(chunk_bytes),
    window_(window),
    last_progress_(now) {
  // nop
}

result<session::SnapshotChunk> snapshot_sender::next() {
  session::SnapshotChunk chunk;
  auto bad = what_.next(chunk_bytes_, [&](auto key, auto value) {
    auto& record = *chunk.add_records();
    record.set_key(key.data(), key.size());
    record.set_value(value.data(), value.size());
  });
  if (bad)
    return bad;
  sent_all_ = what_.complete();
  chunk.set_transfer(transfer_);
  chunk.set_number(++sent_);
  chunk.set_term(term_);
  chunk.mutable_last()->set_term(mark().last.term);
  chunk.mutable_last()->set_index(mark().last.index);
  chunk.set_members(mark().members.encode());
  chunk.set_checksum(checksum_of(chunk));
  chunk.set_complete(sent_all_);
  return chunk;
}

bool snapshot_sender::taken(uint64_t number, time_point now) {
  if (number > taken_ && number <= sent_) {
    taken_ = number;
    last_progress_ = now;
  }
  return sent_all_ && taken_ == sent_;
}

} // namespace agora
