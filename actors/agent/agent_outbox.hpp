// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agora/session/agent.pb.h"

#include <cstddef>
#include <utility>
#include <vector>

namespace agora {

/// What an agent has for its master, gathered into bodies that are as large as
/// allowed and no larger.
class agent_outbox {
public:
  explicit agent_outbox(size_t body_bytes = size_t{4} << 20)
    : body_bytes_(body_bytes) {
    // nop
  }

  void add(session::AgentMessage message) {
    auto bytes = message.ByteSizeLong();
    if (bodies_.empty() || bytes_ + bytes > body_bytes_) {
      bodies_.emplace_back();
      bytes_ = 0;
    }
    bytes_ += bytes;
    *bodies_.back().add_messages() = std::move(message);
  }

  /// Statuses that follow each other share one message.
  void add_status(session::TaskStatusEntry entry) {
    auto bytes = entry.ByteSizeLong();
    auto shared = !bodies_.empty() && bytes_ + bytes <= body_bytes_
                  && bodies_.back()
                       .messages(bodies_.back().messages_size() - 1)
                       .has_statuses();
    if (!shared) {
      session::AgentMessage message;
      *message.mutable_statuses()->add_entries() = std::move(entry);
      add(std::move(message));
      return;
    }
    bytes_ += bytes;
    auto& body = bodies_.back();
    *body.mutable_messages(body.messages_size() - 1)
       ->mutable_statuses()
       ->add_entries()
      = std::move(entry);
  }

  void clear() {
    bodies_.clear();
    bytes_ = 0;
  }

  bool empty() const {
    return bodies_.empty();
  }

  /// In order; takes them out.
  std::vector<session::AgentToMaster> take() {
    bytes_ = 0;
    return std::exchange(bodies_, {});
  }

private:
  size_t body_bytes_;
  std::vector<session::AgentToMaster> bodies_;
  /// Of the last body.
  size_t bytes_ = 0;
};

} // namespace agora
