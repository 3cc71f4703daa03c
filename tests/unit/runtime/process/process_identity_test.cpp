// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/process_identity.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <spawn.h>
#include <unistd.h>

namespace agora {
namespace {

TEST(ProcessStatTest, ReadsALine) {
  process_stat found;
  ASSERT_TRUE(parse_process_stat(
    "71 (cat) R 60 71 50 34816 71 4194304 98 0 0 0 0 0 0 0 20 0 1 0 4711 2 9",
    found));
  EXPECT_EQ(found.pid, 71);
  EXPECT_EQ(found.state, 'R');
  EXPECT_EQ(found.parent, 60);
  EXPECT_EQ(found.group, 71);
  EXPECT_EQ(found.session, 50);
  EXPECT_EQ(found.start_ticks, 4711u);
}

TEST(ProcessStatTest, NameMayLookLikeTheRestOfTheLine) {
  process_stat found;
  ASSERT_TRUE(parse_process_stat(
    "71 (a) R 1 2 3 ) S 60 71 50 -1 -1 0 0 0 0 0 0 0 0 0 20 -5 1 0 4711 0",
    found));
  EXPECT_EQ(found.state, 'S');
  EXPECT_EQ(found.parent, 60);
  EXPECT_EQ(found.start_ticks, 4711u);
}

TEST(ProcessStatTest, AnyOtherTextIsRefused) {
  process_stat found;
  for (auto text : {"", "71", "71 ", "71 (", "71 (cat)", "71 (cat) R",
                    "x (cat) R 60 71 50", "71 (cat) R 60 71 50 1",
                    "71 (cat) R 60 x 50 0 0 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 2"})
    EXPECT_FALSE(parse_process_stat(text, found)) << text;
}

TEST(ProcessIdentityTest, ThisProcessIsAliveInThisBootOnly) {
  auto boot = read_boot_id();
  ASSERT_TRUE(boot);
  EXPECT_EQ(boot->size(), 36u);
  auto self = identify_process(::getpid(), *boot);
  ASSERT_TRUE(self);
  EXPECT_TRUE(is_alive(*self, *boot));
  EXPECT_FALSE(is_alive(*self, "another-boot"));
  auto other = *self;
  ++other.start_ticks;
  EXPECT_FALSE(is_alive(other, *boot));
  EXPECT_FALSE(is_alive({}, ""));
}

TEST(ProcessIdentityTest, ZombieIsNotAlive) {
  auto boot = read_boot_id();
  ASSERT_TRUE(boot);
  pid_t pid = 0;
  char name[] = "true";
  char* arguments[] = {name, nullptr};
  ASSERT_EQ(posix_spawnp(&pid, name, nullptr, nullptr, arguments, nullptr), 0);
  siginfo_t ended;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT),
            0);
  auto child = identify_process(pid, *boot);
  ASSERT_TRUE(child);
  EXPECT_FALSE(is_alive(*child, *boot));
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ(code_of(identify_process(pid, *boot).error()), errc::not_found);
}

} // namespace
} // namespace agora
