// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/run_batch.hpp"

#include "actors/frameworks/batch/batch_scheduler_actor.hpp"
#include "actors/scheduler/framework_program.hpp"

#include <caf/actor_system.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace agora {

namespace {

constexpr size_t job_file_bytes = size_t{64} << 20;

/// For a master to be reached at all.
constexpr std::chrono::seconds batch_gives_up_after{15};

/// Of the framework: a batch dies with its program; what it left behind ends
/// soon after.
constexpr double batch_failover_seconds = 60;

} // namespace

result<std::string> read_job_file(const std::string& path) {
  auto from_stdin = path == "-";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
    from_stdin ? stdin : std::fopen(path.c_str(), "re"),
    from_stdin ? [](std::FILE*) { return 0; } : std::fclose};
  if (!file)
    return fail(errno == ENOENT ? errc::not_found : errc::io_failed,
                "cannot open " + path + ": " + std::strerror(errno));
  std::string text;
  char buffer[65536];
  while (auto count = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, count);
    if (text.size() > job_file_bytes)
      return fail(errc::too_large, path + " is larger than 64 MiB");
  }
  if (std::ferror(file.get()) != 0)
    return fail(errc::io_failed,
                "cannot read " + path + ": " + std::strerror(errno));
  return text;
}

int run_batch(batch_options options) {
  if (!options.output_folder.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.output_folder, error);
    if (error) {
      std::fprintf(stderr, "error: cannot make %s: %s\n",
                   options.output_folder.c_str(), error.message().c_str());
      return 1;
    }
  }
  auto json = options.json;
  framework_options program;
  program.masters = options.masters;
  program.driver.info.set_name("batch");
  program.driver.info.set_failover_timeout(batch_failover_seconds);
  program.driver.give_up_after = batch_gives_up_after;
  auto outcome = std::make_shared<batch_outcome>();
  program.first_interrupt = [](const scheduler_actor& scheduler) {
    caf::anon_send(caf::actor_cast<batch_actor>(scheduler),
                   caf::close_atom::value);
  };
  auto reader = [masters = options.masters](caf::actor_system& system,
                                            const caf::strong_actor_ptr& user) {
    return spawn_sandbox_reader(system, user, masters);
  };
  auto code = run_framework(
    std::move(program),
    [&](caf::actor_system& system, const framework_driver_actor& driver) {
      return scheduler_actor{system.spawn(batch_scheduler, driver,
                                          std::move(options),
                                          reader_factory{reader}, outcome)};
    });
  if (code != 0)
    return code;
  if (!outcome->table)
    return 1;
  if (json)
    std::printf("%s\n",
                summary_json(*outcome->table, outcome->framework).c_str());
  if (outcome->interrupted)
    return 128 + SIGINT;
  return outcome->table->totals().failed == 0 ? 0 : 1;
}

} // namespace agora
