// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Sessions between two processes over TCP, and the link against ports of every
// bad kind.
#include "tests/integration/messaging/peer_node.hpp"

#include <set>

namespace agora::test {
namespace {

using namespace std::chrono_literals;

/// The peer, and a node of this process that dials it.
class session_test : public ::testing::Test {
protected:
  /// Forks first: only a process with one thread may.
  session_test()
    : port_(peer_.port()), client_(std::make_unique<dialing_node>()) {
    // nop
  }

  void connect(const std::string& cluster = "c1") {
    client_->connect(port_, cluster, limits_);
  }

  static session_limits limits() {
    session_limits made;
    made.window_messages = 16;
    made.queue_messages = 2'000;
    return made;
  }

  forked_peer peer_;
  uint16_t port_;
  session_limits limits_ = limits();
  std::unique_ptr<dialing_node> client_;
};

TEST_F(session_test, bodies_go_there_and_back_in_order) {
  connect();
  auto& seen = client_->seen();
  ASSERT_TRUE(seen.wait([&] {
    return seen.ups == 1;
  }));
  for (uint64_t i = 1; i <= 1'000; ++i)
    client_->send(i);
  ASSERT_TRUE(seen.wait([&] {
    return seen.bodies.size() == 1'000;
  }));
  for (uint64_t i = 1; i <= 1'000; ++i)
    ASSERT_EQ(seen.bodies[i - 1], i);
}

TEST_F(session_test, the_refusals_text_crosses_the_network) {
  connect("another");
  auto& seen = client_->seen();
  ASSERT_TRUE(seen.wait([&] {
    return !seen.failures.empty();
  }));
  EXPECT_EQ(seen.failures[0], "wrong_cluster: this node belongs to cluster c1, "
                              "the peer to cluster another");
}

TEST_F(session_test, the_reason_of_the_end_crosses_the_network) {
  connect();
  auto& seen = client_->seen();
  ASSERT_TRUE(seen.wait([&] {
    return seen.ups == 1;
  }));
  client_->send_bytes("\xff\xff\xff");
  ASSERT_TRUE(seen.wait([&] {
    return !seen.downs.empty();
  }));
  EXPECT_EQ(seen.downs[0],
            "session_lost: the peer ended the session: malformed_message: the "
            "peer sent 3 bytes that are no agora.session.ToolRequests");
  // The connector dials again.
  EXPECT_TRUE(seen.wait([&] {
    return seen.ups == 2;
  }));
}

TEST_F(session_test, a_killed_peer_is_noticed_and_dialed_in_vain) {
  connect();
  auto& seen = client_->seen();
  ASSERT_TRUE(seen.wait([&] {
    return seen.ups == 1;
  }));
  peer_.kill();
  ASSERT_TRUE(seen.wait([&] {
    return !seen.failures.empty();
  }));
  EXPECT_EQ(seen.downs.at(0),
            "session_lost: the peer has ended or cannot be reached");
  EXPECT_EQ(seen.failures[0],
            "unreachable: cannot connect to 127.0.0.1:" + std::to_string(port_)
              + ": Connection refused");
}

TEST_F(session_test, a_stopped_peer_costs_no_more_than_the_queue) {
  connect();
  auto& seen = client_->seen();
  ASSERT_TRUE(seen.wait([&] {
    return seen.ups == 1;
  }));
  peer_.signal(SIGSTOP);
  for (uint64_t i = 1; i <= 16 + 2'000 + 1; ++i)
    client_->send(i);
  ASSERT_TRUE(seen.wait([&] {
    return !seen.downs.empty();
  }));
  EXPECT_EQ(seen.downs[0].rfind("limit_reached: the peer does not keep up", 0),
            0u)
    << seen.downs[0];
  peer_.signal(SIGCONT);
  ASSERT_TRUE(seen.wait([&] {
    return seen.ups == 2;
  }));
  auto before = seen.count_bodies();
  client_->send(7);
  EXPECT_TRUE(seen.wait([&] {
    return seen.bodies.size() > before;
  }));
}

/// The link alone, against what is not a node.
class link_test : public ::testing::Test {
protected:
  errc dial(uint16_t port) {
    return client_.dial(port).get();
  }

  static tcp_link_options hasty() {
    tcp_link_options options;
    options.handshake_timeout = 300ms;
    return options;
  }

  dialing_node client_{hasty()};
};

TEST_F(link_test, a_port_without_a_listener_refuses) {
  // Bound and not listening: nobody else can take it, and it refuses.
  plain_socket taken;
  EXPECT_EQ(dial(taken.bind()), errc::unreachable);
}

TEST_F(link_test, a_listener_that_says_nothing_is_given_up_and_hung_up_on) {
  plain_socket mute;
  auto port = mute.bind();
  mute.listen(8);
  auto answer = client_.dial(port);
  auto accepted = mute.accept();
  EXPECT_EQ(answer.get(), errc::timeout);
  EXPECT_TRUE(accepted.reads_end()) << "the connection leaks";
}

TEST_F(link_test, a_listener_that_speaks_another_protocol_is_no_node) {
  plain_socket web;
  auto port = web.bind();
  web.listen(8);
  auto answer = client_.dial(port);
  auto accepted = web.accept();
  accepted.write(
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
    "Content-Length: 0\r\nServer: something that is no node\r\n"
    "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n");
  auto code = answer.get();
  EXPECT_NE(code, errc::none);
  EXPECT_TRUE(accepted.reads_end()) << "the connection leaks";
}

TEST_F(link_test, a_listener_that_hangs_up_is_unreachable) {
  plain_socket rude;
  auto port = rude.bind();
  rude.listen(8);
  auto answer = client_.dial(port);
  rude.accept();
  auto code = answer.get();
  EXPECT_TRUE(code == errc::unreachable || code == errc::timeout)
    << to_string(code);
}

TEST_F(link_test, an_actor_of_another_kind_is_no_gateway) {
  using other_actor = caf::typed_actor<caf::replies_to<int>::with<int>>;
  caf::actor_system& system = client_.system();
  node_config config{2};
  caf::actor_system others{config};
  auto other = others.spawn([]() -> other_actor::behavior_type {
    return {[](int x) {
      return x;
    }};
  });
  auto port = others.middleman().publish(other, 0, "127.0.0.1");
  ASSERT_TRUE(port) << system.render(port.error());
  EXPECT_EQ(dial(*port), errc::version_mismatch);
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
}

TEST_F(link_test, an_address_that_swallows_packets_holds_up_no_other) {
  plain_socket full;
  auto black_hole = full.bind();
  full.listen(0);
  auto waiting = full.fill_backlog();
  plain_socket taken;
  auto refusing = taken.bind();
  auto lost = client_.dial(black_hole);
  EXPECT_EQ(dial(refusing), errc::unreachable);
  EXPECT_EQ(lost.wait_for(0s), std::future_status::timeout)
    << "nothing was swallowed: the test proves nothing";
  EXPECT_EQ(lost.get(), errc::timeout);
}

TEST_F(link_test, more_dials_than_the_limit_are_refused) {
  plain_socket full;
  auto black_hole = full.bind();
  full.listen(0);
  auto waiting = full.fill_backlog();
  std::vector<std::future<errc>> dials;
  for (auto i = 0; i < 8 + 1; ++i)
    dials.push_back(client_.dial(black_hole));
  std::multiset<errc> outcomes;
  for (auto& one : dials)
    outcomes.insert(one.get());
  EXPECT_EQ(outcomes.count(errc::limit_reached), 1u);
  EXPECT_EQ(outcomes.count(errc::timeout), 8u);
  // And the places are free again.
  plain_socket taken;
  EXPECT_EQ(dial(taken.bind()), errc::unreachable);
}

TEST(tcp_socket, a_port_in_use_is_a_conflict_that_names_it) {
  auto first = tcp_listen("127.0.0.1", 0);
  ASSERT_TRUE(first);
  owned_socket own{first->socket};
  auto second = tcp_listen("127.0.0.1", first->port);
  ASSERT_FALSE(second);
  EXPECT_EQ(describe(second.error()),
            "conflict: cannot listen on 127.0.0.1:"
              + std::to_string(first->port)
              + ": Address already in use; stop the process that has it, or "
                "choose another");
}

TEST(tcp_socket, no_attempt_that_fails_keeps_a_descriptor) {
  plain_socket taken;
  auto port = taken.bind();
  auto before = open_descriptors();
  for (auto i = 0; i < 20; ++i)
    EXPECT_FALSE(tcp_connect({"127.0.0.1", port}, 1s));
  EXPECT_FALSE(tcp_listen("127.0.0.1", port));
  EXPECT_EQ(open_descriptors(), before);
}

TEST(tcp_gate, a_gate_that_is_closed_accepts_nobody) {
  dialing_node node;
  auto server = node.system().spawn(gateway, gateway_options{});
  auto port = open_gate(node.system(), server, "127.0.0.1", 0);
  ASSERT_TRUE(port) << describe(port.error());
  ASSERT_TRUE(tcp_connect({"127.0.0.1", *port}, 5s));
  close_gate(node.system(), server, *port);
  // The network thread closes it, in its own time.
  auto end = std::chrono::steady_clock::now() + patience;
  while (tcp_connect({"127.0.0.1", *port}, 5s))
    ASSERT_LT(std::chrono::steady_clock::now(), end);
  caf::anon_send_exit(server, caf::exit_reason::user_shutdown);
}

} // namespace
} // namespace agora::test
