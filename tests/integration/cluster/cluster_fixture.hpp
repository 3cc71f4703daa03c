// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace agora {

/// A cluster of real processes on this machine, each of which a test may kill
/// and start again. Ports are chosen by the system.
class cluster_fixture : public ::testing::Test {
protected:
  /// Tasks outlive their agents: a test that fails must not leave one behind.
  ~cluster_fixture() override {
    if (shim_ > 1 && !is_over(shim_))
      ::kill(shim_, SIGKILL);
  }

  struct command_result {
    int code = -1;
    std::string out;
    std::string err;
  };

  static std::string program(const std::string& name) {
    auto* directory = std::getenv("AGORA_BIN_DIR");
    AGORA_CHECK(directory != nullptr);
    return std::string{directory} + "/" + name;
  }

  /// Starts the master, again on the same data and port if it ran before.
  void start_master(std::vector<std::string> flags = {}) {
    if (!flags.empty())
      master_flags_ = flags;
    auto log = file("master.log");
    std::filesystem::remove(log);
    std::vector<std::string> arguments{
      program("agorad"), "master",     "--listen", "127.0.0.1:0", "--work-dir",
      file("master"),    "--log-file", log,        "--bootstrap"};
    arguments.insert(arguments.end(), master_flags_.begin(),
                     master_flags_.end());
    master_ = std::make_unique<child_process>(arguments);
    ASSERT_TRUE(eventually([&] {
      return !listens_at(log).empty();
    }))
      << contents(log);
    address_ = listens_at(log);
  }

  /// Starts the agent of this name, again on the same data if it ran before.
  void start_agent(const std::string& name) {
    begin_agent(name);
    auto log = file(name + ".log");
    ASSERT_TRUE(eventually([&] {
      return contents(log).find("agent attached") != std::string::npos;
    }))
      << contents(log);
  }

  /// Likewise, and does not wait until it has attached.
  void begin_agent(const std::string& name) {
    auto log = file(name + ".log");
    std::filesystem::remove(log);
    agents_[name] = std::make_unique<child_process>(std::vector<std::string>{
      program("agorad"), "agent", "--master", address_, "--listen",
      "127.0.0.1:0", "--work-dir", file(name), "--log-file", log, "--resources",
      "cpus:4;mem:1024;disk:1024"});
  }

  child_process& master() {
    return *master_;
  }

  child_process& agent(const std::string& name) {
    return *agents_.at(name);
  }

  void kill_master() {
    master_->signal(SIGKILL);
    ASSERT_NE(master_->wait(), -1);
  }

  void kill_agent(const std::string& name) {
    agent(name).signal(SIGKILL);
    ASSERT_NE(agent(name).wait(), -1);
  }

  /// Runs the admin tool to its end.
  command_result agora(std::vector<std::string> arguments) {
    auto tool = start_agora(std::move(arguments));
    command_result result;
    result.code = tool->wait(std::chrono::seconds{60});
    result.out = tool->out();
    result.err = tool->err();
    return result;
  }

  /// Starts the admin tool, or a framework that it runs.
  std::unique_ptr<child_process>
  start_agora(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("agora"));
    return std::make_unique<child_process>(
      std::move(arguments),
      std::vector<std::string>{"AGORA_MASTER=" + address_});
  }

  /// A shell script that appends its pid to the file `started`, waits for the
  /// file `gate`, and ends with `code`.
  std::string gated_script(int code) const {
    return "echo $$ >> " + file("started") + "; echo begun; echo oops >&2; "
           + "while [ ! -e " + file("gate") + " ]; do sleep 0.02; done; "
           + "echo through; exit " + std::to_string(code);
  }

  /// Starts `agora run` with the gated script.
  std::unique_ptr<child_process> start_gated_task(int code) {
    auto run = start_agora(
      {"run", "--name", "gated", "--", "/bin/sh", "-c", gated_script(code)});
    await_gated_task();
    return run;
  }

  /// Waits until the gated script runs, and the master knows it.
  void await_gated_task() {
    ASSERT_TRUE(eventually([&] {
      return starts() == 1
             && agora({"tasks"}).out.find("running") != std::string::npos;
    }))
      << agora({"tasks"}).out;
    task_ = std::stoi(contents(file("started")));
    shim_ = std::stoi(field_of(task_, "PPid:"));
  }

  /// Starts lasting_framework.cpp, with the gated script as its task; again, it
  /// comes back as the framework that it was.
  std::unique_ptr<child_process> start_lasting(std::vector<std::string> flags
                                               = {}) {
    std::vector<std::string> arguments{AGORA_LASTING_FRAMEWORK, "--id-file",
                                       file("framework-id"), "--command",
                                       gated_script(0)};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return std::make_unique<child_process>(
      std::move(arguments),
      std::vector<std::string>{"AGORA_MASTER=" + address_});
  }

  void open_gate() {
    std::ofstream{file("gate")} << "open\n";
  }

  /// How often the gated task was started.
  int starts() {
    auto lines = contents(file("started"));
    return static_cast<int>(std::count(lines.begin(), lines.end(), '\n'));
  }

  pid_t shim() const {
    return shim_;
  }

  /// Of the gated task.
  pid_t task() const {
    return task_;
  }

  /// Whether neither the gated task nor its shim runs any more.
  bool task_is_over() {
    return is_over(task_) && is_over(shim_);
  }

  std::string file(const std::string& name) const {
    return scratch_.file(name);
  }

  static std::string contents(const std::string& path) {
    std::ifstream in{path};
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }

  /// Asks until the answer is yes; false after `deadline`.
  template <class Predicate>
  static bool eventually(Predicate predicate, std::chrono::seconds deadline
                                              = std::chrono::seconds{40}) {
    auto end = std::chrono::steady_clock::now() + deadline;
    while (!predicate()) {
      if (std::chrono::steady_clock::now() >= end)
        return false;
      ::poll(nullptr, 0, 10);
    }
    return true;
  }

private:
  /// HOST:PORT from the line that says that the node is up.
  static std::string listens_at(const std::string& log) {
    auto text = contents(log);
    const std::string mark = "master up listen=";
    auto at = text.find(mark);
    if (at == std::string::npos)
      return {};
    at += mark.size();
    auto end = text.find_first_of(" \n", at);
    return end == std::string::npos ? "" : text.substr(at, end - at);
  }

  /// A line of /proc/PID/status, without its name; empty if there is none.
  static std::string field_of(pid_t pid, const std::string& name) {
    std::istringstream all{
      contents("/proc/" + std::to_string(pid) + "/status")};
    for (std::string line; std::getline(all, line);)
      if (line.starts_with(name))
        return line.substr(line.find_first_not_of(" \t", name.size()));
    return {};
  }

  /// A process that nobody has waited for yet is over as well.
  static bool is_over(pid_t pid) {
    auto state = field_of(pid, "State:");
    return state.empty() || state.front() == 'Z';
  }

  scratch_directory scratch_;
  pid_t task_ = 0;
  pid_t shim_ = 0;
  std::string address_;
  std::vector<std::string> master_flags_;
  std::unique_ptr<child_process> master_;
  std::map<std::string, std::unique_ptr<child_process>> agents_;
};

} // namespace agora
