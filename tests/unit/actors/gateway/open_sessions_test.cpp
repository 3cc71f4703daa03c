// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/gateway/open_sessions.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

caf::node_id node(uint32_t process) {
  caf::node_id::default_data::host_id_type host;
  host.fill(1);
  return caf::make_node_id(process, host);
}

TEST(open_sessions_test, sessions_with_one_node_share_a_connection) {
  open_sessions open;
  open.add(1, node(7));
  open.add(2, node(7));
  open.add(3, node(8));
  EXPECT_EQ(open.sessions(), 3u);
  EXPECT_EQ(open.connections(), 2u);
  EXPECT_TRUE(open.is_connected(node(8)));
  EXPECT_FALSE(open.is_connected(node(9)));
}

TEST(open_sessions_test, a_connection_lasts_as_long_as_a_session_over_it) {
  open_sessions open;
  open.add(1, node(7));
  open.add(2, node(7));
  open.remove(1);
  EXPECT_TRUE(open.is_connected(node(7)));
  open.remove(2);
  EXPECT_FALSE(open.is_connected(node(7)));
  EXPECT_EQ(open.connections(), 0u);
}

TEST(open_sessions_test, who_is_not_known_is_not_counted) {
  open_sessions open;
  open.add(1, node(7));
  open.remove(5);
  open.remove(1);
  open.remove(1);
  EXPECT_EQ(open.sessions(), 0u);
}

} // namespace
} // namespace agora
