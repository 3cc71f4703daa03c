// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/emulated_processes.hpp"

#include "runtime/base/check.hpp"

#include <unistd.h>
#include <utility>

namespace agora::load {

namespace {

/// What the agent gives every process to know itself by.
std::string task_of(const launch_spec& spec) {
  std::string task;
  for (auto& [name, value] : spec.environment)
    if (name == "AGORA_FRAMEWORK_ID" || name == "AGORA_TASK_ID")
      task.append(value).push_back('\0');
  return task;
}

} // namespace

/// The launcher of one agent. Its state is guarded by the owner's mutex.
class emulated_processes::emulated_launcher : public launcher {
public:
  emulated_launcher(emulated_processes& owner, listener to)
    : owner_(owner), listener_(std::move(to)) {
    std::lock_guard guard{owner_.mutex_};
    owner_.launchers_.insert(this);
  }

  ~emulated_launcher() override {
    std::unique_lock guard{owner_.mutex_};
    owner_.launchers_.erase(this);
    owner_.told_.wait(guard, [this] {
      return owner_.telling_ != this;
    });
  }

  status launch(launch_spec spec) override {
    if (auto err = check_launch_spec(spec))
      return err;
    auto held = spec.command.starts_with(held_command);
    auto now = held ? phase::running : phase::over;
    process_identity nobody{"emulated", ::getpid(), 1};
    std::lock_guard guard{owner_.mutex_};
    if (!keys_.emplace(spec.task_key, now).second)
      return fail(errc::already_exists,
                  "task key " + spec.task_key + " is in use");
    owner_.count_start(spec);
    tell(process_started{spec.task_key, nobody, nobody, false});
    if (!held)
      tell(
        process_exited{std::move(spec.task_key), exit_status::make_exited(0)});
    return {};
  }

  /// There is nothing that an earlier process could have left.
  status reattach(std::string key, std::filesystem::path) override {
    std::lock_guard guard{owner_.mutex_};
    if (!keys_.emplace(key, phase::over).second)
      return fail(errc::already_exists, "task key " + key + " is in use");
    tell(process_start_failed{std::move(key), "re-attach", 0,
                              "it was never started"});
    return {};
  }

  status signal(const std::string& key, kill_mode mode) override {
    std::lock_guard guard{owner_.mutex_};
    auto found = keys_.find(key);
    if (found == keys_.end())
      return fail(errc::not_found, "no task has the key " + key);
    if (std::exchange(found->second, phase::over) == phase::over)
      return {};
    tell(process_exited{
      key, exit_status::make_signaled(mode == kill_mode::kill ? 9 : 15)});
    return {};
  }

  void forget(const std::string& key) override {
    std::lock_guard guard{owner_.mutex_};
    auto found = keys_.find(key);
    if (found != keys_.end() && found->second == phase::over)
      keys_.erase(found);
  }

  /// @pre The owner's mutex is held.
  void finish_all() {
    for (auto& [key, at] : keys_)
      if (std::exchange(at, phase::over) == phase::running)
        tell(process_exited{key, exit_status::make_exited(0)});
  }

  const listener& listens() const {
    return listener_;
  }

private:
  enum class phase : uint8_t { running, over };

  void tell(process_event event) {
    if (owner_.queue_.empty())
      owner_.news_.notify_one();
    owner_.queue_.push_back({this, std::move(event)});
  }

  emulated_processes& owner_;
  listener listener_;
  std::unordered_map<std::string, phase> keys_;
};

emulated_processes::emulated_processes()
  : thread_([this] {
      run();
    }) {
  // nop
}

emulated_processes::~emulated_processes() {
  {
    std::lock_guard guard{mutex_};
    AGORA_CHECK(launchers_.empty());
    ending_ = true;
  }
  news_.notify_one();
  thread_.join();
}

std::unique_ptr<launcher>
emulated_processes::make_launcher(launcher::listener listener) {
  return std::make_unique<emulated_launcher>(*this, std::move(listener));
}

void emulated_processes::run() {
  std::unique_lock guard{mutex_};
  for (;;) {
    news_.wait(guard, [this] {
      return ending_ || !queue_.empty();
    });
    if (ending_)
      return;
    while (!queue_.empty()) {
      auto next = std::move(queue_.front());
      queue_.pop_front();
      if (!launchers_.contains(next.to))
        continue;
      telling_ = next.to;
      guard.unlock();
      next.to->listens()(std::move(next.event));
      guard.lock();
      telling_ = nullptr;
      told_.notify_all();
    }
  }
}

void emulated_processes::finish_all() {
  std::lock_guard guard{mutex_};
  for (auto* each : launchers_)
    each->finish_all();
}

void emulated_processes::count_start(const launch_spec& spec) {
  if (!tasks_.insert(task_of(spec)).second)
    ++started_again_;
}

uint64_t emulated_processes::started() const {
  std::lock_guard guard{mutex_};
  return tasks_.size();
}

uint64_t emulated_processes::started_again() const {
  std::lock_guard guard{mutex_};
  return started_again_;
}

} // namespace agora::load
