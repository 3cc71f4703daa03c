// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/tool_reads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace agora {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

session::ToolRequest request_of(uint64_t id) {
  session::ToolRequest request;
  request.set_id(id);
  request.mutable_get_status();
  return request;
}

std::vector<uint64_t> ids_of(const std::vector<tool_reads::read>& reads) {
  std::vector<uint64_t> all;
  for (auto& one : reads)
    all.push_back(one.request.id());
  return all;
}

TEST(tool_reads, one_barrier_covers_what_came_before_it) {
  tool_reads reads;
  EXPECT_FALSE(reads.begin_barrier()) << "nobody waits";
  EXPECT_FALSE(reads.add(1, request_of(1)));
  EXPECT_FALSE(reads.add(2, request_of(2)));
  EXPECT_TRUE(reads.begin_barrier());
  EXPECT_FALSE(reads.add(1, request_of(3)));
  EXPECT_FALSE(reads.begin_barrier()) << "one is under way";
  EXPECT_THAT(ids_of(reads.end_barrier()), ElementsAre(1, 2));
  EXPECT_TRUE(reads.begin_barrier());
  EXPECT_THAT(ids_of(reads.end_barrier()), ElementsAre(3));
  EXPECT_FALSE(reads.begin_barrier());
}

TEST(tool_reads, is_bounded_in_number_and_bytes) {
  tool_reads few{{2, 1'000}};
  EXPECT_FALSE(few.add(1, request_of(1)));
  EXPECT_TRUE(few.begin_barrier());
  EXPECT_FALSE(few.add(1, request_of(2)));
  EXPECT_EQ(code_of(few.add(1, request_of(3))), errc::limit_reached);
  few.end_barrier();
  EXPECT_FALSE(few.add(1, request_of(3)));
  auto bytes = request_of(1).ByteSizeLong();
  tool_reads small{{100, 2 * bytes}};
  EXPECT_FALSE(small.add(1, request_of(1)));
  EXPECT_FALSE(small.add(2, request_of(2)));
  EXPECT_EQ(code_of(small.add(3, request_of(3))), errc::limit_reached);
  small.forget(2);
  EXPECT_FALSE(small.add(3, request_of(3)));
}

TEST(tool_reads, forgets_a_session_also_of_the_barrier_under_way) {
  tool_reads reads;
  EXPECT_FALSE(reads.add(1, request_of(1)));
  EXPECT_FALSE(reads.add(2, request_of(2)));
  EXPECT_TRUE(reads.begin_barrier());
  EXPECT_FALSE(reads.add(1, request_of(3)));
  reads.forget(1);
  EXPECT_THAT(ids_of(reads.end_barrier()), ElementsAre(2));
  EXPECT_THAT(reads.size(), 0u);
}

TEST(tool_requests, are_told_apart) {
  EXPECT_EQ(class_of(request_of(1)), tool_request_class::read);
  session::ToolRequest request;
  EXPECT_EQ(class_of(request), tool_request_class::change)
    << "what nobody knows is answered at once";
  request.mutable_explain_framework();
  EXPECT_EQ(class_of(request), tool_request_class::read);
  request.mutable_mark_agent_gone();
  EXPECT_EQ(class_of(request), tool_request_class::change);
  request.mutable_get_masters();
  EXPECT_EQ(class_of(request), tool_request_class::members);
  request.mutable_change_masters();
  EXPECT_EQ(class_of(request), tool_request_class::change_members);
}

} // namespace
} // namespace agora
