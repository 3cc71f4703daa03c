// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// A gateway, a connector and the two ends of their session.
#include "tests/actor/session/session_fixture.hpp"

namespace agora::test {
namespace {

using namespace std::chrono_literals;

class session_actor_test : public session_fixture {
protected:
  /// Asks the gateway with an end of our own making.
  errc open_with(const session::OpenSession& request,
                 const session_endpoint& end) {
    errc answer = errc::none;
    spawn([&answer, &request, end,
           this](caf::event_based_actor* self) -> caf::behavior {
      self->request(gateway_, caf::infinite, request, end)
        .then([](const session::SessionOpened&, const session_endpoint&) {},
              [&answer](const caf::error& reason) {
                answer = code_of(reason);
              });
      return {[](int) {}};
    });
    settle();
    return answer;
  }

  session_endpoint mute_end() {
    return spawn([]() -> session_endpoint::behavior_type {
      return {[](const session_frame&) {}};
    });
  }
};

TEST_F(session_actor_test, both_owners_learn_who_the_other_is) {
  start_gateway();
  connect_.introduction.mutable_epoch()->set_generation(1);
  connect_.introduction.mutable_epoch()->set_term(2);
  start_connector();
  ASSERT_EQ(at_server_.ups.size(), 1u);
  ASSERT_EQ(at_client_.ups.size(), 1u);
  EXPECT_EQ(at_server_.ups[0].peer_software, "client 1");
  EXPECT_EQ(at_server_.ups[0].peer_cluster, "c1");
  EXPECT_EQ(at_server_.ups[0].kind, session::TOOL);
  EXPECT_EQ(at_server_.ups[0].peer_epoch, (epoch{1, 2}));
  EXPECT_EQ(at_client_.ups[0].peer_software, "server 1");
  EXPECT_EQ(at_client_.ups[0].peer_epoch, (epoch{3, 4}));
  EXPECT_TRUE(at_client_.failures.empty());
}

TEST_F(session_actor_test, bodies_go_both_ways_in_order) {
  start_gateway();
  start_connector();
  for (uint64_t i = 1; i <= 20; ++i) {
    client_sends(i);
    server_sends(i);
  }
  settle();
  EXPECT_EQ(at_server_.bodies, up_to(20));
  EXPECT_EQ(at_client_.bodies, up_to(20));
}

TEST_F(session_actor_test, a_slow_owner_closes_the_window_and_loses_nothing) {
  at_server_.slow = true;
  start_gateway();
  start_connector();
  for (uint64_t i = 1; i <= 20; ++i)
    client_sends(i);
  settle();
  EXPECT_EQ(at_server_.bodies, up_to(4));
  at_server_.handle_one();
  settle();
  EXPECT_EQ(at_server_.bodies, up_to(5));
  while (!at_server_.unhandled.empty()) {
    at_server_.handle_one();
    settle();
  }
  EXPECT_EQ(at_server_.bodies, up_to(20));
  EXPECT_TRUE(at_client_.downs.empty());
}

TEST_F(session_actor_test, an_owner_that_is_stuck_loses_its_session) {
  at_server_.slow = true;
  start_gateway();
  start_connector();
  client_sends(1);
  advance(59'999ms);
  EXPECT_TRUE(at_server_.downs.empty());
  advance(1ms);
  EXPECT_EQ(describe(at_server_.downs.at(0).reason),
            "timeout: the owner did not handle a message in time");
  EXPECT_EQ(at_client_.downs.size(), 1u);
}

TEST_F(session_actor_test, overflow_ends_the_session_and_another_is_opened) {
  at_server_.slow = true;
  start_gateway();
  start_connector();
  for (uint64_t i = 1; i <= 4 + 20 + 1; ++i)
    client_sends(i);
  settle();
  ASSERT_EQ(at_client_.downs.size(), 1u);
  EXPECT_EQ(code_of(at_client_.downs[0].reason), errc::limit_reached);
  ASSERT_EQ(at_server_.downs.size(), 1u);
  EXPECT_EQ(code_of(at_server_.downs[0].reason), errc::session_lost);
  advance(100ms);
  EXPECT_EQ(at_client_.ups.size(), 2u);
  EXPECT_EQ(at_server_.ups.size(), 2u);
  EXPECT_NE(at_client_.ups[0].number, at_client_.ups[1].number);
  at_server_.slow = false;
  client_sends(99);
  settle();
  EXPECT_EQ(at_server_.bodies.back(), 99u);
}

TEST_F(session_actor_test, an_idle_session_lives_on) {
  start_gateway();
  start_connector();
  advance(1h);
  EXPECT_EQ(at_client_.story, "up ");
  EXPECT_EQ(at_server_.story, "up ");
}

TEST_F(session_actor_test, each_owner_is_told_of_the_end_once) {
  start_gateway();
  start_connector();
  auto session = at_client_.session;
  server_sends(1);
  settle();
  tell(session, session_close{fail(errc::not_leader, "go away")});
  tell(session, session_close{fail(errc::not_leader, "again")});
  settle();
  EXPECT_EQ(at_client_.story, "up body down ");
  EXPECT_EQ(text_of(at_client_.downs.at(0).reason), "go away");
  EXPECT_EQ(at_server_.story, "up down ");
  EXPECT_EQ(text_of(at_server_.downs.at(0).reason),
            "the peer ended the session: not_leader: go away");
}

TEST_F(session_actor_test, an_exit_message_is_an_end_as_any_other) {
  start_gateway();
  start_connector();
  caf::anon_send_exit(at_server_.session, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(at_server_.story, "up down ");
  EXPECT_EQ(at_client_.story, "up down ");
}

TEST_F(session_actor_test, the_end_of_the_dialing_owner_ends_all_of_its) {
  start_gateway();
  start_connector();
  kill(caf::actor_cast<caf::actor>(client_));
  EXPECT_EQ(at_server_.story, "up down ");
  advance(1h);
  EXPECT_EQ(dials_.size(), 1u);
}

TEST_F(session_actor_test, the_end_of_the_accepting_owner_ends_its_sessions) {
  start_gateway();
  start_connector();
  kill(caf::actor_cast<caf::actor>(server_));
  EXPECT_EQ(at_client_.story, "up down ");
}

TEST_F(session_actor_test, bytes_that_are_no_body_end_the_session) {
  start_gateway();
  start_connector();
  tell(at_client_.session, session_body{"\xff\xff\xff"});
  settle();
  ASSERT_EQ(at_server_.downs.size(), 1u);
  EXPECT_EQ(describe(at_server_.downs[0].reason),
            "malformed_message: the peer sent 3 bytes that are no "
            "agora.session.ToolRequests");
  EXPECT_EQ(at_client_.downs.size(), 1u);
}

TEST_F(session_actor_test, a_body_over_the_limit_ends_the_session) {
  start_gateway();
  start_connector();
  tell(at_client_.session,
       session_body{std::string(limits_.body_bytes + 1, 'x')});
  settle();
  EXPECT_EQ(code_of(at_client_.downs.at(0).reason), errc::too_large);
}

TEST_F(session_actor_test, the_gateway_counts_the_sessions_that_are_open) {
  accept_.admission.sessions_limit = 1;
  start_gateway();
  start_connector();
  EXPECT_EQ(open_with(connect_.introduction, mute_end()), errc::limit_reached);
  tell(at_server_.session, session_close{fail(errc::conflict, "make room")});
  settle();
  EXPECT_EQ(open_with(connect_.introduction, mute_end()), errc::none);
}

TEST_F(session_actor_test, a_request_without_an_end_is_refused) {
  start_gateway();
  EXPECT_EQ(open_with(connect_.introduction, session_endpoint{}),
            errc::invalid_argument);
  EXPECT_EQ(at_server_.story, "");
}

TEST_F(session_actor_test, a_kind_without_a_service_is_refused) {
  accept_.admission.kinds = {session::AGENT};
  start_gateway();
  connect_.introduction.set_kind(session::AGENT);
  EXPECT_EQ(open_with(connect_.introduction, mute_end()),
            errc::invalid_argument);
}

TEST_F(session_actor_test, a_peer_that_never_speaks_is_given_up_in_time) {
  start_gateway();
  auto end = mute_end();
  ASSERT_EQ(open_with(connect_.introduction, end), errc::none);
  advance(49'999ms);
  EXPECT_EQ(at_server_.story, "up ");
  advance(1ms);
  EXPECT_EQ(at_server_.story, "up down ");
  EXPECT_EQ(code_of(at_server_.downs.at(0).reason), errc::timeout);
  EXPECT_EQ(at_server_.downs.at(0).silent_for, 50s);
}

TEST_F(session_actor_test, a_session_lives_without_its_connector) {
  start_gateway();
  start_connector();
  caf::anon_send_exit(connector_, caf::exit_reason::user_shutdown);
  client_sends(1);
  settle();
  EXPECT_EQ(at_server_.bodies, up_to(1));
}

} // namespace
} // namespace agora::test
