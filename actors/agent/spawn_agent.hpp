// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_options.hpp"
#include "actors/agent/containerizer/sandbox_files.hpp"
#include "actors/interfaces.hpp"
#include "runtime/base/wall_clock.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"
#include "runtime/process/launcher.hpp"
#include "storage/store/store.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace agora {

/// What an agent stands on: everything that simulation, load and tests put
/// something else in the place of.
struct agent_seams {
  /// What an earlier process of this agent has stored. Read once, by
  /// spawn_agent.
  const store_reader* checkpoints = nullptr;

  /// Makes what this agent stores durable: spawn_checkpoint_writer. Agents of
  /// one process share it.
  checkpoint_writer_actor writer;

  /// Makes the launcher; it tells `listener` what becomes of processes. Called
  /// once.
  std::function<result<std::unique_ptr<launcher>>(launcher::listener)>
    make_launcher;

  /// Reaches the masters: a connector for each, which are told when the agent
  /// introduces itself otherwise. Called once. `introduce` says who dials.
  std::function<std::vector<connector_actor>(const agent_actor& owner,
                                             session::OpenSession introduce)>
    connect;

  /// Where sandboxes are; make_posix_sandbox_files.
  std::shared_ptr<sandbox_files> files;

  /// The user that this process runs as: tasks of this user need no switch.
  std::string own_user;

  wall_clock clock = system_wall_clock();

  /// 16 random bytes, never the same twice.
  std::function<std::string()> random_bytes;

  /// The name of the machine's boot: after a reboot no task has survived.
  std::string boot_id;

  /// Whether work on files gets threads of its own. Not in tests.
  bool file_threads = true;
};

/// The writer of `disk`, which must outlive it and have no listener yet. Calls
/// `on_failed`, once, from the store's thread, if the disk fails: the process
/// has to end then.
checkpoint_writer_actor
spawn_checkpoint_writer(caf::actor_system& system, store& disk,
                        std::function<void(const status&)> on_failed);

/// Seams for a real node: 16 bytes of the system's randomness, the machine's
/// boot, `link` for reaching `options.masters`, and the posix launcher with
/// the shim beside this program. `disk` and `writer` are up to the caller.
/// @returns errc::io_failed, errc::invalid_argument.
result<agent_seams> make_agent_seams(caf::actor_system& system,
                                     const agent_options& options,
                                     link_actor link);

/// Starts the agent: reads what an earlier process has stored, takes over its
/// tasks, keeps sessions to all masters and attaches to the one that leads.
///
/// The caller ties it to the node's gateway, as the owner of EXECUTOR and TOOL
/// sessions (bind_owner<session::ExecutorToAgent>, <session::ToolRequests>).
/// It ends on agent_stop, or with an exit message; its tasks run on.
/// @returns errc::store_corrupt, errc::io_failed (checkpoints, work_dir),
///          errc::invalid_argument (options), errc::invalid_config (fewer
///          resources than this agent was registered with).
result<agent_actor> spawn_agent(caf::actor_system& system,
                                agent_options options, agent_seams seams);

} // namespace agora
