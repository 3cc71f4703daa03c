// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/agent_book.hpp"

namespace agora {

uint64_t agent_book::attach(const agent_id& agent, session_number session,
                            uint64_t incarnation) {
  detach(agent);
  awaited.erase(agent);
  attached_[agent] = {session, incarnation, ++last_attachment_};
  by_session_[session] = agent;
  return last_attachment_;
}

uint64_t agent_book::attachment_of(const agent_id& agent) const {
  auto found = attached_.find(agent);
  return found == attached_.end() ? 0 : found->second.number;
}

bool agent_book::detach(const agent_id& agent) {
  auto found = attached_.find(agent);
  if (found == attached_.end())
    return false;
  by_session_.erase(found->second.session);
  attached_.erase(found);
  orphans_.erase(agent);
  return true;
}

std::optional<session_number>
agent_book::session_of(const agent_id& agent) const {
  auto found = attached_.find(agent);
  if (found == attached_.end())
    return std::nullopt;
  return found->second.session;
}

std::optional<agent_id> agent_book::agent_of(session_number session) const {
  auto found = by_session_.find(session);
  if (found == by_session_.end())
    return std::nullopt;
  return found->second;
}

uint64_t agent_book::incarnation_of(const agent_id& agent) const {
  auto found = attached_.find(agent);
  return found == attached_.end() ? 0 : found->second.incarnation;
}

void agent_book::set_orphans(const agent_id& agent,
                             std::vector<session::HeldTask> orphans) {
  orphans_.erase(agent);
  for (auto& held : orphans) {
    task_key key{id_of<framework_id>(held.framework_id()),
                 id_of<task_id>(held.task_id())};
    orphans_[agent].insert_or_assign(std::move(key), std::move(held));
  }
}

const session::HeldTask* agent_book::find_orphan(const agent_id& agent,
                                                 const task_key& task) const {
  auto found = orphans_.find(agent);
  if (found == orphans_.end())
    return nullptr;
  auto held = found->second.find(task);
  return held == found->second.end() ? nullptr : &held->second;
}

void agent_book::remove_orphan(const agent_id& agent, const task_key& task) {
  auto found = orphans_.find(agent);
  if (found == orphans_.end())
    return;
  found->second.erase(task);
  if (found->second.empty())
    orphans_.erase(found);
}

size_t agent_book::orphan_count() const {
  size_t sum = 0;
  for (auto& [agent, held] : orphans_)
    sum += held.size();
  return sum;
}

} // namespace agora
