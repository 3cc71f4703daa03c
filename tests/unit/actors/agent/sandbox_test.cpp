// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/command_files.hpp"
#include "actors/agent/containerizer/process_limits.hpp"
#include "actors/agent/containerizer/process_spec.hpp"
#include "actors/agent/containerizer/sandbox_files.hpp"
#include "actors/agent/containerizer/sandbox_gc_policy.hpp"
#include "actors/agent/containerizer/sandbox_layout.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <unistd.h>
#include <utility>

namespace agora {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

v1::CommandInfo command_with(const std::string& uri) {
  v1::CommandInfo command;
  command.add_uris()->set_value(uri);
  return command;
}

TEST(SandboxLayoutTest, IdsBecomeNamesThatLeadNowhereElse) {
  EXPECT_EQ(path_element("web-1.2_x"), "web-1.2_x");
  EXPECT_EQ(path_element(".."), "%2E.");
  EXPECT_EQ(path_element("a/b"), "a%2Fb");
  EXPECT_EQ(path_element(""), "%");
  auto a = path_element(std::string(5000, 'x') + "a");
  auto b = path_element(std::string(5000, 'x') + "b");
  EXPECT_LE(a.size(), path_element_bytes);
  EXPECT_NE(a, b);
}

TEST(SandboxGcTest, AgeShrinksAsTheDiskFills) {
  sandbox_gc_settings settings;
  settings.age = 1000s;
  EXPECT_EQ(sandbox_age_limit(settings, 0.0), 900s);
  EXPECT_EQ(sandbox_age_limit(settings, 0.4), 500s);
  EXPECT_EQ(sandbox_age_limit(settings, 0.95), 0s);
}

TEST(SandboxGcTest, OldOnesGoUnlessInUse) {
  sandbox_gc_settings settings;
  settings.age = 1000s;
  settings.disk_headroom = 0;
  wall_time now{std::chrono::seconds{10'000}};
  sandbox_inventory inventory;
  inventory.disk_used = 0.5;
  inventory.sandboxes = {
    {"/old", now - 500s}, {"/old-in-use", now - 900s}, {"/young", now - 499s}};
  auto garbage = sandboxes_to_remove(inventory, {"/old-in-use"}, settings, now);
  EXPECT_EQ(garbage, std::vector<fs::path>{"/old"});
}

TEST(CommandFilesTest, PlansCopiesAndArchives) {
  auto command = command_with("/data/a.tar.gz");
  command.add_uris()->set_value("file:///data/run.sh");
  command.mutable_uris(1)->set_executable(true);
  command.add_uris()->set_value("/data/b.zip");
  command.mutable_uris(2)->set_extract(false);
  command.mutable_uris(2)->set_output_file("deep/it's.zip");
  auto plan = plan_command_files(command);
  ASSERT_TRUE(plan) << describe(plan.error());
  ASSERT_EQ(plan->copies.size(), 3u);
  EXPECT_EQ(plan->copies[0].to, "a.tar.gz");
  EXPECT_TRUE(plan->copies[1].executable);
  EXPECT_EQ(plan->copies[2].to, "deep/it's.zip");
  EXPECT_EQ(plan->unpack_commands,
            std::vector<std::string>{
              "tar --extract --no-same-owner --file='./a.tar.gz'"});
}

TEST(CommandFilesTest, RefusesWhatIsNotHereOrLeadsElsewhere) {
  for (auto uri : {"http://host/x", "relative", "", "/"})
    EXPECT_EQ(code_of(plan_command_files(command_with(uri)).error()),
              errc::invalid_argument)
      << uri;
  for (auto output : {"../x", "/abs", "a/../../b", "stdout", "dir/"}) {
    auto command = command_with("/data/x");
    command.mutable_uris(0)->set_output_file(output);
    EXPECT_EQ(code_of(plan_command_files(command).error()),
              errc::invalid_argument)
      << output;
  }
}

TEST(ProcessSpecTest, CommandsOwnVariablesComeLast) {
  container_start start;
  start.container = container_id{"c"};
  start.user = "bob";
  start.environment = {{"A", "agent"}};
  auto variable = start.command.mutable_environment()->add_variables();
  variable->set_name("A");
  variable->set_value("task");
  auto spec = process_spec(start, "/run", "root");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->user, "bob");
  EXPECT_EQ(spec->environment.front().first, "PATH");
  EXPECT_EQ(spec->environment.back().second, "task");
  EXPECT_EQ(process_spec(start, "/run", "bob")->user, "");
  EXPECT_EQ(unpacked_container(unpack_key(start.container)), start.container);
  EXPECT_TRUE(unpacked_container("c").empty());
}

class SandboxFilesTest : public ::testing::Test {
protected:
  sandbox_prepare preparation(v1::CommandInfo command) {
    return {container_id{"c"}, sandbox_, "", std::move(command)};
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(scratch_.file(name)) << text;
  }

  scratch_directory scratch_;
  fs::path sandbox_ = fs::path{scratch_.path()} / "w/a/f/t/c";
  std::unique_ptr<sandbox_files> files_ = make_posix_sandbox_files();
};

/// Archives of every kind, unpacked by the very commands that a task's unpacker
/// runs.
class ArchiveTest : public SandboxFilesTest {
protected:
  /// Runs a shell command in the scratch directory. @returns its exit status.
  int shell(const std::string& command, const fs::path& where) {
    auto line
      = "cd '" + where.string() + "' && { " + command + "; } >/dev/null 2>&1";
    return std::system(line.c_str());
  }

  int shell(const std::string& command) {
    return shell(command, scratch_.path());
  }

  /// Copies the archive into the sandbox and unpacks it.
  /// @returns the unpacker's exit status.
  int unpack(const std::string& archive) {
    auto prepared
      = files_->prepare(preparation(command_with(scratch_.file(archive))));
    EXPECT_TRUE(prepared);
    if (!prepared || prepared->unpack_commands.size() != 1)
      return -1;
    return shell(prepared->unpack_commands[0], sandbox_);
  }

  std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

class ArchiveKindTest
  : public ArchiveTest,
    public ::testing::WithParamInterface<std::pair<const char*, const char*>> {
};

TEST_P(ArchiveKindTest, IsUnpackedBesideItself) {
  auto [name, pack] = GetParam();
  fs::create_directories(scratch_.file("dir"));
  write("dir/x", "content");
  if (shell(pack) != 0)
    GTEST_SKIP() << "this machine cannot make " << name;
  EXPECT_EQ(unpack(name), 0);
  EXPECT_EQ(content(sandbox_ / "dir/x"), "content");
  EXPECT_TRUE(fs::exists(sandbox_ / name)) << "the archive itself stays";
}

INSTANTIATE_TEST_SUITE_P(
  All, ArchiveKindTest,
  ::testing::Values(std::pair{"a.tar", "tar cf a.tar dir"},
                    std::pair{"a.tar.gz", "tar czf a.tar.gz dir"},
                    std::pair{"a.tgz", "tar czf a.tgz dir"},
                    std::pair{"a.tar.bz2", "tar cjf a.tar.bz2 dir"},
                    std::pair{"a.tbz2", "tar cjf a.tbz2 dir"},
                    std::pair{"a.tar.xz", "tar cJf a.tar.xz dir"},
                    std::pair{"a.txz", "tar cJf a.txz dir"},
                    std::pair{"it's a.zip", "zip -qr \"it's a.zip\" dir"}));

TEST_F(ArchiveTest, GzippedFileIsUnpacked) {
  write("x", "content");
  ASSERT_EQ(shell("gzip x"), 0);
  EXPECT_EQ(unpack("x.gz"), 0);
  EXPECT_EQ(content(sandbox_ / "x"), "content");
}

TEST_F(ArchiveTest, BrokenOneIsAnError) {
  for (auto name :
       {"a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.gz", "a.zip"}) {
    write(name, "this is no archive");
    EXPECT_NE(unpack(name), 0) << name;
    fs::remove_all(sandbox_);
  }
}

TEST_F(ArchiveTest, NothingIsUnpackedOutside) {
  write("evil", "x");
  fs::create_directories(scratch_.file("in"));
  auto up = sandbox_.parent_path() / "evil";
  ASSERT_EQ(shell("tar -P -cf ../up.tar ../evil", scratch_.file("in")), 0);
  EXPECT_NE(unpack("up.tar"), 0) << "a name that leads out is an error";
  EXPECT_FALSE(fs::exists(up));
  // A link that leads out, and then a file through it.
  fs::create_directories(scratch_.file("outside"));
  ASSERT_EQ(shell("mkdir a && ln -s '" + scratch_.file("outside")
                  + "' a/l && tar cf l.tar a/l && rm a/l && mkdir a/l "
                    "&& cp evil a/l/evil && tar rf l.tar a/l/evil"),
            0);
  EXPECT_NE(unpack("l.tar"), 0);
  EXPECT_FALSE(fs::exists(scratch_.file("outside/evil")));
}

TEST_F(ArchiveTest, ExecutableOneIsLeftAlone) {
  write("run.tgz", "x");
  auto command = command_with(scratch_.file("run.tgz"));
  command.mutable_uris(0)->set_executable(true);
  command.mutable_uris(0)->set_cache(true);
  auto prepared = files_->prepare(preparation(command));
  ASSERT_TRUE(prepared);
  EXPECT_TRUE(prepared->unpack_commands.empty());
  EXPECT_EQ(::access((sandbox_ / "run.tgz").c_str(), X_OK), 0);
}

TEST_F(ArchiveTest, NameInTheSandboxSaysWhatItIs) {
  write("plain", "content");
  ASSERT_EQ(shell("tar cf data plain"), 0);
  auto command = command_with(scratch_.file("data"));
  command.mutable_uris(0)->set_output_file("deep/data.tar");
  auto prepared = files_->prepare(preparation(command));
  ASSERT_TRUE(prepared);
  ASSERT_EQ(prepared->unpack_commands.size(), 1u);
  EXPECT_EQ(shell(prepared->unpack_commands[0], sandbox_), 0);
  EXPECT_EQ(content(sandbox_ / "plain"), "content");
}

v1::RLimitInfo limits_with(v1::RLimitInfo::RLimit::Type type,
                           std::optional<uint64_t> soft,
                           std::optional<uint64_t> hard) {
  v1::RLimitInfo limits;
  auto one = limits.add_rlimits();
  one->set_type(type);
  if (soft)
    one->set_soft(*soft);
  if (hard)
    one->set_hard(*hard);
  return limits;
}

TEST(ProcessLimitsTest, EveryTypeOfTheSchemaIsKnown) {
  using limit = v1::RLimitInfo::RLimit;
  std::set<int> resources;
  for (int type = limit::RLMT_AS; type <= limit::Type_MAX; ++type) {
    auto limits
      = process_limits_of(limits_with(static_cast<limit::Type>(type), 1, 2));
    ASSERT_TRUE(limits) << type;
    ASSERT_EQ(limits->size(), 1u);
    EXPECT_TRUE(resources.insert(limits->front().resource).second) << type;
  }
  EXPECT_LE(resources.size(), max_process_limits);
}

TEST(ProcessLimitsTest, NeitherValueMeansNoLimit) {
  auto limits
    = process_limits_of(limits_with(v1::RLimitInfo::RLimit::RLMT_CORE, {}, {}));
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->front().soft, RLIM_INFINITY);
  EXPECT_EQ(limits->front().hard, RLIM_INFINITY);
}

TEST(ProcessLimitsTest, SaysWhatMakesNoSense) {
  using limit = v1::RLimitInfo::RLimit;
  auto twice = limits_with(limit::RLMT_CPU, 1, 2);
  *twice.add_rlimits() = twice.rlimits(0);
  for (auto& bad :
       {limits_with(limit::UNKNOWN, 1, 2), limits_with(limit::RLMT_CPU, 1, {}),
        limits_with(limit::RLMT_CPU, {}, 1), limits_with(limit::RLMT_CPU, 3, 2),
        twice}) {
    auto limits = process_limits_of(bad);
    ASSERT_FALSE(limits) << bad.ShortDebugString();
    EXPECT_EQ(code_of(limits.error()), errc::invalid_argument);
    EXPECT_EQ(text_of(limits.error()).find("rlimits: "), 0u);
  }
}

TEST_F(SandboxFilesTest, CopiesFilesAndMakesThemExecutable) {
  write("x", "content");
  auto command = command_with(scratch_.file("x"));
  command.mutable_uris(0)->set_executable(true);
  command.mutable_uris(0)->set_output_file("bin/y");
  auto done = files_->prepare(preparation(command));
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(::access((sandbox_ / "bin/y").c_str(), X_OK), 0);
  EXPECT_EQ(fs::file_size(sandbox_ / "bin/y"), 7u);
}

TEST_F(SandboxFilesTest, NamesWhatCannotBeCopied) {
  auto missing = files_->prepare(preparation(command_with("/no/such")));
  EXPECT_EQ(code_of(missing.error()), errc::not_found);
  EXPECT_NE(text_of(missing.error()).find("/no/such"), std::string::npos);
  auto directory = files_->prepare(preparation(command_with("/tmp")));
  EXPECT_EQ(code_of(directory.error()), errc::invalid_argument);
  auto stranger = preparation({});
  stranger.user = "no-such-user";
  EXPECT_EQ(code_of(files_->prepare(stranger).error()), errc::not_found);
}

TEST_F(SandboxFilesTest, CopiesWithTheUsersRightsOnly) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can take another user's rights";
  write("secret", "x");
  ::chmod(scratch_.path().c_str(), 0755);
  ::chmod(scratch_.file("secret").c_str(), 0600);
  auto what = preparation(command_with(scratch_.file("secret")));
  what.user = "nobody";
  auto done = files_->prepare(what);
  ASSERT_FALSE(done);
  EXPECT_EQ(code_of(done.error()), errc::permission_denied);
  // The thread is itself again.
  EXPECT_EQ(::access(scratch_.file("secret").c_str(), R_OK), 0);
  std::ofstream proof(scratch_.file("proof"));
  EXPECT_TRUE(proof.is_open());
}

TEST_F(SandboxFilesTest, ReadsFromTheEndAndBeyondIt) {
  ASSERT_TRUE(files_->prepare(preparation({})));
  std::ofstream(sandbox_ / "stdout") << "0123456789";
  auto read = [&](int64_t offset, size_t length) {
    auto chunk = files_->read({sandbox_, "stdout", offset, length});
    EXPECT_TRUE(chunk);
    return std::pair{chunk->offset(), chunk->data()};
  };
  EXPECT_EQ(read(0, 4), std::pair(int64_t{0}, std::string{"0123"}));
  EXPECT_EQ(read(8, 100), std::pair(int64_t{8}, std::string{"89"}));
  EXPECT_EQ(read(-3, 100), std::pair(int64_t{7}, std::string{"789"}));
  EXPECT_EQ(read(-100, 2), std::pair(int64_t{0}, std::string{"01"}));
  EXPECT_EQ(read(50, 2), std::pair(int64_t{10}, std::string{}));
}

TEST_F(SandboxFilesTest, NeverReadsOutside) {
  ASSERT_TRUE(files_->prepare(preparation({})));
  write("outside", "x");
  fs::create_symlink(scratch_.file("outside"), sandbox_ / "absolute");
  fs::create_symlink("../../../../../outside", sandbox_ / "relative");
  fs::create_symlink("/", sandbox_ / "root");
  ::mkfifo((sandbox_ / "fifo").c_str(), 0600);
  for (auto path : {"absolute", "relative", "root/etc/passwd", "../t",
                    "/etc/passwd", "", ".", "fifo"}) {
    auto chunk = files_->read({sandbox_, path, 0, 10});
    ASSERT_FALSE(chunk) << path;
    EXPECT_EQ(code_of(chunk.error()), errc::invalid_argument) << path;
  }
  EXPECT_EQ(code_of(files_->read({sandbox_, "none", 0, 1}).error()),
            errc::not_found);
  EXPECT_EQ(code_of(files_->read({"/no/such", "x", 0, 1}).error()),
            errc::not_found);
}

TEST_F(SandboxFilesTest, ListsAndRemovesWithEmptyParents) {
  ASSERT_TRUE(files_->prepare(preparation({})));
  auto root = fs::path{scratch_.path()} / "w";
  auto inventory = files_->list(root);
  ASSERT_TRUE(inventory);
  ASSERT_EQ(inventory->sandboxes.size(), 1u);
  EXPECT_EQ(inventory->sandboxes[0].path, sandbox_);
  EXPECT_GT(inventory->disk_used, 0.0);
  EXPECT_FALSE(files_->mark_idle(sandbox_, wall_time{1'000'000s}));
  EXPECT_FALSE(files_->remove(sandbox_));
  EXPECT_TRUE(fs::exists(root));
  EXPECT_TRUE(fs::is_empty(root));
}

} // namespace
} // namespace agora
