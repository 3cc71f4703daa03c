// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/command_line.hpp"
#include "runtime/node/node_program.hpp"
#include "tests/support/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

child_process run_sample(const std::string& mode,
                         const std::string& shutdown_ms = "4500") {
  return child_process{{AGORA_NODE_SAMPLE, mode, shutdown_ms}};
}

TEST(node_program, ends_in_order_at_each_signal) {
  for (auto signal : {SIGINT, SIGTERM}) {
    auto node = run_sample("idle");
    ASSERT_TRUE(node.wait_for_output("up\n")) << node.err();
    node.signal(signal);
    EXPECT_EQ(node.wait(), 0) << node.err();
    EXPECT_THAT(node.err(), HasSubstr("info shutting down signal="));
  }
}

TEST(node_program, ends_in_time_under_load) {
  auto node = run_sample("busy");
  ASSERT_TRUE(node.wait_for_output("up\n")) << node.err();
  node.signal(SIGTERM);
  EXPECT_EQ(node.wait(5s), 0) << node.err();
}

TEST(node_program, is_cut_short_if_something_hangs) {
  auto node = run_sample("stuck", "500");
  ASSERT_TRUE(node.wait_for_output("up\n")) << node.err();
  node.signal(SIGTERM);
  EXPECT_EQ(node.wait(5s), exit_shutdown_overdue);
  EXPECT_THAT(node.err(), HasSubstr("error shutdown overdue"));
}

TEST(node_program, is_cut_short_by_a_second_signal) {
  auto node = run_sample("stuck", "60000");
  ASSERT_TRUE(node.wait_for_output("up\n")) << node.err();
  node.signal(SIGINT);
  ASSERT_TRUE(node.wait_for_output("shutting down")) << node.err();
  auto code = -1;
  for (int i = 0; i < 100 && code == -1; ++i) {
    node.signal(SIGINT);
    code = node.wait(100ms);
  }
  EXPECT_EQ(code, exit_shutdown_overdue);
  EXPECT_THAT(node.err(), HasSubstr("second signal"));
}

TEST(node_program, takes_a_signal_that_comes_twice_at_once_for_one) {
  auto node = run_sample("busy");
  ASSERT_TRUE(node.wait_for_output("up\n")) << node.err();
  node.signal(SIGTERM);
  ASSERT_TRUE(node.wait_for_output("shutting down")) << node.err();
  node.signal(SIGTERM);
  EXPECT_EQ(node.wait(5s), 0) << node.err();
}

TEST(node_program, ends_with_the_code_of_the_first_stop) {
  auto node = run_sample("stop");
  EXPECT_EQ(node.wait(), 7) << node.err();
}

TEST(node_program, ends_if_a_part_fails) {
  auto node = run_sample("fail");
  EXPECT_EQ(node.wait(), exit_failed);
  EXPECT_THAT(node.err(), HasSubstr("fsync /data: no such device"));
}

TEST(node_program, may_answer_signals_itself) {
  auto node = run_sample("patient");
  ASSERT_TRUE(node.wait_for_output("up\n")) << node.err();
  node.signal(SIGINT);
  EXPECT_EQ(node.wait(), 100 + SIGINT) << node.err();
}

TEST(node_program, says_why_it_cannot_start) {
  auto refused = run_sample("refuse");
  EXPECT_EQ(refused.wait(), exit_failed);
  EXPECT_THAT(refused.err(), HasSubstr("/data is in use by another process"));
  auto misconfigured = run_sample("misconfigured");
  EXPECT_EQ(misconfigured.wait(), exit_usage);
  EXPECT_THAT(misconfigured.err(), HasSubstr("listen: is missing"));
}

TEST(listening, is_for_loopback_unless_asked_otherwise) {
  for (auto host : {"127.0.0.1", "127.8.9.1", "::1", "localhost"})
    EXPECT_FALSE(check_listen_host(host, false)) << host;
  for (auto host : {"0.0.0.0", "10.0.0.1", "::", "128.0.0.1", "example"}) {
    EXPECT_EQ(code_of(check_listen_host(host, false)), errc::invalid_config);
    EXPECT_FALSE(check_listen_host(host, true)) << host;
  }
}

} // namespace
} // namespace agora
