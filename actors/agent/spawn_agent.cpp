// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/spawn_agent.hpp"

#include "actors/agent/agent_actor.hpp"
#include "actors/agent/checkpoint/checkpoint_writer_actor.hpp"
#include "actors/agent/containerizer/sandbox_layout.hpp"
#include "actors/session/connector_actor.hpp"
#include "runtime/base/check.hpp"
#include "runtime/process/posix_launcher.hpp"
#include "runtime/process/process_identity.hpp"
#include "runtime/resources/resources_codec.hpp"

#include <sys/random.h>

#include <pwd.h>
#include <unistd.h>
#include <utility>

namespace agora {

namespace {

std::string system_random_bytes() {
  std::string bytes(16, 0);
  // 16 bytes are never given in part, nor refused once the system is up.
  AGORA_CHECK(::getrandom(bytes.data(), bytes.size(), 0)
              == static_cast<ssize_t>(bytes.size()));
  return bytes;
}

std::string name_of_own_user() {
  char buffer[4096];
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer, sizeof(buffer), &found) != 0
      || found == nullptr)
    return {};
  return found->pw_name;
}

status check_options(const agent_options& options) {
  if (!options.work_dir.is_absolute())
    return fail(errc::invalid_argument,
                "the work directory must be an absolute path: "
                  + options.work_dir.string());
  if (options.info.hostname().empty())
    return fail(errc::invalid_argument, "the agent needs a hostname");
  return {};
}

status make_directory(const std::filesystem::path& path,
                      std::filesystem::perms mode) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (!code)
    std::filesystem::permissions(path, mode, code);
  if (code)
    return fail(errc::io_failed, "cannot make directory '" + path.string()
                                   + "': " + code.message());
  return {};
}

/// Frameworks hold what this agent has offered, so it must not shrink.
status check_resources(const checkpoint::AgentIdentity& stored,
                       const v1::AgentInfo& info) {
  if (stored.info().resources_size() == 0)
    return {};
  auto before = resources_from_wire(stored.info().resources());
  auto now = resources_from_wire(info.resources());
  if (!now)
    return now.error();
  if (before && !now->contains(*before))
    return fail(errc::invalid_config,
                "this agent was registered with more resources than it has "
                "now; start it with at least these, or with another work "
                "directory");
  return {};
}

} // namespace

checkpoint_writer_actor
spawn_checkpoint_writer(caf::actor_system& system, store& disk,
                        std::function<void(const status&)> on_failed) {
  return system.spawn(checkpoint_writer, &disk, std::move(on_failed));
}

result<agent_seams> make_agent_seams(caf::actor_system& system,
                                     const agent_options& options,
                                     link_actor link) {
  auto boot = read_boot_id();
  if (!boot)
    return boot.error();
  auto shim = default_shim_program();
  if (!shim)
    return shim.error();
  if (options.masters.empty())
    return fail(errc::invalid_argument, "no address of a master is given");
  agent_seams seams;
  seams.boot_id = std::move(*boot);
  seams.random_bytes = system_random_bytes;
  seams.own_user = name_of_own_user();
  seams.files = make_posix_sandbox_files();
  posix_launcher_options with;
  with.shim_program = std::move(*shim);
  seams.make_launcher = [with](launcher::listener listener) {
    return make_posix_launcher(with, std::move(listener));
  };
  connector_options how;
  how.addresses = options.masters;
  how.session.kind = session::AGENT;
  how.backoff = backoff_of_many;
  seams.connect = [&system, how, link](const agent_actor& owner,
                                       session::OpenSession introduce) {
    auto with_introduction = how;
    with_introduction.introduction = std::move(introduce);
    return spawn_connectors<session::MasterToAgent>(system, owner,
                                                    with_introduction, link);
  };
  return seams;
}

result<agent_actor> spawn_agent(caf::actor_system& system,
                                agent_options options, agent_seams seams) {
  AGORA_CHECK(seams.checkpoints != nullptr && seams.writer
              && seams.make_launcher && seams.connect && seams.random_bytes
              && seams.files);
  if (auto err = check_options(options))
    return err;
  auto stored = load_agent_checkpoint(*seams.checkpoints,
                                      checkpoint_keys{options.key_prefix});
  if (!stored)
    return stored.error();
  if (auto err = check_resources(stored->identity, options.info))
    return err;
  // Tasks of other users must get through to their own sandboxes.
  if (auto err = make_directory(sandbox_root(options.work_dir),
                                std::filesystem::perms{0755}))
    return err;
  if (auto err = make_directory(run_directory(options.work_dir),
                                std::filesystem::perms{0700}))
    return err;
  auto random = seams.random_bytes();
  return system.spawn(agent, std::move(options), std::move(seams),
                      std::move(*stored), random);
}

} // namespace agora
