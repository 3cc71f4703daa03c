// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/framework_book.hpp"

namespace agora {

std::optional<session_number>
framework_book::connect(const framework_id& framework, session_number session,
                        uint64_t incarnation) {
  auto before = session_of(framework);
  disconnect(framework);
  awaited.erase(framework);
  connected_[framework] = {session, incarnation};
  by_session_[session] = framework;
  if (before == session)
    before.reset();
  return before;
}

void framework_book::disconnect(const framework_id& framework) {
  auto found = connected_.find(framework);
  if (found == connected_.end())
    return;
  by_session_.erase(found->second.session);
  connected_.erase(found);
}

std::optional<session_number>
framework_book::session_of(const framework_id& framework) const {
  auto found = connected_.find(framework);
  if (found == connected_.end())
    return std::nullopt;
  return found->second.session;
}

std::optional<framework_id>
framework_book::framework_of(session_number session) const {
  auto found = by_session_.find(session);
  if (found == by_session_.end())
    return std::nullopt;
  return found->second;
}

uint64_t framework_book::incarnation_of(const framework_id& framework) const {
  auto found = connected_.find(framework);
  return found == connected_.end() ? 0 : found->second.incarnation;
}

} // namespace agora
