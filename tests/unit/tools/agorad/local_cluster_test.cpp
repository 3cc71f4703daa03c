// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scratch_directory.hpp"
#include "tools/agorad/local_cluster.hpp"
#include "tools/agorad/work_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace agora {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;

TEST(local_cluster, has_a_master_and_agents_with_ports_of_their_own) {
  local_settings settings;
  settings.agents = 2;
  settings.resources = "cpus:4";
  auto parts = local_parts(settings, "/work", {{"127.0.0.1", 7050}});
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].name, "master");
  EXPECT_EQ(parts[0].log_file, "/work/master.log");
  EXPECT_THAT(parts[0].arguments,
              ElementsAre("master", "--listen", "127.0.0.1:7050", "--id", "1",
                          "--peers", "1=127.0.0.1:7050", "--bootstrap",
                          "--work-dir", "/work/master", "--log-level", "info",
                          "--end-with-parent"));
  EXPECT_THAT(parts[1].arguments, Contains("cpus:4;ports:[31000-31599]"));
  EXPECT_THAT(parts[2].arguments, Contains("cpus:4;ports:[31600-32199]"));
  EXPECT_THAT(parts[2].arguments, Contains("/work/agent-2"));
}

TEST(local_cluster, has_masters_of_which_one_founds) {
  local_settings settings;
  settings.agents = 1;
  settings.masters = 3;
  auto parts = local_parts(
    settings, "/work",
    {{"127.0.0.1", 7050}, {"127.0.0.1", 7051}, {"127.0.0.1", 7052}});
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].name, "master-1");
  EXPECT_EQ(parts[2].log_file, "/work/master-3.log");
  EXPECT_THAT(parts[0].arguments, Contains("--bootstrap"));
  for (size_t i = 0; i < 3; ++i)
    EXPECT_THAT(parts[i].arguments,
                IsSupersetOf({"--id", std::to_string(i + 1).c_str(),
                              "1=127.0.0.1:7050,2=127.0.0.1:7051,"
                              "3=127.0.0.1:7052"}));
  EXPECT_THAT(parts[1].arguments, Not(Contains("--bootstrap")));
  EXPECT_THAT(parts[3].arguments,
              Contains("127.0.0.1:7050,127.0.0.1:7051,127.0.0.1:7052"));
}

TEST(local_cluster, leaves_ports_to_who_names_them) {
  local_settings settings;
  settings.resources = "ports:[1-2]";
  auto parts = local_parts(settings, "/work", {{"127.0.0.1", 7050}});
  EXPECT_THAT(parts[1].arguments, Contains("ports:[1-2]"));
}

TEST(work_directory, is_held_by_one) {
  scratch_directory scratch;
  {
    auto first = directory_lock::take(scratch.path());
    ASSERT_TRUE(first);
    auto second = directory_lock::take(scratch.path());
    EXPECT_EQ(code_of(second.error()), errc::store_locked);
  }
  EXPECT_TRUE(directory_lock::take(scratch.path()));
}

TEST(work_directory, is_made_with_its_parents) {
  scratch_directory scratch;
  auto made = make_work_directory(scratch.file("a/b/../c"));
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, scratch.file("a/c"));
  std::ofstream{scratch.file("file")} << "x";
  auto refused = make_work_directory(scratch.file("file/below"));
  EXPECT_THAT(text_of(refused.error()),
              testing::HasSubstr(scratch.file("file/below")));
}

TEST(ports, that_nobody_chose_stay_the_same) {
  scratch_directory scratch;
  auto first = choose_port(scratch.path(), "127.0.0.1", 0);
  ASSERT_TRUE(first) << text_of(first.error());
  EXPECT_EQ(choose_port(scratch.path(), "127.0.0.1", 0), *first);
}

} // namespace
} // namespace agora
