// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/run_word_count.hpp"

#include "actors/frameworks/word_count/word_count_scheduler_actor.hpp"
#include "actors/scheduler/framework_program.hpp"

#include <caf/actor_system.hpp>

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace agora {

namespace {

/// For a master to be reached at all.
constexpr std::chrono::seconds give_up_after{15};

} // namespace

std::string executor_beside_this_program() {
  std::error_code error;
  auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return self.replace_filename("agora-word-count-executor").string();
}

int run_word_count(word_count_options options) {
  if (options.files_per_task == 0) {
    std::fprintf(stderr, "error: a task needs at least one file\n");
    return 1;
  }
  auto files = find_files(options.paths);
  if (!files) {
    std::fprintf(stderr, "error: %s\n", describe(files.error()).c_str());
    return 1;
  }
  if (files->empty())
    return 0;
  framework_options program;
  program.masters = options.masters;
  program.driver.info.set_name("word count");
  program.driver.info.set_failover_timeout(0);
  program.driver.give_up_after = give_up_after;
  auto outcome = std::make_shared<word_count_outcome>();
  auto code = run_framework(
    std::move(program),
    [&](caf::actor_system& system, const framework_driver_actor& driver) {
      return system.spawn(word_count_scheduler, driver, options,
                          make_chunks(*files, options.files_per_task), outcome);
    });
  if (code != 0 || !outcome->counts)
    return code != 0 ? code : 1;
  auto text = to_text(*outcome->counts);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fprintf(stderr,
               "%zu files, %zu words, %zu different: %zu tasks on %zu "
               "agents\n",
               files->size(), static_cast<size_t>(outcome->counts->total()),
               outcome->counts->size(), outcome->tasks, outcome->agents);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

} // namespace agora
