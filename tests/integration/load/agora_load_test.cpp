// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Each run of agora-load, small: its figures are there, nothing is lost, and
// nothing is left behind. No figure is judged: machines differ.
#include "runtime/json/json_codec.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scratch_directory.hpp"

#include "agora/load/load.pb.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace agora::load {

namespace {

/// A slow machine is no fault of the load's.
constexpr std::chrono::seconds longest_run{180};

class agora_load_test : public ::testing::Test {
protected:
  /// Starts agora-load with a directory of its own for temporary files.
  child_process start(std::vector<std::string> arguments) {
    auto* directory = std::getenv("AGORA_BIN_DIR");
    AGORA_CHECK(directory != nullptr);
    arguments.insert(arguments.begin(), std::string{directory} + "/agora-load");
    return child_process{std::move(arguments), {"TMPDIR=" + scratch_.path()}};
  }

  /// Runs it to its end, and reads its one line.
  template <class Figures>
  Figures run(std::vector<std::string> arguments) {
    auto load = start(std::move(arguments));
    EXPECT_EQ(load.wait(longest_run), 0) << load.err();
    Figures figures;
    EXPECT_EQ(load.out().find('\n'), load.out().size() - 1) << load.out();
    EXPECT_FALSE(from_json(load.out(), figures)) << load.out();
    EXPECT_TRUE(is_clean());
    return figures;
  }

  bool is_clean() const {
    return std::filesystem::is_empty(scratch_.path());
  }

  scratch_directory scratch_;
};

TEST_F(agora_load_test, launch_counts_every_task_once) {
  auto figures = run<LaunchFigures>(
    {"launch", "--agents", "20", "--frameworks", "2", "--tasks", "200"});
  EXPECT_EQ(figures.tasks(), 200u);
  EXPECT_GE(figures.connections(), 16u);
  EXPECT_TRUE(figures.has_tasks_lost());
  EXPECT_EQ(figures.tasks_lost(), 0u);
  EXPECT_TRUE(figures.has_tasks_doubled());
  EXPECT_EQ(figures.tasks_doubled(), 0u);
  EXPECT_GT(figures.tasks_per_second(), 0);
  EXPECT_GT(figures.accept_to_running_p50_ms(), 0);
  EXPECT_GE(figures.accept_to_running_p99_ms(),
            figures.accept_to_running_p50_ms());
  EXPECT_TRUE(figures.has_master_cpu_us_per_task());
  EXPECT_TRUE(figures.has_agent_cpu_us_per_task());
  EXPECT_GT(figures.messages_per_task(), 0);
  EXPECT_GT(figures.master_rss_bytes(), 1'000'000u);
}

TEST_F(agora_load_test, launch_runs_real_tasks_on_real_agents) {
  auto figures
    = run<LaunchFigures>({"launch", "--real", "--command", "true", "--agents",
                          "1", "--frameworks", "1", "--tasks", "40"});
  EXPECT_TRUE(figures.real());
  EXPECT_EQ(figures.tasks_lost(), 0u);
  EXPECT_GT(figures.spawn_cpu_us(), 0);
  EXPECT_GT(figures.cpu_per_launch_ratio(), 0);
}

TEST_F(agora_load_test, hold_measures_with_everything_held) {
  auto figures = run<HoldFigures>({"hold", "--agents", "20", "--tasks", "100"});
  EXPECT_EQ(figures.tasks_lost(), 0u);
  EXPECT_GT(figures.registered_per_second(), 0);
  EXPECT_TRUE(figures.has_bytes_per_agent());
  EXPECT_TRUE(figures.has_bytes_per_task());
  EXPECT_GT(figures.master_rss_bytes(), 1'000'000u);
  EXPECT_GT(figures.empty_accept_to_running_p50_ms(), 0);
  EXPECT_GT(figures.held_accept_to_running_p50_ms(), 0);
}

TEST_F(agora_load_test, restart_loses_and_doubles_nothing) {
  auto figures = run<RestartFigures>(
    {"restart", "--agents", "20", "--frameworks", "2", "--tasks", "100"});
  EXPECT_TRUE(figures.has_tasks_lost());
  EXPECT_EQ(figures.tasks_lost(), 0u);
  EXPECT_TRUE(figures.has_tasks_doubled());
  EXPECT_EQ(figures.tasks_doubled(), 0u);
  EXPECT_GT(figures.seconds_to_first_offer(), 0);
  EXPECT_GT(figures.seconds_to_all_agents(), 0);
}

TEST_F(agora_load_test, failover_loses_and_doubles_nothing) {
  auto figures
    = run<FailoverFigures>({"failover", "--agents", "20", "--frameworks", "2",
                            "--tasks", "100", "--rounds", "2"});
  EXPECT_EQ(figures.masters(), 3u);
  EXPECT_TRUE(figures.has_tasks_lost());
  EXPECT_EQ(figures.tasks_lost(), 0u);
  EXPECT_TRUE(figures.has_tasks_doubled());
  EXPECT_EQ(figures.tasks_doubled(), 0u);
  EXPECT_GT(figures.seconds_to_commit_median(), 0);
  EXPECT_GE(figures.seconds_to_offer_worst(),
            figures.seconds_to_offer_median());
}

TEST_F(agora_load_test, a_signal_ends_it_and_cleans_up) {
  auto load = start(
    {"launch", "--agents", "20", "--frameworks", "1", "--tasks", "10000000"});
  ASSERT_TRUE(load.wait_for_output("launched", longest_run)) << load.err();
  load.signal(SIGINT);
  EXPECT_EQ(load.wait(longest_run), 128 + SIGINT);
  EXPECT_NE(load.err().find("interrupted"), std::string::npos) << load.err();
  EXPECT_TRUE(load.out().empty()) << load.out();
  EXPECT_TRUE(is_clean());
}

TEST_F(agora_load_test, what_is_missing_is_said_when_patience_ends) {
  // One agent has room for 32 tasks, which do not end.
  auto load = start({"launch", "--agents", "1", "--frameworks", "1", "--tasks",
                     "40", "--command", "sleep infinity", "--patience", "15s"});
  EXPECT_EQ(load.wait(longest_run), 1);
  EXPECT_NE(
    load.err().find("gave up after 15 s without progress: 0 of 40 tasks "
                    "have ended, 32 launched"),
    std::string::npos)
    << load.err();
  EXPECT_TRUE(is_clean());
}

TEST_F(agora_load_test, a_limit_is_named) {
  auto load = start({"launch", "--agents", "1000000"});
  EXPECT_EQ(load.wait(longest_run), 2);
  EXPECT_NE(load.err().find("--agents: from 1 to"), std::string::npos)
    << load.err();
}

} // namespace

} // namespace agora::load
