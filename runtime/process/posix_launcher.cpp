// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/posix_launcher.hpp"

#include "runtime/base/check.hpp"
#include "runtime/process/shim_watcher.hpp"

#include <cerrno>
#include <cstring>
#include <thread>
#include <unistd.h>

namespace agora {
namespace {

/// The public side: checks, and hands commands to the watcher on its thread.
class posix_launcher final : public launcher {
public:
  posix_launcher(shim_watcher::options options, listener on_event)
    : watcher_{std::move(options), std::move(on_event)} {
    // nop
  }

  ~posix_launcher() override {
    watcher_.stop();
    if (thread_.joinable())
      thread_.join();
  }

  status start() {
    if (auto err = watcher_.open())
      return err;
    thread_ = std::thread{[this] {
      watcher_.run();
    }};
    return {};
  }

  status launch(launch_spec spec) override {
    if (auto err = check_launch_spec(spec))
      return err;
    return watcher_.launch(std::move(spec));
  }

  status reattach(std::string key,
                  std::filesystem::path run_directory) override {
    if (auto err = check_task_key(key))
      return err;
    if (auto err = check_run_directory(run_directory))
      return err;
    return watcher_.reattach(std::move(key), std::move(run_directory));
  }

  status signal(const std::string& key, kill_mode mode) override {
    return watcher_.signal(key, mode);
  }

  void forget(const std::string& key) override {
    watcher_.forget(key);
  }

private:
  shim_watcher watcher_;
  std::thread thread_;
};

} // namespace

result<std::filesystem::path> default_shim_program() {
  std::error_code error;
  auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    return fail(errc::io_failed,
                "cannot read /proc/self/exe: " + error.message());
  return self.parent_path() / "agora-shim";
}

result<std::unique_ptr<launcher>>
make_posix_launcher(posix_launcher_options options,
                    launcher::listener on_event) {
  if (!on_event)
    return fail(errc::invalid_argument, "a launcher needs a listener");
  if (::access(options.shim_program.c_str(), X_OK) != 0)
    return fail(errc::invalid_argument, "cannot execute the shim "
                                          + options.shim_program.string() + ": "
                                          + std::strerror(errno));
  shim_watcher::options inner{std::move(options.shim_program), options.max_keys,
                              std::move(options.boot_id)};
  if (inner.boot_id.empty()) {
    auto found = read_boot_id();
    if (!found)
      return std::move(found.error());
    inner.boot_id = std::move(*found);
  }
  auto made
    = std::make_unique<posix_launcher>(std::move(inner), std::move(on_event));
  if (auto err = made->start())
    return err;
  return std::unique_ptr<launcher>{std::move(made)};
}

} // namespace agora
