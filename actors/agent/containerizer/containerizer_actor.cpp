// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/containerizer_actor.hpp"

#include "actors/agent/containerizer/process_spec.hpp"
#include "actors/agent/containerizer/sandbox_gc_policy.hpp"
#include "actors/agent/containerizer/sandbox_layout.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <set>
#include <type_traits>
#include <utility>

namespace agora {

namespace {

using state_type = containerizer_state;
using self_ptr = containerizer_actor::stateful_pointer<state_type>;

void tell(self_ptr self, const state_type::container& which,
          container_event event) {
  auto& state = self->state;
  state.news[which.owner].events.push_back(std::move(event));
  if (!std::exchange(state.flush_sent, true))
    self->send(self, caf::flush_atom::value);
}

/// The container will never run: its owner is told why, and it is forgotten
/// but for its sandbox.
void fail_container(self_ptr self, const container_id& id, std::string text,
                    bool never_started = false) {
  auto& state = self->state;
  auto found = state.containers.find(id);
  auto& which = found->second;
  container_failed event{id, std::move(text), which.cancelled, never_started};
  tell(self, which, std::move(event));
  self->send(state.janitor,
             sandboxes_idle{{which.what.sandbox}, state.options.clock()});
  state.processes->forget(id.text());
  state.containers.erase(found);
}

void launch(self_ptr self, const container_id& id) {
  auto& state = self->state;
  auto& which = state.containers.at(id);
  which.at = state_type::phase::launched;
  auto spec = process_spec(which.what, run_directory(state.options.work_dir),
                           state.options.own_user);
  if (!spec)
    fail_container(self, id, "cannot start: " + text_of(spec.error()));
  else if (auto err = state.processes->launch(std::move(*spec)))
    fail_container(self, id, "cannot start: " + text_of(err));
}

void unpack(self_ptr self, const container_id& id,
            const std::vector<std::string>& commands) {
  auto& state = self->state;
  auto& which = state.containers.at(id);
  which.at = state_type::phase::unpacking;
  auto spec
    = unpack_spec(which.what, commands, run_directory(state.options.work_dir),
                  state.options.own_user);
  if (auto err = state.processes->launch(std::move(spec)))
    fail_container(self, id, "cannot unpack its files: " + text_of(err));
}

void prepared(self_ptr self, const container_id& id,
              const sandbox_prepared& how) {
  auto found = self->state.containers.find(id);
  if (found == self->state.containers.end())
    return;
  if (found->second.cancelled)
    fail_container(self, id, "killed before it was started");
  else if (how.unpack_commands.empty())
    launch(self, id);
  else
    unpack(self, id, how.unpack_commands);
}

void start(self_ptr self, container_start what, caf::actor_addr owner) {
  auto& state = self->state;
  auto id = what.container;
  auto [place, is_new] = state.containers.try_emplace(id);
  if (!is_new) {
    spdlog::error("container started twice container={}", id.text());
    return;
  }
  auto user = what.user == state.options.own_user ? "" : what.user;
  sandbox_prepare files{id, what.sandbox, std::move(user), what.command};
  place->second.owner = std::move(owner);
  place->second.what = std::move(what);
  self->request(state.preparer, state.options.prepare_timeout, std::move(files))
    .then(
      [self, id](const sandbox_prepared& how) {
        prepared(self, id, how);
      },
      [self, id](const caf::error& reason) {
        if (self->state.containers.contains(id))
          fail_container(self, id, "cannot start: " + text_of(reason));
      });
}

void reattach(self_ptr self, container_reattach what, caf::actor_addr owner) {
  auto& state = self->state;
  auto& which = state.containers[what.container];
  which.owner = std::move(owner);
  which.what.container = what.container;
  which.what.sandbox = std::move(what.sandbox);
  which.at = state_type::phase::launched;
  which.reattached = true;
  if (auto err = state.processes->reattach(
        what.container.text(), run_directory(state.options.work_dir)))
    fail_container(self, what.container,
                   "cannot be taken over: " + text_of(err));
}

void signal(self_ptr self, const container_signal& what) {
  auto& state = self->state;
  auto found = state.containers.find(what.container);
  if (found == state.containers.end())
    return;
  auto& which = found->second;
  auto key = what.container.text();
  auto mode = what.mode;
  if (which.at != state_type::phase::launched)
    which.cancelled = true;
  if (which.at == state_type::phase::preparing)
    return; // seen when the files are in place
  if (which.at == state_type::phase::unpacking) {
    key = unpack_key(what.container);
    mode = kill_mode::kill;
  }
  if (auto err = state.processes->signal(key, mode))
    spdlog::debug("signal not sent container={} reason={}", key, describe(err));
}

void forget(self_ptr self, const containers_forget& what) {
  auto& state = self->state;
  sandboxes_idle idle{what.sandboxes, state.options.clock()};
  for (auto& id : what.containers) {
    state.processes->forget(id.text());
    auto found = state.containers.find(id);
    if (found == state.containers.end())
      continue;
    if (what.sandboxes.empty())
      idle.sandboxes.push_back(std::move(found->second.what.sandbox));
    state.containers.erase(found);
  }
  if (!idle.sandboxes.empty())
    self->send(state.janitor, std::move(idle));
}

/// An earlier agent process left records of containers that nobody knows:
/// crashed between a start and its checkpoint, or before the record of an
/// ended one was removed.
void sweep(self_ptr self, const containers_known& wanted) {
  auto& state = self->state;
  std::set<std::string> known;
  for (auto& id : wanted.containers)
    known.insert(id.text());
  auto directory = run_directory(state.options.work_dir);
  std::error_code ignored;
  for (auto& entry : std::filesystem::directory_iterator{directory, ignored}) {
    auto& file = entry.path();
    auto key = file.stem().string();
    if (file.extension() != ".state" || known.contains(key)
        || state.containers.contains(container_id{key}))
      continue;
    if (auto err = state.processes->reattach(key, directory)) {
      spdlog::warn("stray container not reached container={} reason={}", key,
                   describe(err));
      continue;
    }
    spdlog::warn("stray container killed container={}", key);
    state.strays[key] = true;
    static_cast<void>(state.processes->signal(key, kill_mode::kill));
  }
}

void stray_event(self_ptr self, const process_event& event) {
  auto& state = self->state;
  auto& key = key_of(event);
  if (std::holds_alternative<process_started>(event))
    return;
  state.processes->forget(key);
  state.strays.erase(key);
}

/// @returns whether the event was about the unpacking of a container.
bool unpack_event(self_ptr self, const process_event& event) {
  auto id = unpacked_container(key_of(event));
  auto found = self->state.containers.find(id);
  if (id.empty() || found == self->state.containers.end())
    return false;
  if (std::holds_alternative<process_started>(event))
    return true;
  self->state.processes->forget(key_of(event));
  auto& which = found->second;
  if (which.cancelled) {
    fail_container(self, id, "killed before it was started");
  } else if (auto failed = std::get_if<process_start_failed>(&event)) {
    fail_container(self, id, "cannot unpack its files: " + failed->text);
  } else if (auto exited = std::get_if<process_exited>(&event)) {
    if (exited->status.success())
      launch(self, id);
    else
      fail_container(self, id,
                     "cannot unpack its files: the unpacker "
                       + to_string(exited->status)
                       + "; see the sandbox's stderr");
  }
  return true;
}

void process_changed(self_ptr self, const process_event& event) {
  auto& state = self->state;
  auto& key = key_of(event);
  if (state.strays.contains(key)) {
    stray_event(self, event);
    return;
  }
  if (unpack_event(self, event))
    return;
  container_id id{key};
  auto found = state.containers.find(id);
  if (found == state.containers.end())
    return;
  std::visit(
    [&](auto& what) {
      using what_type = std::decay_t<decltype(what)>;
      if constexpr (std::is_same_v<what_type, process_started>)
        tell(self, found->second, container_started{id, what.reattached});
      else if constexpr (std::is_same_v<what_type, process_start_failed>)
        // Of a re-attached one: the earlier agent process did not get so far.
        fail_container(self, id, "cannot start: " + what.text,
                       found->second.reattached);
      else
        tell(self, found->second, container_exited{id, what.status});
    },
    event);
}

void collect_garbage(self_ptr self, const sandbox_inventory& inventory) {
  auto& state = self->state;
  std::set<std::filesystem::path> in_use;
  for (auto& [id, which] : state.containers)
    in_use.insert(which.what.sandbox);
  auto garbage = sandboxes_to_remove(inventory, in_use, state.options.gc,
                                     state.options.clock());
  if (garbage.empty())
    return;
  spdlog::info("sandboxes removed count={} disk_used={:.2f}", garbage.size(),
               inventory.disk_used);
  self->send(state.janitor, sandbox_remove{std::move(garbage)});
}

void look_for_garbage(self_ptr self) {
  auto& state = self->state;
  self->delayed_send(self, state.options.gc.interval, caf::tick_atom::value);
  if (std::exchange(state.listing, true))
    return;
  self
    ->request(state.janitor, state.options.file_timeout,
              sandbox_list{sandbox_root(state.options.work_dir)})
    .then(
      [self](const sandbox_inventory& inventory) {
        self->state.listing = false;
        collect_garbage(self, inventory);
      },
      [self](const caf::error& reason) {
        self->state.listing = false;
        spdlog::warn("sandboxes not listed reason={}", describe(reason));
      });
}

void flush(self_ptr self) {
  auto& state = self->state;
  state.flush_sent = false;
  auto news = std::exchange(state.news, {});
  for (auto& [owner, events] : news)
    if (auto to = caf::actor_cast<container_owner_actor>(owner))
      self->send(to, std::move(events));
}

} // namespace

containerizer_actor::behavior_type
containerizer(self_ptr self, containerizer_options options,
              const launcher_factory& make_launcher,
              sandbox_keeper_actor preparer, sandbox_keeper_actor janitor) {
  auto& state = self->state;
  state.options = std::move(options);
  state.preparer = std::move(preparer);
  state.janitor = std::move(janitor);
  // By address: the launcher must not keep the actor alive that owns it.
  auto weak = caf::actor_cast<caf::actor_addr>(self);
  auto made = make_launcher([weak](process_event event) {
    if (auto to = caf::actor_cast<containerizer_actor>(weak))
      caf::anon_send(to, std::move(event));
  });
  if (!made) {
    self->quit(std::move(made.error()));
    return containerizer_actor::behavior_type::make_empty_behavior();
  }
  state.processes = std::move(*made);
  self->delayed_send(self, state.options.gc.interval, caf::tick_atom::value);
  return {
    [self](container_start& what, const container_owner_actor& owner) {
      start(self, std::move(what), caf::actor_cast<caf::actor_addr>(owner));
    },
    [self](container_reattach& what, const container_owner_actor& owner) {
      reattach(self, std::move(what), caf::actor_cast<caf::actor_addr>(owner));
    },
    [self](const container_signal& what) {
      signal(self, what);
    },
    [self](const containers_forget& what) {
      forget(self, what);
    },
    [self](const containers_known& what) {
      sweep(self, what);
    },
    [self](sandbox_read& what) {
      return self->delegate(self->state.janitor, std::move(what));
    },
    [self](const process_event& event) {
      process_changed(self, event);
    },
    [self](caf::tick_atom) {
      look_for_garbage(self);
    },
    [self](caf::flush_atom) {
      flush(self);
    },
  };
}

} // namespace agora
