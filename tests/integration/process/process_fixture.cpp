// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/process/process_fixture.hpp"

#include "runtime/base/check.hpp"
#include "runtime/process/shim_record.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <random>
#include <sstream>
#include <unistd.h>

namespace agora::test {
namespace {

bool is_last(const process_event& event) {
  return !std::holds_alternative<process_started>(event);
}

int patience_milliseconds() {
  return static_cast<int>(std::chrono::milliseconds{patience}.count());
}

} // namespace

// -- event_log ----------------------------------------------------------------

launcher::listener event_log::listener() {
  return [this](process_event event) {
    std::lock_guard guard{mutex_};
    events_.push_back(std::move(event));
    changed_.notify_all();
  };
}

std::optional<process_event>
event_log::wait_for(const std::function<bool(const process_event&)>& wanted) {
  std::unique_lock guard{mutex_};
  std::optional<process_event> found;
  changed_.wait_for(guard, patience, [&] {
    for (auto& event : events_)
      if (!found && wanted(event))
        found = event;
    return found.has_value();
  });
  return found;
}

process_event event_log::last_of(const std::string& key) {
  auto found = wait_for([&](auto& event) {
    return key_of(event) == key && is_last(event);
  });
  if (found)
    return *found;
  ADD_FAILURE() << "task " << key << " does not end";
  return process_exited{key, {}};
}

process_started event_log::started(const std::string& key) {
  auto found = wait_for([&](auto& event) {
    return key_of(event) == key;
  });
  if (found)
    if (auto event = std::get_if<process_started>(&*found))
      return *event;
  ADD_FAILURE() << "task " << key << " does not start";
  return {};
}

exit_status event_log::exit_of(const std::string& key) {
  auto event = last_of(key);
  if (auto exited = std::get_if<process_exited>(&event))
    return exited->status;
  ADD_FAILURE() << std::get<process_start_failed>(event).text;
  return {};
}

process_start_failed event_log::failure_of(const std::string& key) {
  auto event = last_of(key);
  if (auto failed = std::get_if<process_start_failed>(&event))
    return *failed;
  ADD_FAILURE() << "task " << key << " has started";
  return {};
}

size_t event_log::count_over() {
  std::lock_guard guard{mutex_};
  return static_cast<size_t>(
    std::count_if(events_.begin(), events_.end(), is_last));
}

bool event_log::wait_over(size_t count) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, patience, [&] {
    return static_cast<size_t>(
             std::count_if(events_.begin(), events_.end(), is_last))
           >= count;
  });
}

std::vector<process_event> event_log::events_of(const std::string& key) {
  std::lock_guard guard{mutex_};
  std::vector<process_event> found;
  for (auto& event : events_)
    if (key_of(event) == key)
      found.push_back(event);
  return found;
}

void event_log::clear() {
  std::lock_guard guard{mutex_};
  events_.clear();
}

// -- named_pipe and process_handle --------------------------------------------

named_pipe::named_pipe(std::string path) : path_{std::move(path)} {
  EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  ::chmod(path_.c_str(), 0666); // whatever the umask is
  // For reading and writing: never waits for the other end.
  file_.reset(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_TRUE(file_);
}

std::string named_pipe::read_line() {
  std::string line;
  for (;;) {
    pollfd ready{file_.get(), POLLIN, 0};
    char c = 0;
    if (::poll(&ready, 1, patience_milliseconds()) != 1
        || ::read(file_.get(), &c, 1) != 1) {
      ADD_FAILURE() << "nothing comes through " << path_;
      return line;
    }
    if (c == '\n')
      return line;
    line.push_back(c);
  }
}

void named_pipe::write_line(const std::string& line) {
  auto text = line + "\n";
  EXPECT_EQ(::write(file_.get(), text.data(), text.size()),
            static_cast<ssize_t>(text.size()));
}

process_handle::process_handle(pid_t pid)
  : file_{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))} {
  EXPECT_TRUE(file_) << "no process " << pid;
}

bool process_handle::ended() const {
  pollfd ready{file_.get(), POLLIN, 0};
  return ::poll(&ready, 1, 0) == 1;
}

bool process_handle::wait() const {
  pollfd ready{file_.get(), POLLIN, 0};
  return ::poll(&ready, 1, patience_milliseconds()) == 1;
}

// -- ProcessTest --------------------------------------------------------------

ProcessTest::ProcessTest()
  : run_directory_{scratch_.file("run")}, launcher_{make_launcher()} {
  // nop
}

ProcessTest::~ProcessTest() = default;

std::string ProcessTest::shim_program() {
  if (auto directory = std::getenv("AGORA_BIN_DIR"))
    return std::string{directory} + "/agora-shim";
  // Run by hand: programs lie beside the tests' directory.
  auto self = std::filesystem::read_symlink("/proc/self/exe");
  return self.parent_path().parent_path() / "bin" / "agora-shim";
}

std::unique_ptr<launcher> ProcessTest::make_launcher(std::string boot_id) {
  posix_launcher_options options;
  options.shim_program = shim_program();
  options.boot_id = std::move(boot_id);
  auto made = make_posix_launcher(std::move(options), events_.listener());
  if (!made)
    ADD_FAILURE() << describe(made.error());
  AGORA_CHECK(made);
  return std::move(*made);
}

std::string ProcessTest::new_key() {
  static auto random = std::random_device{};
  std::ostringstream key;
  key << "test." << std::hex << random() << random();
  return key.str();
}

launch_spec ProcessTest::shell(std::string command) {
  launch_spec spec;
  spec.task_key = new_key();
  spec.run_directory = run_directory_;
  spec.sandbox = scratch_.file(spec.task_key);
  std::filesystem::create_directory(spec.sandbox);
  spec.command = std::move(command);
  spec.environment = {{"PATH", "/usr/bin:/bin"}};
  return spec;
}

launch_spec ProcessTest::program(std::vector<std::string> arguments) {
  auto spec = shell(arguments.front());
  spec.shell = false;
  spec.arguments = std::move(arguments);
  return spec;
}

exit_status ProcessTest::run(launch_spec spec) {
  auto key = spec.task_key;
  if (auto err = launcher_->launch(std::move(spec))) {
    ADD_FAILURE() << describe(err);
    return {};
  }
  return events_.exit_of(key);
}

std::string ProcessTest::contents(const std::filesystem::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::filesystem::path ProcessTest::record_of(const std::string& key) const {
  return run_directory_ / (key + ".state");
}

pid_t ProcessTest::shim_of(const std::string& key) const {
  auto record = read_shim_record(record_of(key));
  if (record && record->shim)
    return record->shim->pid;
  ADD_FAILURE() << "no record of " << key;
  return 0;
}

} // namespace agora::test
