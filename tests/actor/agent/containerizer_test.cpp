// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/containerizer_actor.hpp"
#include "actors/agent/containerizer/process_spec.hpp"
#include "actors/agent/containerizer/sandbox_keeper_actor.hpp"
#include "actors/agent/containerizer/sandbox_layout.hpp"
#include "tests/support/deterministic_actors.hpp"
#include "tests/support/fake_launcher.hpp"
#include "tests/support/scratch_directory.hpp"

#include <caf/all.hpp>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

namespace agora {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Real files on a disk that is as full as the test says.
class files_on_a_full_disk final : public sandbox_files {
public:
  double used = 0;

  result<sandbox_prepared> prepare(const sandbox_prepare& what) override {
    return real_->prepare(what);
  }

  result<session::FileChunk> read(const sandbox_read& what) override {
    return real_->read(what);
  }

  result<sandbox_inventory> list(const fs::path& root) override {
    auto found = real_->list(root);
    if (found)
      found->disk_used = used;
    return found;
  }

  status mark_idle(const fs::path& sandbox, wall_time since) override {
    return real_->mark_idle(sandbox, since);
  }

  status remove(const fs::path& sandbox) override {
    return real_->remove(sandbox);
  }

private:
  std::unique_ptr<sandbox_files> real_ = make_posix_sandbox_files();
};

/// The containerizer with real sandboxes and without processes.
class ContainerizerTest : public test::deterministic_actors {
protected:
  void SetUp() override {
    containerizer_options with;
    with.work_dir = work_.path();
    with.gc.age = 1'000s;
    with.gc.disk_headroom = 0.1;
    with.gc.interval = 60s;
    with.own_user = "root";
    with.clock = wall();
    launcher_factory make =
      [this](launcher::listener listener) -> result<std::unique_ptr<launcher>> {
      auto made = std::make_unique<test::fake_launcher>(std::move(listener));
      launcher_ = made.get();
      return std::unique_ptr<launcher>{std::move(made)};
    };
    auto keeper = spawn(sandbox_keeper, std::shared_ptr<sandbox_files>{files_});
    containers_ = spawn(containerizer, with, make, keeper, keeper);
    owner_ = spawn([heard = heard_] {
      return container_owner_actor::behavior_type{
        [heard](const container_events& news) {
          heard->insert(heard->end(), news.events.begin(), news.events.end());
        }};
    });
    settle();
  }

  container_start command(const std::string& id) {
    container_start what;
    what.container = container_id{id};
    what.sandbox
      = sandbox_root(work_.path()) / "agent" / "framework" / "task" / id;
    what.command.set_value("run " + id);
    return what;
  }

  fs::path start(const container_start& what) {
    tell(containers_, what, owner_);
    settle();
    return what.sandbox;
  }

  void end(const std::string& id) {
    launcher_->start(id);
    launcher_->exit(id, exit_status::make_exited(0));
    settle();
    tell(containers_, containers_forget{{container_id{id}}, {}});
    settle();
  }

  /// The newest event.
  template <class Event>
  Event last() {
    settle();
    auto found
      = heard_->empty() ? nullptr : std::get_if<Event>(&heard_->back());
    EXPECT_NE(found, nullptr);
    return found == nullptr ? Event{} : *found;
  }

  scratch_directory work_;
  std::shared_ptr<files_on_a_full_disk> files_
    = std::make_shared<files_on_a_full_disk>();
  std::shared_ptr<std::vector<container_event>> heard_
    = std::make_shared<std::vector<container_event>>();
  test::fake_launcher* launcher_ = nullptr;
  containerizer_actor containers_;
  container_owner_actor owner_;
};

TEST_F(ContainerizerTest, SandboxesOfEndedContainersGoByAge) {
  auto old = start(command("old"));
  end("old");
  auto busy = start(command("busy"));
  launcher_->start("busy");
  ASSERT_FALSE(files_->mark_idle(busy, wall_now() - 10'000s));
  advance(500s);
  auto young = start(command("young"));
  end("young");
  // A tenth of the age is gone with the headroom: 900 s are left.
  advance(399s);
  EXPECT_TRUE(fs::exists(old));
  advance(1s);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
  EXPECT_TRUE(fs::exists(busy)) << "it runs, however old it is";
}

TEST_F(ContainerizerTest, SandboxesGoSoonerAsTheDiskFills) {
  auto sandbox = start(command("c"));
  end("c");
  files_->used = 0.5;
  advance(390s);
  EXPECT_TRUE(fs::exists(sandbox));
  advance(30s);
  EXPECT_FALSE(fs::exists(sandbox)) << "400 s at half a disk";
}

TEST_F(ContainerizerTest, FullDiskTakesAllIdleSandboxesAtOnce) {
  auto sandbox = start(command("c"));
  auto busy = start(command("busy"));
  end("c");
  files_->used = 0.9;
  advance(60s);
  EXPECT_FALSE(fs::exists(sandbox));
  EXPECT_TRUE(fs::exists(busy));
}

TEST_F(ContainerizerTest, SandboxOfAnUnknownContainerIsIdleFromNowOn) {
  auto what = command("c");
  fs::create_directories(what.sandbox);
  ASSERT_FALSE(files_->mark_idle(what.sandbox, wall_now() - 10'000s));
  tell(containers_, containers_forget{{what.container}, {what.sandbox}});
  advance(840s);
  EXPECT_TRUE(fs::exists(what.sandbox));
  advance(120s);
  EXPECT_FALSE(fs::exists(what.sandbox));
}

TEST_F(ContainerizerTest, UnpacksFirstAndThenRunsTheCommand) {
  std::ofstream(work_.file("a.tgz")) << "bytes";
  auto what = command("c");
  what.user = "root";
  what.command.add_uris()->set_value(work_.file("a.tgz"));
  start(what);
  ASSERT_EQ(launcher_->launches.size(), 1u);
  auto unpacker = unpack_key(what.container);
  EXPECT_EQ(launcher_->launches[0].task_key, unpacker);
  launcher_->start(unpacker);
  launcher_->exit(unpacker, exit_status::make_exited(0));
  settle();
  EXPECT_TRUE(heard_->empty()) << "the command has not begun";
  ASSERT_EQ(launcher_->launches.size(), 2u);
  EXPECT_EQ(launcher_->launches[1].command, "run c");
  launcher_->start("c");
  EXPECT_EQ(last<container_started>().container, what.container);
}

TEST_F(ContainerizerTest, UnpackerThatFailsFailsTheContainer) {
  std::ofstream(work_.file("a.zip")) << "bytes";
  auto what = command("c");
  what.command.add_uris()->set_value(work_.file("a.zip"));
  start(what);
  auto unpacker = unpack_key(what.container);
  launcher_->start(unpacker);
  launcher_->exit(unpacker, exit_status::make_exited(9));
  auto failed = last<container_failed>();
  EXPECT_NE(failed.text.find("cannot unpack its files: the unpacker"),
            std::string::npos);
  EXPECT_FALSE(failed.cancelled);
  EXPECT_EQ(launcher_->launches.size(), 1u);
}

TEST_F(ContainerizerTest, KillEndsTheUnpacker) {
  std::ofstream(work_.file("a.tar")) << "bytes";
  auto what = command("c");
  what.command.add_uris()->set_value(work_.file("a.tar"));
  start(what);
  auto unpacker = unpack_key(what.container);
  launcher_->start(unpacker);
  tell(containers_, container_signal{what.container, kill_mode::terminate});
  settle();
  ASSERT_EQ(launcher_->signals.size(), 1u);
  EXPECT_EQ(launcher_->signals[0].key, unpacker);
  EXPECT_EQ(launcher_->signals[0].mode, kill_mode::kill);
  launcher_->exit(unpacker, exit_status::make_signaled(9));
  EXPECT_TRUE(last<container_failed>().cancelled);
}

TEST_F(ContainerizerTest, LimitsReachTheProcess) {
  auto what = command("c");
  auto limit = what.limits.add_rlimits();
  limit->set_type(v1::RLimitInfo::RLimit::RLMT_NOFILE);
  limit->set_soft(64);
  limit->set_hard(128);
  start(what);
  ASSERT_EQ(launcher_->launches.size(), 1u);
  ASSERT_EQ(launcher_->launches[0].limits.size(), 1u);
  EXPECT_EQ(launcher_->launches[0].limits[0].resource, int{RLIMIT_NOFILE});
  EXPECT_EQ(launcher_->launches[0].limits[0].soft, 64u);
  EXPECT_EQ(launcher_->launches[0].limits[0].hard, 128u);
}

} // namespace
} // namespace agora
