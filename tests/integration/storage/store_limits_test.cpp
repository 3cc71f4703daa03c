// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// What other processes, users and disks do to a store.
#include "storage/store/rocksdb_store.hpp"
#include "tests/integration/storage/store_command.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <sstream>
#include <string>

namespace agora {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class StoreLimits : public testing::Test {
protected:
  scratch_directory scratch_;
  std::string path_ = scratch_.file("data");
};

TEST_F(StoreLimits, ASecondProcessIsRefused) {
  auto held = open_rocksdb_store(path_);
  ASSERT_TRUE(held) << describe(held.error());
  auto other = run_store_command("count " + path_);
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.output, StartsWith("store_locked"));
  EXPECT_THAT(other.output, HasSubstr(path_));
  held->reset();
  EXPECT_EQ(run_store_command("count " + path_).output, "counted 0\n");
}

TEST_F(StoreLimits, ADirectoryThatMayNotBeWrittenIsNamed) {
  // The scratch directory is closed to other users.
  auto refused = run_store_command("count-unprivileged " + path_);
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs root, to become a user without rights";
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.output, StartsWith("permission_denied"));
  EXPECT_THAT(refused.output, HasSubstr(path_));
}

TEST_F(StoreLimits, AMissingParentIsNamed) {
  auto refused = run_store_command("count " + scratch_.file("no/data"));
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.output, StartsWith("not_found"));
  EXPECT_THAT(refused.output, HasSubstr(scratch_.file("no/data")));
}

TEST_F(StoreLimits, KilledInTheMiddleOfWritesItKeepsWhatItReported) {
  for (int enough : {1, 100, 1000, 5000, 20000}) {
    auto path = scratch_.file("burst-" + std::to_string(enough));
    auto ran
      = run_store_command("burst " + path + " " + std::to_string(enough));
    ASSERT_EQ(ran.status, 128 + SIGKILL) << ran.output;
    auto counted = run_store_command("count " + path);
    ASSERT_THAT(counted.output, StartsWith("counted "));
    EXPECT_GE(std::stoull(counted.output.substr(8)), std::stoull(ran.output));
  }
}

/// Commands that run on a small disk of their own.
std::string on_small_disk(const std::string& mount_point,
                          const std::string& commands) {
  return "unshare -m sh -c 'mount -t tmpfs -o size=6m tmpfs " + mount_point
         + " && " + commands + "'";
}

TEST_F(StoreLimits, AFullDiskEndsTheStoreAndLosesNothing) {
  if (run_shell(on_small_disk(scratch_.path(), "true")).status != 0)
    GTEST_SKIP() << "needs root, to mount a small disk (unshare -m, tmpfs)";
  auto command = std::string{AGORA_STORE_PROCESS};
  auto ran = run_shell(on_small_disk(
    scratch_.path(), command + " fill " + path_ + "; " + command + " count "
                       + path_ + "; mount -o remount,size=64m "
                       + scratch_.path() + "; " + command + " count " + path_));
  std::istringstream lines{ran.output};
  std::string filled, while_full, after;
  std::getline(lines, filled);
  std::getline(lines, while_full);
  std::getline(lines, after);
  // What fails is told apart from other failures, and names the path.
  EXPECT_THAT(filled, HasSubstr("store_full"));
  EXPECT_THAT(filled, HasSubstr(path_));
  auto persisted = std::stoull(filled);
  EXPECT_GT(persisted, 100U);
  // A start on the full disk may work or not; if not, it says why.
  if (!while_full.starts_with("counted")) {
    EXPECT_THAT(while_full, HasSubstr("store_full"));
    EXPECT_THAT(while_full, HasSubstr(path_));
  }
  // With room again, everything that was reported is there.
  ASSERT_THAT(after, StartsWith("counted ")) << ran.output;
  EXPECT_GE(std::stoull(after.substr(8)), persisted);
}

TEST_F(StoreLimits, AFullDiskIsReportedToWhoListensLater) {
  if (run_shell(on_small_disk(scratch_.path(), "true")).status != 0)
    GTEST_SKIP() << "needs root, to mount a small disk (unshare -m, tmpfs)";
  auto ran
    = run_shell(on_small_disk(scratch_.path(), std::string{AGORA_STORE_PROCESS}
                                                 + " fill-first " + path_));
  EXPECT_EQ(ran.status, 3) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("store_full"));
  EXPECT_THAT(ran.output, HasSubstr(path_));
}

} // namespace
} // namespace agora
