// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/human.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;

TEST(human, durations_have_two_units) {
  EXPECT_EQ(human_duration(0s), "0s");
  EXPECT_EQ(human_duration(-5s), "0s");
  EXPECT_EQ(human_duration(59s), "59s");
  EXPECT_EQ(human_duration(60s), "1m");
  EXPECT_EQ(human_duration(185s), "3m 5s");
  EXPECT_EQ(human_duration(2h + 10min + 9s), "2h 10m");
  EXPECT_EQ(human_duration(99h), "4d 3h");
}

TEST(human, ages_and_times_of_nothing_are_a_dash) {
  EXPECT_EQ(human_age(0, 5), "-");
  EXPECT_EQ(human_age(1'000'000'000, 13'000'000'000), "12s");
  EXPECT_EQ(human_time(0), "-");
  EXPECT_EQ(human_time(1'000'000'000), "1970-01-01 00:00:01Z");
}

TEST(human, sizes_have_their_unit) {
  EXPECT_EQ(human_mib(0), "0 MiB");
  EXPECT_EQ(human_mib(512), "512 MiB");
  EXPECT_EQ(human_mib(1024), "1 GiB");
  EXPECT_EQ(human_mib(1536), "1.5 GiB");
  EXPECT_EQ(human_mib(3.0 * 1024 * 1024), "3 TiB");
}

TEST(human, numbers_have_no_zeros_at_the_end) {
  EXPECT_EQ(human_number(2), "2");
  EXPECT_EQ(human_number(0.5), "0.5");
  EXPECT_EQ(human_number(0.1 + 0.2), "0.3");
  EXPECT_EQ(human_number(100), "100");
  EXPECT_EQ(human_number(-0.00001), "0");
}

TEST(human, resources_of_every_kind) {
  resource_list list;
  auto* mem = list.Add();
  mem->set_name("mem");
  mem->set_type(v1::Value::SCALAR);
  mem->mutable_scalar()->set_value(2048);
  auto* ports = list.Add();
  ports->set_name("ports");
  ports->set_type(v1::Value::RANGES);
  for (auto [begin, end] : {std::pair{1, 3}, std::pair{7, 7}}) {
    auto* range = ports->mutable_ranges()->add_range();
    range->set_begin(static_cast<uint64_t>(begin));
    range->set_end(static_cast<uint64_t>(end));
  }
  auto* zones = list.Add();
  zones->set_name("zones");
  zones->set_type(v1::Value::SET);
  zones->mutable_set()->add_item("a");
  zones->mutable_set()->add_item("b");
  EXPECT_EQ(human_resources(list), "mem 2 GiB, ports 1-3+7, zones a+b");
  EXPECT_EQ(scalar_of(list, "mem"), 2048);
  EXPECT_EQ(scalar_of(list, "cpus"), 0);
  EXPECT_EQ(human_resources({}), "-");
}

} // namespace
} // namespace agora
