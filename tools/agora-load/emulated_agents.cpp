// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/emulated_agents.hpp"

#include "actors/agent/spawn_agent.hpp"
#include "runtime/node/node_config.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"
#include "storage/store/rocksdb_store.hpp"
#include "tools/agora-load/emulated_processes.hpp"
#include "tools/agora-load/shared_link_actor.hpp"
#include "tools/agora-load/shared_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace agora::load {

namespace {

/// One connection and its agents.
struct agent_island {
  explicit agent_island(store& disk)
    : config(1),
      system(config),
      link(
        system.spawn(shared_link, system.spawn(tcp_link, tcp_link_options{}))),
      writer(spawn_checkpoint_writer(system, disk, [](const status& why) {
        spdlog::error("disk failed reason=\"{}\"", describe(why));
        std::_Exit(1);
      })) {
    // nop
  }

  node_config config;
  caf::actor_system system;
  link_actor link;
  checkpoint_writer_actor writer;
  std::vector<agent_actor> agents;
  /// Of those, not known to be settled.
  std::vector<agent_actor> unsettled;
};

/// For an agent to answer; a busy one takes its time.
constexpr std::chrono::seconds answer_timeout{10};

/// Between two calls of `progress`.
constexpr uint32_t progress_every = 64;

class agents_impl : public emulated_agents {
public:
  agents_impl(emulated_agents_options options, emulated_processes& processes,
              std::unique_ptr<store> disk, v1::AgentInfo model)
    : options_(std::move(options)),
      processes_(processes),
      disk_(std::move(disk)),
      shared_(*disk_),
      model_(std::move(model)) {
    for (uint32_t i = 0; i < options_.connections; ++i)
      islands_.push_back(std::make_unique<agent_island>(shared_.add_share()));
  }

  status start(uint32_t first, uint32_t count,
               const std::function<void()>& progress) override {
    for (uint32_t i = 0; i < count; ++i) {
      if (auto err = start_one(first + i))
        return err;
      if (i % progress_every == 0)
        progress();
    }
    return {};
  }

  size_t started() const override {
    return started_;
  }

  size_t unsettled() override {
    size_t left = 0;
    for (auto& each : islands_) {
      caf::scoped_actor self{each->system};
      std::vector<agent_actor> still;
      for (auto& agent : std::exchange(each->unsettled, {})) {
        auto settled = false;
        self->request(agent, answer_timeout, get_agent_status{})
          .receive(
            [&](const agent_status& now) {
              settled = now.tasks == 0;
            },
            [](const caf::error&) {
              // It still may.
            });
        if (!settled)
          still.push_back(agent);
      }
      each->unsettled = std::move(still);
      left += each->unsettled.size();
    }
    return left;
  }

  void expect_unsettled() override {
    for (auto& each : islands_)
      each->unsettled = each->agents;
  }

private:
  status start_one(uint32_t number) {
    auto& home = *islands_[number % islands_.size()];
    agent_options options;
    options.masters = options_.masters;
    options.work_dir = options_.work_dir;
    options.info = model_;
    auto name = "load-agent-" + std::to_string(number);
    options.info.set_hostname(name);
    options.software = "agora-load";
    options.key_prefix = name + "/";
    auto seams = make_agent_seams(home.system, options, home.link);
    if (!seams)
      return seams.error();
    seams->checkpoints = disk_.get();
    seams->writer = home.writer;
    seams->files = make_no_sandbox_files();
    seams->file_threads = false;
    seams->make_launcher = [this](launcher::listener listener) {
      return result<std::unique_ptr<launcher>>{
        processes_.make_launcher(std::move(listener))};
    };
    auto agent
      = spawn_agent(home.system, std::move(options), std::move(*seams));
    if (!agent)
      return agent.error();
    home.agents.push_back(std::move(*agent));
    ++started_;
    return {};
  }

  emulated_agents_options options_;
  emulated_processes& processes_;
  std::unique_ptr<store> disk_;
  shared_store shared_;
  v1::AgentInfo model_;
  std::vector<std::unique_ptr<agent_island>> islands_;
  size_t started_ = 0;
};

} // namespace

emulated_agents::~emulated_agents() = default;

result<std::unique_ptr<emulated_agents>>
emulated_agents::open(emulated_agents_options options,
                      emulated_processes& processes) {
  rocksdb_settings settings;
  settings.kind = "agent";
  // Many agents may write at once.
  settings.limits.queued_batches = 1'000'000;
  auto disk
    = open_rocksdb_store((options.work_dir / "data").string(), settings);
  if (!disk)
    return disk.error();
  auto offered = parse_resources(agent_resources_text);
  if (!offered)
    return offered.error();
  v1::AgentInfo model;
  *model.mutable_resources() = resources_to_wire(*offered);
  // Nobody comes to it: there are no files to read.
  constexpr int unused_port = 5051;
  model.set_port(unused_port);
  return std::unique_ptr<emulated_agents>{std::make_unique<agents_impl>(
    std::move(options), processes, std::move(*disk), std::move(model))};
}

} // namespace agora::load
