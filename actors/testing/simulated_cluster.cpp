// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/simulated_cluster.hpp"

#include "actors/master/master_actor.hpp"
#include "actors/session/connector_actor.hpp"
#include "runtime/base/check.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace agora::simulation {

namespace {

using std::chrono::milliseconds;

/// Until a process that has ended by itself is started again.
constexpr milliseconds restart_pause{500};

constexpr const char* software = "simulation";

} // namespace

simulated_cluster::simulated_cluster(world& sim, cluster_settings settings)
  : sim_(sim), settings_(std::move(settings)), net_(sim, settings_.network) {
  AGORA_CHECK(settings_.behavior != nullptr && settings_.masters > 0);
  for (uint32_t i = 1; i <= settings_.masters; ++i)
    masters_.push_back(make_master(i));
}

std::unique_ptr<simulated_master>
simulated_cluster::make_master(uint32_t number) {
  auto made = std::make_unique<simulated_master>();
  made->name = number == 1 ? "master" : "master" + std::to_string(number);
  made->number = number;
  made->address = {made->name, 7050};
  made->machine = net_.add_machine(made->name);
  made->disk
    = std::make_shared<simulated_disk>(sim_, settings_.master_disk, "master");
  return made;
}

std::vector<node_address> simulated_cluster::addresses() const {
  std::vector<node_address> all;
  for (auto& one : masters_)
    all.push_back(one->address);
  return all;
}

std::string simulated_cluster::cluster_id() {
  return "c1a57e12c1a57e12c1a57e12c1a57e12";
}

std::unique_ptr<simulated_agent>
simulated_cluster::make_agent(std::string name, std::string resources) {
  auto made = std::make_unique<simulated_agent>();
  made->machine = net_.add_machine(name);
  made->disk
    = std::make_unique<simulated_disk>(sim_, settings_.agent_disk, "agent");
  made->host
    = std::make_unique<simulated_host>(sim_, starts_, name, settings_.behavior);
  made->name = std::move(name);
  made->resources = std::move(resources);
  return made;
}

simulated_agent& simulated_cluster::add_agent(std::string name,
                                              std::string resources) {
  agents_.push_back(make_agent(std::move(name), std::move(resources)));
  return *agents_.back();
}

bool simulated_cluster::runs(const simulated_master& which) const {
  return sim_.lives(which.process) && which.process != no_process;
}

bool simulated_cluster::runs(const simulated_agent& which) const {
  return sim_.lives(which.process) && which.process != no_process;
}

bool simulated_cluster::runs(const simulated_framework& which) const {
  return !which.lives.empty();
}

const master_leadership*
simulated_cluster::leadership_of(const simulated_master& which) const {
  if (!runs(which) || !which.node)
    return nullptr;
  // All runs on one thread, so an actor may be looked at whenever no message is
  // being handled.
  auto* actor = dynamic_cast<master_ptr>(
    caf::actor_cast<caf::abstract_actor*>(which.node->master));
  return actor == nullptr ? nullptr : actor->state.leading.get();
}

simulated_master* simulated_cluster::leading_master() const {
  simulated_master* newest = nullptr;
  epoch of_newest;
  for (auto& one : masters_) {
    auto* leads = leadership_of(*one);
    if (leads == nullptr || leads->deposed)
      continue;
    auto& own = leads->machine.context().own_epoch;
    if (newest == nullptr || own > of_newest) {
      newest = one.get();
      of_newest = own;
    }
  }
  return newest;
}

const master_leadership* simulated_cluster::leadership() const {
  auto* newest = leading_master();
  return newest == nullptr ? nullptr : leadership_of(*newest);
}

const master_machine* simulated_cluster::leader() const {
  auto* leading = leadership();
  return leading == nullptr ? nullptr : &leading->machine;
}

connector_options simulated_cluster::dialing(session::PeerKind kind) {
  connector_options made;
  made.addresses = addresses();
  made.session.kind = kind;
  made.session.limits = settings_.sessions;
  made.open_timeout = settings_.dialing.open_timeout;
  made.backoff = settings_.dialing.backoff;
  made.settled_after = settings_.dialing.settled_after;
  made.scatter_seed = sim_.random().next();
  return made;
}

// -- masters ------------------------------------------------------------------

master_node_options simulated_cluster::master_options(simulated_master& which) {
  master_node_options made;
  made.settings = settings_.master;
  made.settings.software = software;
  made.settings.address = which.address;
  made.sessions = settings_.sessions;
  made.log = settings_.log;
  made.log.consensus.heartbeat_ticks = 2;
  made.log.consensus.election_ticks = 20;
  made.clock = sim_.wall();
  made.election_seed = sim_.random().next();
  auto& replica = made.replica;
  replica.number = which.number;
  replica.address = which.address;
  for (auto& other : masters_)
    if (other.get() != &which)
      replica.peers.push_back({other->number, other->address});
  replica.bootstrap = which.number == 1;
  replica.new_cluster_id = [] {
    return cluster_id();
  };
  replica.software = software;
  replica.link = net_.make_link(which.machine, which.process);
  replica.tick = settings_.consensus_tick;
  replica.on_committed = [this](auto& entries) {
    for (auto& hears : commit_listeners_)
      hears(entries);
  };
  made.on_failure = [this, &which, process = which.process](const status& why) {
    sim_.say(which.name + " fails: " + describe(why));
    if (code_of(why) != errc::io_failed)
      sim_.violated(which.name + " cannot go on: " + describe(why));
    sim_.after({}, [this, &which, process] {
      if (process == which.process)
        crash_master(which);
    });
    sim_.after(restart_pause, [this, &which] {
      start_master(which);
    });
  };
  return made;
}

void simulated_cluster::start_masters() {
  for (auto& one : masters_)
    start_master(*one);
}

void simulated_cluster::start_master(simulated_master& which) {
  if (runs(which))
    return;
  which.process = sim_.begin_process(which.name);
  which.disk->used_by(which.process);
  sim_.say(which.name + " starts");
  sim_.as(which.process, [this, &which] {
    auto made
      = spawn_master_node(sim_.system(), which.disk, master_options(which));
    if (!made)
      return sim_.violated(which.name
                           + " does not start: " + describe(made.error()));
    which.node = std::move(*made);
    net_.listen(which.address, which.machine, which.process,
                which.node->gateway);
  });
}

void simulated_cluster::crash_master(simulated_master& which) {
  if (!runs(which))
    return;
  sim_.say("fault: " + which.name + " crashes");
  sim_.kill(which.process);
  net_.process_died(which.process);
  which.disk->crash();
  which.process = no_process;
}

// -- agents -------------------------------------------------------------------

agent_options simulated_cluster::options_of(const simulated_agent& which) {
  agent_options made;
  made.masters = addresses();
  made.work_dir = settings_.work_dir / which.name;
  made.info.set_hostname(which.name);
  made.info.set_port(7051);
  *made.info.mutable_resources()
    = resources_to_wire(*parse_resources(which.resources));
  made.software = software;
  made.own_address = {which.name, 7051};
  made.timeouts = settings_.agents;
  return made;
}

agent_seams simulated_cluster::seams_of(simulated_agent& which) {
  agent_seams made;
  auto process = which.process;
  made.checkpoints = which.disk.get();
  made.writer = spawn_checkpoint_writer(sim_.system(), *which.disk,
                                        [this, &which](const status&) {
                                          restart_agent(which);
                                        });
  made.make_launcher
    = [&which, process](
        launcher::listener listener) -> result<std::unique_ptr<launcher>> {
    return which.host->make_launcher(process, std::move(listener));
  };
  made.connect = [this, &which](const agent_actor& owner,
                                session::OpenSession introduction) {
    return connect_agent(which, owner, std::move(introduction));
  };
  made.files = make_no_sandbox_files();
  made.own_user = "root";
  made.clock = sim_.wall();
  made.random_bytes = [random = sim_.random().fork()]() mutable {
    return random.bytes(16);
  };
  made.boot_id = which.host->boot_id();
  made.file_threads = false;
  return made;
}

std::vector<connector_actor>
simulated_cluster::connect_agent(simulated_agent& which,
                                 const agent_actor& owner,
                                 session::OpenSession introduction) {
  auto how = dialing(session::AGENT);
  how.introduction = std::move(introduction);
  return spawn_connectors<session::MasterToAgent>(
    sim_.system(), owner, how, net_.make_link(which.machine, which.process));
}

void simulated_cluster::start_agent(simulated_agent& which) {
  if (runs(which))
    return;
  if (std::exchange(which.off, false)) {
    which.host->boot();
    net_.machine_back(which.machine);
  }
  which.process = sim_.begin_process(which.name);
  which.disk->used_by(which.process);
  sim_.say(which.name + " starts");
  sim_.as(which.process, [this, &which] {
    auto made = spawn_agent(sim_.system(), options_of(which), seams_of(which));
    if (!made)
      return sim_.violated(which.name
                           + " does not start: " + describe(made.error()));
    which.actor = *made;
    which.actor->attach_functor(
      [this, &which, process = which.process](const caf::error& why) {
        // Also called when a dead process's actor is forgotten.
        if (process != which.process)
          return;
        sim_.say(which.name + " ends by itself: " + describe(why));
        restart_agent(which);
      });
  });
}

void simulated_cluster::crash_agent(simulated_agent& which) {
  if (!runs(which))
    return;
  sim_.say("fault: " + which.name + " crashes");
  sim_.kill(which.process);
  net_.process_died(which.process);
  which.disk->crash();
  which.host->agent_died();
  which.process = no_process;
}

void simulated_cluster::restart_agent(simulated_agent& which) {
  sim_.after({}, [this, &which, process = which.process] {
    if (process == which.process)
      crash_agent(which);
  });
  sim_.after(restart_pause, [this, &which] {
    if (!which.is_clone && !which.off)
      start_agent(which);
  });
}

void simulated_cluster::power_off(simulated_agent& which) {
  sim_.say("fault: " + which.name + " loses power");
  if (runs(which)) {
    sim_.kill(which.process);
    which.disk->crash();
    which.process = no_process;
  }
  net_.machine_lost(which.machine);
  which.host->power_off();
  which.off = true;
}

void simulated_cluster::wipe(simulated_agent& which) {
  power_off(which);
  which.disk->wipe();
  which.host->wipe();
}

simulated_agent& simulated_cluster::clone(simulated_agent& of) {
  auto made
    = make_agent("clone" + std::to_string(agents_.size()), of.resources);
  made->disk = of.disk->clone();
  made->is_clone = of.has_clone = true;
  made->host->shares_identity_with(*of.host);
  agents_.push_back(std::move(made));
  auto& which = *agents_.back();
  sim_.say("fault: " + which.name + " starts on a copy of " + of.name);
  start_agent(which);
  return which;
}

// -- frameworks ---------------------------------------------------------------

void simulated_cluster::connect_framework(
  simulated_framework& which, process_number process,
  const framework_driver_actor& driver) {
  auto how = dialing(session::SCHEDULER);
  how.introduction.set_protocol_version(session_protocol_version);
  how.introduction.set_kind(session::SCHEDULER);
  how.introduction.set_software(software);
  spawn_connectors<session::MasterToScheduler>(
    sim_.system(), driver, how, net_.make_link(which.machine, process));
}

void simulated_cluster::start_framework(simulated_framework& which,
                                        driver_options options,
                                        scheduler_factory scheduler) {
  auto founds = !options.info.has_id();
  auto process = sim_.begin_process(which.name);
  sim_.say(which.name + " starts");
  sim_.as(process, [&] {
    auto connect = [this, &which, process](
                     caf::actor_system&, const framework_driver_actor& driver) {
      connect_framework(which, process, driver);
    };
    auto driver
      = sim_.system().spawn(framework_driver, std::move(options),
                            std::move(scheduler), connect_function{connect});
    driver->attach_functor([this, &which, process](const caf::error& why) {
      sim_.after({}, [this, &which, process, why] {
        framework_ended(which, process, why);
      });
    });
    which.lives.push_back({process, std::move(driver), founds});
  });
}

void simulated_cluster::crash_framework(simulated_framework& which) {
  if (which.lives.empty())
    return;
  auto process = which.lives.front().process;
  sim_.say("fault: " + which.name + " crashes");
  sim_.kill(process);
  net_.process_died(process);
  which.lives.erase(which.lives.begin());
}

void simulated_cluster::framework_ended(simulated_framework& which,
                                        process_number process,
                                        const caf::error& reason) {
  auto found = std::find_if(which.lives.begin(), which.lives.end(),
                            [process](auto& life) {
                              return life.process == process;
                            });
  if (found == which.lives.end())
    return;
  sim_.say(which.name + " ends: " + describe(reason));
  sim_.kill(process);
  net_.process_died(process);
  which.lives.erase(found);
  if (which.on_end)
    which.on_end(reason);
}

} // namespace agora::simulation
