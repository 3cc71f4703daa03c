// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/local_messages.hpp"
#include "runtime/base/deadline_queue.hpp"
#include "runtime/base/ids.hpp"

#include <map>
#include <optional>

namespace agora {

/// A leader's view of which frameworks' schedulers it can talk to, and until
/// when it waits for those that are away.
class framework_book {
public:
  /// The scheduler on this session holds the framework now.
  /// @returns the session that held it before and still is connected.
  std::optional<session_number> connect(const framework_id& framework,
                                        session_number session,
                                        uint64_t incarnation);

  /// Nobody holds the framework. Does nothing if nobody did.
  void disconnect(const framework_id& framework);

  std::optional<session_number> session_of(const framework_id& framework) const;

  std::optional<framework_id> framework_of(session_number session) const;

  /// The incarnation under which the framework is held; 0 if it is not.
  uint64_t incarnation_of(const framework_id& framework) const;

  bool connected(const framework_id& framework) const {
    return session_of(framework).has_value();
  }

  size_t connected_count() const {
    return connected_.size();
  }

  /// Frameworks that are away, and when each ends. Connecting takes a
  /// framework out.
  deadline_queue<framework_id> awaited;

private:
  struct connection {
    session_number session = 0;
    uint64_t incarnation = 0;
  };

  std::map<framework_id, connection> connected_;
  std::map<session_number, framework_id> by_session_;
};

} // namespace agora
