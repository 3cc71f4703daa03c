// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/dominant_share.hpp"
#include "runtime/resources/resources_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace agora {
namespace {

dominant_share_result share_of(std::string_view part, std::string_view whole) {
  return dominant_share(*parse_resources(part), *parse_resources(whole));
}

// The example of the paper: 9 cpus, 18 GB; user A's tasks take 1 cpu and 4 GB,
// user B's 3 cpus and 1 GB; three tasks of A balance two of B.
TEST(DominantShare, FollowsThePaper) {
  auto a = share_of("cpus:3;mem:12", "cpus:9;mem:18");
  auto b = share_of("cpus:6;mem:2", "cpus:9;mem:18");
  EXPECT_EQ(a.name, "mem");
  EXPECT_EQ(b.name, "cpus");
  EXPECT_EQ(a.share, b.share);
}

TEST(DominantShare, CountsCustomScalarsButNotPorts) {
  auto share
    = share_of("cpus:1;gpus:1;ports:[1-9]", "cpus:100;gpus:2;ports:[1-10]");
  EXPECT_EQ(share.name, "gpus");
  EXPECT_EQ(share.share, resource_share(1, 2));
}

TEST(DominantShare, WhatDoesNotExistDoesNotCount) {
  EXPECT_EQ(share_of("gpus:1;cpus:1", "cpus:4").name, "cpus");
  EXPECT_EQ(share_of("", "cpus:4").name, "");
  EXPECT_EQ(share_of("cpus:1", "").share, resource_share{});
}

TEST(DominantShare, ComparesExactlyWhereDoublesCannot) {
  auto most = std::numeric_limits<int64_t>::max();
  EXPECT_LT(resource_share(most - 2, most - 1), resource_share(most - 1, most));
  EXPECT_EQ(resource_share(most - 2, most - 1).to_double(),
            resource_share(most - 1, most).to_double());
}

TEST(DominantShare, WeightDividesAndSaturates) {
  resource_share half{1, 2};
  EXPECT_EQ(half.weighted(1000), uint64_t{1} << 39);
  EXPECT_EQ(half.weighted(2000), uint64_t{1} << 38);
  EXPECT_EQ(resource_share(1, 3).weighted(1),
            resource_share(1000, 3).weighted(1000));
  auto most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(resource_share(most, 1).weighted(1),
            std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(resource_share(0, most).weighted(1), 0u);
  EXPECT_EQ(
    resource_share(most, most).weighted(resource_share::weight_milli_limit),
    (uint64_t{1} << 40) / 1'000'000);
}

} // namespace
} // namespace agora
