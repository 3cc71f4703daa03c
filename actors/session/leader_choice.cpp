// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/leader_choice.hpp"

#include <algorithm>

namespace agora {

bool leader_choice::opened(session_number session, epoch leads_with,
                           time_point now) {
  if (sessions_.size() >= sessions_limit)
    return false;
  sessions_.insert_or_assign(session, leads_with);
  newest_ = std::max(newest_, leads_with);
  choose(now);
  return true;
}

void leader_choice::closed(session_number session, time_point now) {
  sessions_.erase(session);
  choose(now);
}

bool leader_choice::said(session_number session, bool leads, epoch with,
                         time_point now) {
  auto found = sessions_.find(session);
  auto news = leads ? with : epoch{};
  if (found == sessions_.end() || found->second == news)
    return false;
  found->second = news;
  newest_ = std::max(newest_, news);
  choose(now);
  return true;
}

void leader_choice::obeyed(epoch of, time_point now) {
  newest_ = std::max(newest_, of);
  choose(now);
}

void leader_choice::choose(time_point now) {
  chosen_.reset();
  for (auto& [number, leads_with] : sessions_)
    if (!chosen_ && leads_with == newest_ && leads_with != epoch{})
      chosen_ = leader_session{number, leads_with};
  if (chosen_ || sessions_.empty()) {
    leaderless_since_.reset();
    complained_ = complained_ && !chosen_;
  } else if (!leaderless_since_) {
    leaderless_since_ = now;
  }
}

bool leader_choice::outdated(session_number session) const {
  auto found = sessions_.find(session);
  return found != sessions_.end() && found->second != epoch{}
         && found->second < newest_;
}

std::optional<leader_choice::time_point> leader_choice::complaint_due() const {
  if (!leaderless_since_ || complained_)
    return std::nullopt;
  return *leaderless_since_ + leaderless_patience;
}

bool leader_choice::take_complaint(time_point now) {
  auto due = complaint_due();
  if (!due || now < *due)
    return false;
  complained_ = true;
  return true;
}

} // namespace agora
