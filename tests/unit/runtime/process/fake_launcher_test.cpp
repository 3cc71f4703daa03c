// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_launcher.hpp"

#include <gtest/gtest.h>

namespace agora::test {
namespace {

launch_spec spec_of(std::string key) {
  launch_spec spec;
  spec.task_key = std::move(key);
  spec.run_directory = "/run";
  spec.sandbox = "/sandbox";
  spec.command = "true";
  return spec;
}

TEST(FakeLauncherTest, RemembersRequestsAndTellsWhatTheTestWants) {
  std::vector<process_event> told;
  fake_launcher fake{[&](process_event event) {
    told.push_back(std::move(event));
  }};
  ASSERT_FALSE(fake.launch(spec_of("a")));
  ASSERT_FALSE(fake.reattach("b", "/run"));
  EXPECT_TRUE(told.empty());
  fake.start("b");
  fake.fail_start("a");
  fake.exit("b", exit_status::make_exited(3));
  ASSERT_EQ(told.size(), 3u);
  EXPECT_TRUE(std::get<process_started>(told[0]).reattached);
  EXPECT_EQ(key_of(told[1]), "a");
  EXPECT_EQ(std::get<process_exited>(told[2]).status.code, 3);
  EXPECT_EQ(fake.launch_of("a")->command, "true");
  EXPECT_EQ(fake.launch_of("b"), nullptr);
}

TEST(FakeLauncherTest, RefusesLikeARealOne) {
  fake_launcher fake{[](process_event) {
    // nop
  }};
  EXPECT_EQ(fake.launch(spec_of("")), errc::invalid_argument);
  ASSERT_FALSE(fake.launch(spec_of("a")));
  EXPECT_EQ(fake.launch(spec_of("a")), errc::already_exists);
  EXPECT_EQ(fake.signal("b", kill_mode::kill), errc::not_found);
  fake.forget("a"); // still runs
  EXPECT_TRUE(fake.forgotten.empty());
  fake.fail_start("a");
  fake.forget("a");
  EXPECT_EQ(fake.forgotten.size(), 1u);
  fake.refuse_next(fail(errc::limit_reached, "full"));
  EXPECT_EQ(fake.launch(spec_of("a")), errc::limit_reached);
  EXPECT_FALSE(fake.launch(spec_of("a")));
}

TEST(FakeLauncherDeathTest, HoldsTheTestToTheContract) {
  fake_launcher fake{[](process_event) {
    // nop
  }};
  ASSERT_FALSE(fake.launch(spec_of("a")));
  fake.exit("a", exit_status::make_exited(0));
  EXPECT_DEATH(fake.start("a"), "");
}

} // namespace
} // namespace agora::test
