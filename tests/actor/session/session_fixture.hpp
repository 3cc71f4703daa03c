// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/gateway/gateway_actor.hpp"
#include "actors/session/connector_actor.hpp"
#include "tests/support/deterministic_actors.hpp"

#include <caf/all.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace agora::test {

/// What an owner was told, in order.
struct owner_record {
  std::vector<session_up> ups;
  std::vector<session_down> downs;
  std::vector<dial_failed> failures;
  /// The numbers that the bodies carry.
  std::vector<uint64_t> bodies;
  /// "up", "body" and "down", one after the other.
  std::string story;
  session_actor session;
  /// Bodies are kept unhandled until handle_one().
  bool slow = false;
  std::deque<std::function<void()>> unhandled;

  void handle_one() {
    unhandled.front()();
    unhandled.pop_front();
  }
};

inline uint64_t number_in(const session::ToolRequests& body) {
  return body.requests_size() == 1 ? body.requests(0).id() : 0;
}

inline uint64_t number_in(const session::ToolResponses& body) {
  return body.responses_size() == 1 ? body.responses(0).id() : 0;
}

template <class Body>
using recording_owner = dialing_owner<Body>;

template <class Body>
typename recording_owner<Body>::behavior_type
record_session(typename recording_owner<Body>::pointer self,
               owner_record* record) {
  return {
    [record](const session_up& note, const session_actor& session) {
      record->ups.push_back(note);
      record->session = session;
      record->story += "up ";
    },
    [self, record](session_number, const Body& body) -> caf::result<void> {
      record->bodies.push_back(number_in(body));
      record->story += "body ";
      if (!record->slow)
        return caf::unit;
      auto answer
        = self->template make_response_promise<caf::response_promise>();
      record->unhandled.push_back([self, answer]() mutable {
        // Called by the test's thread, not by the one that ran the actor.
        self->context(nullptr);
        answer.deliver(caf::unit);
      });
      return answer;
    },
    [record](const session_down& note) {
      record->downs.push_back(note);
      record->session = nullptr;
      record->story += "down ";
    },
    [record](const dial_failed& note) {
      record->failures.push_back(note);
    },
  };
}

using server_owner = recording_owner<session::ToolRequests>;
using client_owner = recording_owner<session::ToolResponses>;

/// A node that dials, and what it dials: over a link that the test plays.
class session_fixture : public deterministic_actors {
protected:
  session_fixture() {
    limits_.window_messages = 4;
    limits_.window_bytes = 1'000;
    limits_.queue_messages = 20;
    limits_.ping_interval = std::chrono::seconds{10};
    limits_.silence_timeout = std::chrono::seconds{50};
    connect_.addresses = {{"m1", 1}};
    connect_.backoff.scatter_percent = 0;
    connect_.session.limits = limits_;
    connect_.session.kind = session::TOOL;
    connect_.introduction.set_protocol_version(session_protocol_version);
    connect_.introduction.set_kind(session::TOOL);
    connect_.introduction.set_software("client 1");
    connect_.introduction.set_cluster_id("c1");
    accept_.admission.cluster_id = "c1";
    accept_.admission.software = "server 1";
    accept_.own_epoch = {3, 4};
    accept_.limits = limits_;
  }

  /// The real gateway; what it is to serve must be set before.
  void start_gateway() {
    server_ = spawn(record_session<session::ToolRequests>, &at_server_);
    accept_.services[session::TOOL]
      = bind_owner<session::ToolRequests>(server_);
    gateway_ = spawn(gateway, accept_);
  }

  /// Leads everywhere to the one gateway.
  link_actor make_link() {
    return spawn([this]() -> link_actor::behavior_type {
      return {
        [this](const std::string& host,
               uint16_t port) -> caf::result<gateway_actor> {
          dials_.push_back(to_string(node_address{host, port}));
          if (link_error_)
            return link_error_;
          return gateway_;
        },
      };
    });
  }

  void start_connector() {
    client_ = spawn(record_session<session::ToolResponses>, &at_client_);
    connector_ = spawn_connector<session::ToolResponses>(system(), client_,
                                                         connect_, make_link());
    settle();
  }

  /// One for each address; they end with their owner.
  void start_connectors() {
    client_ = spawn(record_session<session::ToolResponses>, &at_client_);
    spawn_connectors<session::ToolResponses>(system(), client_, connect_,
                                             make_link());
    settle();
  }

  void client_sends(uint64_t number) {
    session::ToolRequests body;
    body.add_requests()->set_id(number);
    tell(at_client_.session, session_body{body.SerializeAsString()});
  }

  void server_sends(uint64_t number) {
    session::ToolResponses body;
    body.add_responses()->set_id(number);
    tell(at_server_.session, session_body{body.SerializeAsString()});
  }

  static std::vector<uint64_t> up_to(uint64_t last) {
    std::vector<uint64_t> all;
    for (uint64_t i = 1; i <= last; ++i)
      all.push_back(i);
    return all;
  }

  void kill(caf::actor whom) {
    caf::anon_send_exit(whom, caf::exit_reason::kill);
    settle();
  }

  void TearDown() override {
    at_server_.session = nullptr;
    at_client_.session = nullptr;
    server_ = nullptr;
    client_ = nullptr;
    gateway_ = nullptr;
    connector_ = nullptr;
    accept_.services.clear();
    deterministic_actors::TearDown();
    at_server_.unhandled.clear();
    at_client_.unhandled.clear();
  }

  session_limits limits_;
  connector_options connect_;
  gateway_options accept_;
  status link_error_;
  std::vector<std::string> dials_;
  owner_record at_server_;
  owner_record at_client_;
  server_owner server_;
  client_owner client_;
  gateway_actor gateway_;
  connector_actor connector_;
};

} // namespace agora::test
