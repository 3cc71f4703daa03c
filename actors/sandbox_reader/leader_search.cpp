// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/leader_search.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

leader_search::leader_search(std::vector<node_address> nodes)
  : nodes_(std::move(nodes)) {
  AGORA_CHECK(!nodes_.empty());
  next_ = nodes_.front();
}

bool leader_search::tried(const node_address& node) const {
  return std::any_of(attempts_.begin(), attempts_.end(),
                     [&](const attempt& one) {
                       return one.node == node;
                     });
}

void leader_search::note(status reason) {
  auto found = std::find_if(attempts_.begin(), attempts_.end(),
                            [this](const attempt& one) {
                              return one.node == next_;
                            });
  if (found != attempts_.end())
    found->reason = std::move(reason);
  else if (!named_ || attempts_.size() < named_limit)
    attempts_.push_back({next_, std::move(reason)});
}

bool leader_search::hopeless() const {
  return !reached_
         && std::all_of(nodes_.begin(), nodes_.end(),
                        [this](const node_address& node) {
                          return tried(node);
                        });
}

void leader_search::take_turn() {
  turn_ = (turn_ + 1) % nodes_.size();
  next_ = nodes_[turn_];
  named_ = false;
  pause_ = tried(next_) ? pause_between : std::chrono::milliseconds{};
}

void leader_search::not_reached(status reason) {
  note(std::move(reason));
  take_turn();
}

void leader_search::not_leader(std::string_view leader) {
  note({});
  reached_ = true;
  auto named = parse_address(leader);
  if (named_ || !named || *named == next_) {
    take_turn();
    pause_ = pause_between;
    return;
  }
  next_ = std::move(*named);
  named_ = true;
  pause_ = tried(next_) ? pause_between : std::chrono::milliseconds{};
}

void leader_search::end() {
  reached_ = false;
  named_ = false;
  pause_ = {};
  attempts_.clear();
}

status leader_search::outcome() const {
  std::string asked;
  std::string others;
  status last;
  for (auto& one : attempts_)
    if (one.reason) {
      // It names the node.
      others += (others.empty() ? "" : "; ") + text_of(one.reason);
      last = one.reason;
    } else {
      asked += (asked.empty() ? "" : ", ") + to_string(one.node);
    }
  if (!reached_)
    return code_of(last) == errc::none ? last
                                       : fail(code_of(last), std::move(others));
  return fail(errc::not_leader,
              "no master leads: asked " + asked
                + (others.empty() ? "" : "; " + others)
                + "; there is no quorum: more than half of the masters must "
                  "run and reach each other");
}

} // namespace agora
