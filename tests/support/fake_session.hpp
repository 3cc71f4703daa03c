// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace agora::test {

/// What a session's owner gave to a fake session, which sends nothing.
template <class Body>
struct session_record {
  std::vector<Body> bodies;
  std::optional<status> closed;
};

/// A session whose peer is the test. Spawn it with
/// `spawn(test::fake_session<Body>, record)`.
template <class Body>
session_actor::behavior_type
fake_session(session_actor::pointer,
             std::shared_ptr<session_record<Body>> record) {
  return {
    [](session_frame&) {},
    [record](const session_body& body) {
      record->bodies.emplace_back().ParseFromString(body.bytes);
    },
    [record](const session_close& close) {
      record->closed = close.reason;
    },
    [](session::SessionOpened&, session_endpoint&) {},
    [](caf::tick_atom) {},
  };
}

} // namespace agora::test
