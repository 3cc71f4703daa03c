// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/consensus_outbox.hpp"

#include <iterator>
#include <utility>

namespace agora {

namespace {

void move_to(std::vector<consensus_message>& to,
             std::vector<consensus_message>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
  from.clear();
}

} // namespace

consensus_ready consensus_outbox::take(std::optional<persist_order> persist,
                                       const log_position& last) {
  if (persist) {
    persist->ticket = ++issued_;
    open_.push_back({issued_, last, {}});
  }
  move_to(open_.empty() ? ready_.send : open_.back().promises, promises_);
  ready_.persist = std::move(persist);
  return std::exchange(ready_, {});
}

consensus_outbox::release consensus_outbox::persisted(uint64_t ticket,
                                                      member_uid self) {
  release result;
  for (; !open_.empty() && open_.front().ticket <= ticket; open_.pop_front()) {
    result.last = open_.front().last;
    for (auto& message : open_.front().promises)
      (message.to == self ? result.to_self : ready_.send)
        .push_back(std::move(message));
  }
  return result;
}

} // namespace agora
