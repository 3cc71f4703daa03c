// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/emulated_frameworks.hpp"

#include "actors/scheduler/framework_driver_actor.hpp"
#include "actors/scheduler/framework_program.hpp"
#include "actors/session/connector_actor.hpp"
#include "runtime/base/check.hpp"
#include "runtime/node/node_config.hpp"
#include "tools/agora-load/load_scheduler_actor.hpp"
#include "tools/agora-load/shared_link_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <future>
#include <utility>

namespace agora::load {

struct emulated_frameworks::actors {
  /// One connection of the process.
  struct island {
    island()
      : config(1),
        system(config),
        link(system.spawn(shared_link,
                          system.spawn(tcp_link, tcp_link_options{}))) {
      // nop
    }

    node_config config;
    caf::actor_system system;
    link_actor link;
  };

  std::vector<node_address> masters;
  std::shared_ptr<load_totals> totals = std::make_shared<load_totals>();
  std::vector<std::unique_ptr<island>> islands;
  std::vector<framework_driver_actor> drivers;
  std::vector<load_scheduler_actor> schedulers;

  connect_function connect(const link_actor& link) const {
    connector_options options;
    options.addresses = masters;
    options.session.kind = session::SCHEDULER;
    options.backoff = backoff_of_few;
    options.introduction.set_protocol_version(session_protocol_version);
    options.introduction.set_kind(session::SCHEDULER);
    options.introduction.set_software("agora-load");
    return [options, link](caf::actor_system& system,
                           const framework_driver_actor& driver) {
      spawn_connectors<session::MasterToScheduler>(system, driver, options,
                                                   link);
    };
  }
};

emulated_frameworks::emulated_frameworks(std::vector<node_address> masters,
                                         uint32_t connections)
  : actors_(std::make_unique<actors>()) {
  actors_->masters = std::move(masters);
  for (uint32_t i = 0; i < connections; ++i)
    actors_->islands.push_back(std::make_unique<actors::island>());
}

emulated_frameworks::~emulated_frameworks() = default;

void emulated_frameworks::start(uint32_t count, const std::string& name) {
  auto& all = *actors_;
  for (uint32_t i = 0; i < count; ++i) {
    auto& home = *all.islands[all.drivers.size() % all.islands.size()];
    driver_options options;
    options.info.set_name(name + "-" + std::to_string(i));
    options.info.set_user(current_user());
    options.info.add_roles("*");
    *options.info.add_capabilities() = [] {
      v1::FrameworkInfo::Capability what;
      what.set_type(v1::FrameworkInfo::Capability::PARTITION_AWARE);
      return what;
    }();
    auto spawned = std::make_shared<std::promise<load_scheduler_actor>>();
    auto known = spawned->get_future();
    auto factory
      = [spawned, totals = all.totals](caf::actor_system& system,
                                       const framework_driver_actor& driver) {
          auto scheduler = system.spawn(load_scheduler, driver, totals);
          spawned->set_value(scheduler);
          return scheduler_actor{scheduler};
        };
    all.drivers.push_back(
      home.system.spawn(framework_driver, std::move(options),
                        scheduler_factory{factory}, all.connect(home.link)));
    all.schedulers.push_back(known.get());
  }
}

void emulated_frameworks::launch(size_t index, launch_share what) {
  AGORA_CHECK(index < actors_->schedulers.size());
  caf::anon_send(actors_->schedulers[index], std::move(what));
}

void emulated_frameworks::watch_offers() {
  actors_->totals->begin_watch();
  for (auto& each : actors_->schedulers)
    caf::anon_send(each, caf::get_atom::value);
}

size_t emulated_frameworks::size() const {
  return actors_->schedulers.size();
}

load_totals& emulated_frameworks::totals() {
  return *actors_->totals;
}

} // namespace agora::load
