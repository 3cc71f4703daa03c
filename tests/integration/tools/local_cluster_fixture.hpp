// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/check.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <poll.h>
#include <string>
#include <vector>

namespace agora {

/// The path of one of our programs.
inline std::string program(const std::string& name) {
  const auto* folder = std::getenv("AGORA_BIN_DIR");
  AGORA_CHECK(folder != nullptr);
  return std::string{folder} + "/" + name;
}

/// What a program that has ended left behind.
struct ended_program {
  int code = -1;
  std::string out;
  std::string err;
};

/// Runs one of our programs to its end.
inline ended_program run_program(std::vector<std::string> arguments,
                                 std::vector<std::string> environment = {}) {
  arguments.front() = program(arguments.front());
  child_process child{std::move(arguments), std::move(environment)};
  auto code = child.wait(std::chrono::seconds{30});
  return {code, child.out(), child.err()};
}

/// A cluster of real processes on this machine, below a scratch directory, on
/// a port that the system chose.
class local_cluster_fixture : public testing::Test {
protected:
  std::vector<std::string> local_arguments(int agents) const {
    return {program("agorad"), "local",
            "--agents",        std::to_string(agents),
            "--work-dir",      scratch_.file("cluster"),
            "--listen",        "127.0.0.1:0"};
  }

  /// Starts it and waits until its agents are attached.
  void start_cluster(int agents) {
    cluster_ = std::make_unique<child_process>(local_arguments(agents));
    ASSERT_TRUE(cluster_->wait_for_output("agent-" + std::to_string(agents)
                                          + " started, pid "))
      << cluster_->err();
    auto attached = "\"agents_attached\": " + std::to_string(agents) + ",";
    ASSERT_TRUE(eventually([&] {
      return agora({"status", "--output", "json"}).out.find(attached)
             != std::string::npos;
    }))
      << cluster_->err();
  }

  std::string master_address() const {
    std::string port;
    std::ifstream{scratch_.file("cluster/port")} >> port;
    return "127.0.0.1:" + port;
  }

  /// Runs the admin tool on the cluster.
  ended_program agora(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {"agora", "--master", master_address()});
    return run_program(std::move(arguments));
  }

  /// Asks again and again until `condition` holds or 30 s have passed.
  template <class Condition>
  static bool eventually(Condition condition) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= end)
        return false;
      ::poll(nullptr, 0, 20);
    }
    return true;
  }

  /// The pid of the newest process of that part.
  pid_t pid_of(const std::string& part) const {
    auto mark = part + " started, pid ";
    auto at = cluster_->err().rfind(mark);
    AGORA_CHECK(at != std::string::npos);
    return std::atoi(cluster_->err().c_str() + at + mark.size());
  }

  scratch_directory scratch_;
  std::unique_ptr<child_process> cluster_;
};

} // namespace agora
