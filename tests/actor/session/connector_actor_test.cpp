// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// A connector, and the session it dials, against gateways that fail in every
// way.
#include "tests/actor/session/session_fixture.hpp"

namespace agora::test {
namespace {

using namespace std::chrono_literals;

/// A gateway that answers when the test says so, and not before.
struct silent_gateway {
  using answer_type
    = caf::typed_response_promise<session::SessionOpened, session_endpoint>;

  gateway_actor::pointer self = nullptr;
  std::vector<session::OpenSession> requests;
  std::vector<session_endpoint> ends;
  std::vector<answer_type> answers;
  size_t ends_gone = 0;
};

gateway_actor::behavior_type play_gateway(gateway_actor::pointer self,
                                          silent_gateway* played) {
  played->self = self;
  // Else an end that nobody dials from any more would be kept alive by us.
  self->set_down_handler([played](const caf::down_msg&) {
    ++played->ends_gone;
  });
  return {
    [self, played](const session::OpenSession& request,
                   const session_endpoint& end) {
      self->monitor(end);
      played->requests.push_back(request);
      played->ends.push_back(end);
      played->answers.push_back(
        self
          ->make_response_promise<session::SessionOpened, session_endpoint>());
      return played->answers.back();
    },
  };
}

class connector_actor_test : public session_fixture {
protected:
  void start_silent_gateway() {
    gateway_ = spawn(play_gateway, &played_);
    peer_ = spawn([this]() -> session_endpoint::behavior_type {
      return {[this](const session_frame& frame) {
        frames_.push_back(frame);
      }};
    });
  }

  static session::SessionOpened opened(uint64_t id) {
    session::SessionOpened answer;
    answer.set_session_id(id);
    answer.set_software("server 1");
    answer.set_ping_interval_ms(10'000);
    answer.set_silence_timeout_ms(50'000);
    return answer;
  }

  void answer(size_t request, session::SessionOpened with) {
    answer(request, std::move(with), peer_);
  }

  void answer(size_t request, session::SessionOpened with,
              session_endpoint peer) {
    // Called by the test's thread, not by the one that ran the actor.
    played_.self->context(nullptr);
    played_.answers.at(request).deliver(std::move(with), std::move(peer));
    settle();
  }

  void peer_sends(size_t request, uint64_t session_id, uint64_t number,
                  std::string body) {
    session_frame frame;
    frame.session_id = session_id;
    frame.sequence = number;
    frame.body = std::move(body);
    tell(played_.ends.at(request), std::move(frame));
  }

  static std::string body_of(uint64_t number) {
    session::ToolResponses body;
    body.add_responses()->set_id(number);
    return body.SerializeAsString();
  }

  void TearDown() override {
    peer_ = nullptr;
    played_.ends.clear();
    session_fixture::TearDown();
    played_.answers.clear();
  }

  silent_gateway played_;
  session_endpoint peer_;
  std::vector<session_frame> frames_;
};

TEST_F(connector_actor_test, waits_twice_as_long_after_each_failure) {
  link_error_ = fail(errc::unreachable, "no route");
  start_connector();
  std::vector<std::chrono::milliseconds> waits{100ms,   200ms,   400ms, 800ms,
                                               1'600ms, 3'200ms, 5s,    5s};
  for (auto wait : waits) {
    auto before = dials_.size();
    EXPECT_EQ(at_client_.failures.back().retry_in, wait);
    advance(wait - 1ms);
    EXPECT_EQ(dials_.size(), before);
    advance(1ms);
    EXPECT_EQ(dials_.size(), before + 1);
  }
  EXPECT_EQ(at_client_.failures.size(), waits.size() + 1);
  EXPECT_EQ(at_client_.failures[0].address, "m1:1");
  EXPECT_EQ(describe(at_client_.failures[0].reason), "unreachable: no route");
}

TEST_F(connector_actor_test, tries_all_addresses_before_it_waits_longer) {
  link_error_ = fail(errc::unreachable, "no route");
  connect_.addresses = {{"m1", 1}, {"m2", 2}, {"m3", 3}};
  start_connector();
  advance(500ms);
  EXPECT_EQ(dials_,
            (std::vector<std::string>{"m1:1", "m2:2", "m3:3", "m1:1", "m2:2"}));
}

TEST_F(connector_actor_test, a_session_that_settled_ends_the_backoff) {
  link_error_ = fail(errc::unreachable, "no route");
  start_connector();
  advance(10s);
  link_error_ = {};
  start_gateway();
  advance(5s);
  ASSERT_EQ(at_client_.ups.size(), 1u);
  advance(10s);
  tell(at_client_.session, session_close{fail(errc::conflict, "enough")});
  advance(100ms);
  EXPECT_EQ(at_client_.ups.size(), 2u);
}

TEST_F(connector_actor_test, a_session_that_did_not_settle_does_not) {
  start_gateway();
  start_connector();
  for (auto wait : {100ms, 200ms, 400ms}) {
    auto ups = at_client_.ups.size();
    tell(at_client_.session, session_close{fail(errc::conflict, "enough")});
    advance(wait - 1ms);
    EXPECT_EQ(at_client_.ups.size(), ups);
    advance(1ms);
    EXPECT_EQ(at_client_.ups.size(), ups + 1);
  }
}

TEST_F(connector_actor_test, the_owner_reads_why_it_was_refused) {
  start_gateway();
  connect_.introduction.set_cluster_id("c2");
  start_connector();
  ASSERT_EQ(at_client_.failures.size(), 1u);
  EXPECT_EQ(describe(at_client_.failures[0].reason),
            "wrong_cluster: this node belongs to cluster c1, the peer to "
            "cluster c2");
  EXPECT_EQ(at_client_.story, "");
  EXPECT_EQ(at_server_.story, "");
}

TEST_F(connector_actor_test, introduces_itself_as_it_was_last_told) {
  start_gateway();
  connect_.introduction.set_cluster_id("c2");
  start_connector();
  connect_.introduction.set_cluster_id("c1");
  tell(connector_, connect_.introduction);
  advance(100ms);
  EXPECT_EQ(at_client_.story, "up ");
}

TEST_F(connector_actor_test, tries_the_next_address_on_request) {
  connect_.addresses = {{"m1", 1}, {"m2", 2}};
  start_gateway();
  start_connector();
  tell(connector_, caf::get_atom::value);
  advance(100ms);
  EXPECT_EQ(dials_, (std::vector<std::string>{"m1:1", "m2:2"}));
  EXPECT_EQ(at_client_.story, "up down up ");
  EXPECT_EQ(code_of(at_client_.downs.at(0).reason), errc::not_leader);
}

TEST_F(connector_actor_test, one_for_each_address_keeps_a_session_to_each) {
  connect_.addresses = {{"m1", 1}, {"m2", 2}};
  start_gateway();
  start_connectors();
  EXPECT_EQ(dials_, (std::vector<std::string>{"m1:1", "m2:2"}));
  EXPECT_EQ(at_client_.story, "up up ");
  // Each dials its own address again.
  tell(at_client_.session, session_close{fail(errc::session_lost, "test")});
  advance(100ms);
  EXPECT_EQ(at_client_.story, "up up down up ");
  ASSERT_EQ(dials_.size(), 3u);
  EXPECT_EQ(dials_.back(), "m2:2");
}

TEST_F(connector_actor_test, gives_a_gateway_up_that_does_not_answer) {
  start_silent_gateway();
  start_connector();
  tell(connector_, caf::get_atom::value); // Nothing is open: no reason to stop.
  advance(4'999ms);
  EXPECT_TRUE(at_client_.failures.empty());
  advance(1ms);
  ASSERT_EQ(at_client_.failures.size(), 1u);
  EXPECT_EQ(describe(at_client_.failures[0].reason),
            "timeout: m1:1 did not answer in time");
  EXPECT_EQ(played_.ends_gone, 1u);
  advance(100ms);
  answer(0, opened(1)); // Too late.
  EXPECT_EQ(at_client_.story, "");
  answer(1, opened(2));
  EXPECT_EQ(at_client_.story, "up ");
}

TEST_F(connector_actor_test, a_late_answer_opens_no_later_session) {
  connect_.session.limits.window_messages = 1;
  start_silent_gateway();
  start_connector();
  peer_sends(0, 1, 1, body_of(1));
  peer_sends(0, 1, 2, body_of(2));
  settle();
  EXPECT_EQ(played_.ends_gone, 1u);
  EXPECT_EQ(code_of(at_client_.failures.at(0).reason), errc::limit_reached);
  advance(100ms);
  ASSERT_EQ(played_.requests.size(), 2u);
  answer(0, opened(1));
  EXPECT_EQ(at_client_.story, "");
  answer(1, opened(2));
  EXPECT_EQ(at_client_.story, "up ");
  peer_sends(1, 2, 1, body_of(1));
  settle();
  EXPECT_EQ(at_client_.bodies, up_to(1));
}

TEST_F(connector_actor_test, bodies_that_overtake_the_answer_come_after_it) {
  start_silent_gateway();
  start_connector();
  for (uint64_t i = 1; i <= 4; ++i)
    peer_sends(0, 1, i, body_of(i));
  session_frame ping;
  ping.session_id = 1;
  ping.ping = true;
  tell(played_.ends.at(0), ping);
  settle();
  EXPECT_EQ(at_client_.story, "");
  answer(0, opened(1));
  EXPECT_EQ(at_client_.story, "up body body body body ");
  EXPECT_EQ(at_client_.bodies, up_to(4));
}

TEST_F(connector_actor_test, early_bodies_may_be_bad_too) {
  start_silent_gateway();
  start_connector();
  peer_sends(0, 1, 1, "\xff");
  peer_sends(0, 1, 2, body_of(2));
  answer(0, opened(1));
  EXPECT_EQ(at_client_.story, "up down ");
  EXPECT_EQ(code_of(at_client_.downs[0].reason), errc::malformed_message);
}

TEST_F(connector_actor_test, a_silent_peer_is_lost_after_exactly_its_timeout) {
  start_silent_gateway();
  start_connector();
  answer(0, opened(1));
  advance(49'999ms);
  EXPECT_EQ(at_client_.story, "up ");
  // Asked in vain, at each interval.
  EXPECT_GE(frames_.size(), 4u);
  advance(1ms);
  EXPECT_EQ(at_client_.story, "up down ");
  EXPECT_EQ(describe(at_client_.downs[0].reason),
            "timeout: nothing was heard of the peer for 50 s");
  EXPECT_EQ(at_client_.downs[0].silent_for, 50s);
}

TEST_F(connector_actor_test, an_idle_side_speaks_at_least_once_an_interval) {
  start_silent_gateway();
  start_connector();
  answer(0, opened(1));
  for (auto i = 0; i < 4; ++i) {
    frames_.clear();
    advance(10s);
    EXPECT_EQ(frames_.size(), 1u);
  }
}

TEST_F(connector_actor_test, refuses_an_answer_that_no_session_can_live_with) {
  start_silent_gateway();
  start_connector();
  auto with = opened(1);
  with.set_ping_interval_ms(50'000);
  answer(0, with);
  EXPECT_EQ(at_client_.story, "");
  EXPECT_EQ(describe(at_client_.failures.at(0).reason),
            "malformed_message: the gateway asks for a ping every 50000 ms and "
            "takes a peer for lost after 50000 ms");
  EXPECT_EQ(played_.ends_gone, 1u);
  advance(100ms);
  EXPECT_EQ(played_.requests.size(), 2u);
}

TEST_F(connector_actor_test, refuses_an_answer_that_names_no_session) {
  start_silent_gateway();
  start_connector();
  answer(0, opened(1), session_endpoint{});
  EXPECT_EQ(describe(at_client_.failures.at(0).reason),
            "malformed_message: the gateway's answer names no session");
  EXPECT_EQ(at_client_.story, "");
  EXPECT_EQ(played_.ends_gone, 1u);
}

TEST_F(connector_actor_test, its_end_ends_a_session_that_is_not_open_yet) {
  start_silent_gateway();
  start_connector();
  caf::anon_send_exit(connector_, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(played_.ends_gone, 1u);
}

TEST_F(connector_actor_test, the_owners_end_ends_it_while_it_opens) {
  start_silent_gateway();
  start_connector();
  kill(caf::actor_cast<caf::actor>(client_));
  EXPECT_EQ(played_.ends_gone, 1u);
  advance(1min);
  EXPECT_EQ(played_.requests.size(), 1u);
}

} // namespace
} // namespace agora::test
