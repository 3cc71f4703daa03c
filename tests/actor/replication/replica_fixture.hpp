// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/gateway/gateway_actor.hpp"
#include "actors/replication/log_replica_actor.hpp"
#include "actors/testing/network.hpp"
#include "actors/testing/simulated_disk.hpp"
#include "actors/testing/world.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agora::test {

/// What the owner of a replica has seen: the state is the payloads by their
/// index.
struct owner_record {
  log_actor log;
  std::map<std::string, std::string> state;
  uint64_t applied = 0;
  size_t installed = 0;
  std::optional<log_leadership> leadership;
  std::vector<std::string> failures;
};

struct owner_state {
  static inline const char* name = "log-owner";
};

inline log_owner_actor::behavior_type
record_owner(log_owner_actor::stateful_pointer<owner_state> self,
             std::shared_ptr<owner_record> record) {
  return {
    [self, record](const committed_entries& committed) {
      write_batch changes;
      for (auto& entry : committed.entries) {
        EXPECT_EQ(entry->index, record->applied + 1);
        record->applied = entry->index;
        if (entry->kind != entry_kind::command)
          continue;
        auto key = std::to_string(1'000'000 + entry->index);
        record->state[key] = entry->payload;
        changes.put(key, entry->payload);
      }
      self->send(record->log,
                 entries_applied{record->applied, std::move(changes)});
    },
    [record](const state_installed& installed) {
      record->state.clear();
      auto bad = installed.state->visit_all([&](auto key, auto value) {
        record->state.emplace(key, value);
        return visit::more;
      });
      EXPECT_FALSE(bad) << describe(bad);
      record->applied = installed.index;
      ++record->installed;
    },
    [record](const log_leadership& leadership) {
      record->leadership = leadership;
    },
  };
}

/// Masters of nothing but a log, each on a machine of its own, in virtual time.
class replica_fixture : public testing::Test {
protected:
  struct node {
    uint32_t number = 0;
    simulation::machine_number machine = 0;
    std::unique_ptr<simulation::simulated_disk> disk;
    simulation::process_number process = simulation::no_process;
    log_replica_actor replica;
    std::shared_ptr<owner_record> owner;
  };

  node& add_node() {
    auto made = std::make_unique<node>();
    made->number = static_cast<uint32_t>(nodes.size() + 1);
    made->machine = net.add_machine("m" + std::to_string(made->number));
    made->disk = std::make_unique<simulation::simulated_disk>(
      sim, simulation::disk_settings{}, "master");
    nodes.push_back(std::move(made));
    return *nodes.back();
  }

  static node_address address_of(uint32_t number) {
    return {"m" + std::to_string(number), 7050};
  }

  /// @param peers How many masters there shall be.
  void start(node& which, uint32_t peers = 3, bool bootstrap = false) {
    which.process = sim.begin_process("m" + std::to_string(which.number));
    which.disk->used_by(which.process);
    which.owner = std::make_shared<owner_record>();
    sim.as(which.process, [&] {
      auto log
        = replicated_log::open({std::shared_ptr<void>{}, which.disk.get()},
                               "test", settings, sim.random().next());
      ASSERT_TRUE(log) << describe(log.error());
      ASSERT_FALSE(check_replica(which.number, **log));
      which.owner->applied = (*log)->applied_index();
      ASSERT_TRUE((*log)->for_each_state([&](auto key, auto value) {
        which.owner->state.emplace(key, value);
        return visit::more;
      }));
      replica_options options;
      options.number = which.number;
      options.address = address_of(which.number);
      for (uint32_t i = 1; i <= peers; ++i)
        if (i != which.number)
          options.peers.push_back({i, address_of(i)});
      options.bootstrap = bootstrap;
      options.new_cluster_id = [] {
        return std::string{"c1u57e12"};
      };
      options.link = net.make_link(which.machine, which.process);
      options.on_failure = [record = which.owner](const status& why) {
        record->failures.push_back(describe(why));
      };
      auto owner = sim.system().spawn(record_owner, which.owner);
      which.replica = sim.system().spawn(
        log_replica, options, std::shared_ptr{std::move(*log)}, owner);
      which.owner->log = caf::actor_cast<log_actor>(which.replica);
      gateway_options gate;
      gate.services[session::REPLICA]
        = bind_owner<session::ReplicaMessages>(which.replica);
      net.listen(address_of(which.number), which.machine, which.process,
                 sim.system().spawn(gateway, gate));
    });
  }

  void crash(node& which) {
    sim.kill(which.process);
    net.process_died(which.process);
    which.disk->crash();
    which.replica = nullptr;
    which.process = simulation::no_process;
  }

  /// Three members, the first one founds.
  void start_three() {
    for (int i = 0; i < 3; ++i)
      add_node();
    for (auto& one : nodes)
      start(*one, 3, one->number == 1);
    run_for(std::chrono::seconds{5});
  }

  void run_for(simulation::world::duration time) {
    sim.run(sim.now() + time);
    EXPECT_FALSE(sim.failed()) << sim.violation();
  }

  /// The member that leads; null if there is none, or more than one.
  node* leader() {
    node* found = nullptr;
    for (auto& one : nodes)
      if (one->replica && one->owner->leadership
          && one->owner->leadership->leads) {
        if (found != nullptr
            && found->owner->leadership->term > one->owner->leadership->term)
          continue;
        found = one.get();
      }
    return found;
  }

  /// Asks, and lets time pass until there is an answer.
  template <class Reply, class Handle, class... Ts>
  result<Reply> ask(const Handle& whom, simulation::world::duration patience,
                    Ts&&... what) {
    result<Reply> reply = fail(errc::timeout, "no answer");
    auto answered = false;
    auto asker = sim.system().spawn([&](caf::event_based_actor* self) {
      self->request(whom, patience, std::forward<Ts>(what)...)
        .then(
          [&](Reply& value) {
            reply = std::move(value);
            answered = true;
          },
          [&](caf::error& why) {
            reply = std::move(why);
            answered = true;
          });
    });
    auto until = sim.now() + patience + std::chrono::seconds{1};
    while (!answered && sim.now() < until)
      run_for(std::chrono::milliseconds{5});
    EXPECT_TRUE(answered);
    return reply;
  }

  result<uint64_t> propose(node& at, std::vector<std::string> payloads) {
    return ask<uint64_t>(
      at.owner->log, std::chrono::seconds{2},
      log_proposal{std::move(payloads), at.owner->leadership->term});
  }

  result<session::Done> change(node& at, const session::ChangeMasters& what) {
    return ask<session::Done>(at.owner->log, std::chrono::seconds{30}, what);
  }

  session::MasterList list(node& at) {
    auto answer = ask<session::MasterList>(
      at.owner->log, std::chrono::seconds{1}, get_log_members{});
    return answer ? *answer : session::MasterList{};
  }

  /// Whether all that run have the same state, with this value at its end.
  testing::AssertionResult all_have(const std::string& last) {
    for (auto& one : nodes) {
      if (!one->replica)
        continue;
      auto& state = one->owner->state;
      if (state.empty() || state.rbegin()->second != last)
        return testing::AssertionFailure()
               << "m" << one->number << " has "
               << (state.empty() ? "nothing" : state.rbegin()->second);
      if (state != nodes.front()->owner->state && nodes.front()->replica)
        return testing::AssertionFailure()
               << "m" << one->number << " differs from m1";
    }
    return testing::AssertionSuccess();
  }

  /// What actors refer to that never run again: it is kept until the process
  /// ends.
  struct place {
    simulation::world sim{1, 0};
    simulation::network net{sim, {}};
    std::vector<std::unique_ptr<node>> nodes;
  };

  static place& new_place() {
    static auto& kept = *new std::vector<std::unique_ptr<place>>;
    kept.push_back(std::make_unique<place>());
    return *kept.back();
  }

  place& here = new_place();
  simulation::world& sim = here.sim;
  simulation::network& net = here.net;
  std::vector<std::unique_ptr<node>>& nodes = here.nodes;
  log_settings settings;
};

} // namespace agora::test
