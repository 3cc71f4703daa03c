// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/gateway/admission_policy.hpp"
#include "runtime/messaging/session_frame.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

class admission_policy_test : public ::testing::Test {
protected:
  admission_policy_test() {
    policy_.cluster_id = "c1";
    policy_.software = "agorad 1";
    policy_.kinds = {session::AGENT, session::TOOL};
    policy_.sessions_limit = 3;
    policy_.connections_limit = 2;
    request_.set_protocol_version(session_protocol_version);
    request_.set_kind(session::AGENT);
    request_.set_cluster_id("c1");
    request_.set_software("agorad 2");
  }

  status judged(const admission_load& load = {}) const {
    return policy_.judge(request_, load);
  }

  admission_policy policy_;
  session::OpenSession request_;
};

TEST_F(admission_policy_test, lets_a_peer_of_its_cluster_in) {
  EXPECT_FALSE(judged());
}

TEST_F(admission_policy_test, refuses_another_version_and_names_both) {
  request_.set_protocol_version(session_protocol_version + 1);
  auto refused = judged();
  EXPECT_EQ(code_of(refused), errc::version_mismatch);
  EXPECT_EQ(text_of(refused), "this node (agorad 1) speaks protocol version 1, "
                              "the peer (agorad 2) version 2");
}

TEST_F(admission_policy_test, refuses_who_says_no_version) {
  request_.clear_protocol_version();
  EXPECT_EQ(code_of(judged()), errc::version_mismatch);
}

TEST_F(admission_policy_test, refuses_a_kind_that_is_not_served) {
  request_.set_kind(session::EXECUTOR);
  auto refused = judged();
  EXPECT_EQ(code_of(refused), errc::invalid_argument);
  EXPECT_EQ(text_of(refused),
            "sessions of kind EXECUTOR are not served by this "
            "node; is the address right?");
}

TEST_F(admission_policy_test, refuses_a_kind_of_a_newer_program) {
  session::OpenSession newer;
  // Field 2 with the number 99, which no PeerKind has yet.
  ASSERT_TRUE(newer.ParseFromString("\x08\x01\x10\x63"));
  EXPECT_EQ(code_of(policy_.judge(newer, {})), errc::invalid_argument);
}

TEST_F(admission_policy_test, refuses_a_peer_of_another_cluster) {
  request_.set_cluster_id("c2");
  auto refused = judged();
  EXPECT_EQ(code_of(refused), errc::wrong_cluster);
  EXPECT_EQ(text_of(refused),
            "this node belongs to cluster c1, the peer to cluster c2");
}

TEST_F(admission_policy_test, who_belongs_to_no_cluster_may_come) {
  request_.clear_cluster_id();
  EXPECT_FALSE(judged());
}

TEST_F(admission_policy_test, a_node_of_no_cluster_takes_all) {
  policy_.cluster_id.clear();
  EXPECT_FALSE(judged());
}

TEST_F(admission_policy_test, refuses_one_more_than_its_limit) {
  EXPECT_FALSE(judged({2, 1, false}));
  auto refused = judged({3, 1, true});
  EXPECT_EQ(code_of(refused), errc::limit_reached);
  EXPECT_EQ(text_of(refused), "this node has 3 sessions, which is its limit");
}

TEST_F(admission_policy_test, refuses_one_node_more_than_its_limit) {
  EXPECT_FALSE(judged({2, 1, false}));
  auto refused = judged({2, 2, false});
  EXPECT_EQ(code_of(refused), errc::limit_reached);
  EXPECT_EQ(text_of(refused), "this node is connected with 2 nodes that have "
                              "sessions, which is its limit");
}

TEST_F(admission_policy_test, a_node_that_is_connected_costs_no_connection) {
  EXPECT_FALSE(judged({2, 2, true}));
}

TEST_F(admission_policy_test, refuses_texts_that_fill_logs) {
  request_.set_software(std::string(introduction_text_bytes, 's'));
  EXPECT_FALSE(judged());
  request_.set_software(std::string(introduction_text_bytes + 1, 's'));
  EXPECT_EQ(code_of(judged()), errc::too_large);
  request_.set_software("agorad 2");
  request_.set_cluster_id(std::string(introduction_text_bytes + 1, 'c'));
  EXPECT_EQ(code_of(judged()), errc::too_large);
}

} // namespace
} // namespace agora
