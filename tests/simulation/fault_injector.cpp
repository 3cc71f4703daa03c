// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/fault_injector.hpp"

namespace agora::simulation {

namespace {

/// Processes of one framework at once, at most.
constexpr size_t lives_limit = 2;

/// Copies of agents in one run, at most.
constexpr size_t agents_limit = 7;

} // namespace

fault_injector::fault_injector(world& sim, tested_cluster& cluster)
  : sim_(sim),
    cluster_(cluster),
    stale_(sim, cluster),
    random_(sim.random().fork()),
    healthy_since_(sim.now()) {
  auto& weights = cluster.how().weights;
  choices_ = {
    {weights.reset, &fault_injector::reset},
    {weights.partition, &fault_injector::partition},
    {weights.stop, &fault_injector::stop},
    {weights.crash_master, &fault_injector::crash_master},
    {weights.stale_master, &fault_injector::stale_master},
    {weights.crash_agent, &fault_injector::crash_agent},
    {weights.crash_framework, &fault_injector::crash_framework},
    {weights.second_framework, &fault_injector::second_framework},
    {weights.reboot, &fault_injector::reboot},
    {weights.slow_disk, &fault_injector::slow_disk},
    {weights.fail_disk, &fault_injector::fail_disk},
    {weights.clone, &fault_injector::clone},
    {weights.wipe, &fault_injector::wipe},
  };
  for (auto& one : choices_)
    weight_ += one.weight;
}

void fault_injector::begin() {
  over_ = weight_ == 0;
  schedule();
}

void fault_injector::schedule() {
  if (over_)
    return;
  auto& how = cluster_.how();
  sim_.after(random_.between(how.fault_pause_least, how.fault_pause_most),
             [this] {
               if (over_)
                 return;
               inject();
               schedule();
             });
}

void fault_injector::inject() {
  ++faults_;
  auto drawn = random_.below(weight_);
  for (auto& one : choices_) {
    if (drawn < one.weight)
      return (this->*one.what)();
    drawn -= one.weight;
  }
}

std::chrono::nanoseconds fault_injector::some_time() {
  auto& how = cluster_.how();
  // Short ones are as likely as long ones.
  auto most = random_.between(how.fault_least, how.fault_most);
  return random_.between(how.fault_least, most);
}

void fault_injector::heal() {
  over_ = true;
  sim_.say("everything is healed");
  sim_.end_stalls();
  cluster_.net().calm_down();
  cluster_.net().heal_all();
  stale_.stop();
  for (auto& master : cluster_.masters()) {
    sim_.proceed(master->process);
    master->disk->repair();
    cluster_.start_master(*master);
  }
  for (auto& agent : cluster_.agents()) {
    sim_.proceed(agent->process);
    agent->disk->repair();
    // An operator notices that there are two of one: the older incarnation is
    // refused. The copy goes, and the other is started again.
    if (agent->has_clone)
      cluster_.crash_agent(*agent);
    if (!agent->is_clone)
      cluster_.start_agent(*agent);
    else if (!agent->off)
      cluster_.power_off(*agent);
  }
  for (auto& framework : cluster_.frameworks()) {
    for (auto& life : framework->lives)
      sim_.proceed(life.process);
    if (!cluster_.runs(*framework))
      cluster_.start_framework(*framework);
  }
  healthy_since_ = sim_.now();
}

// -- whom ---------------------------------------------------------------------

simulated_master& fault_injector::some_master() {
  auto& all = cluster_.masters();
  // The one that leads is where it hurts.
  auto* leads = cluster_.leading_master();
  if (leads != nullptr && random_.chance(0.4))
    return *leads;
  return *all[random_.below(all.size())];
}

simulated_agent& fault_injector::some_agent() {
  auto& all = cluster_.agents();
  return *all[random_.below(all.size())];
}

tested_framework& fault_injector::some_framework() {
  auto& all = cluster_.frameworks();
  return *all[random_.below(all.size())];
}

machine_number fault_injector::some_machine() {
  switch (random_.below(4)) {
    case 0:
      return some_master().machine;
    case 1:
      return some_framework().machine;
    default:
      return some_agent().machine;
  }
}

process_number fault_injector::some_process() {
  switch (random_.below(4)) {
    case 0:
      return some_master().process;
    case 1: {
      auto& framework = some_framework();
      return framework.lives.empty() ? no_process
                                     : framework.lives.front().process;
    }
    default:
      return some_agent().process;
  }
}

// -- what ---------------------------------------------------------------------

void fault_injector::reset() {
  auto machine = some_machine();
  sim_.say("fault: connections of machine " + std::to_string(machine)
           + " are reset");
  if (random_.chance(0.5))
    cluster_.net().reset_one(machine);
  else
    cluster_.net().reset_all(machine);
}

void fault_injector::partition() {
  auto master = some_master().machine;
  auto other = some_peer_of(master);
  auto there = random_.chance(0.7);
  auto back = !there || random_.chance(0.7);
  auto& net = cluster_.net();
  sim_.say("fault: machine " + std::to_string(other) + " is cut off"
           + (there && back ? ""
              : there       ? " from"
                            : " towards"));
  if (there)
    net.cut(master, other);
  if (back)
    net.cut(other, master);
  sim_.after(some_time(), [this, &net, master, other] {
    sim_.say("machine " + std::to_string(other) + " is not cut off any more");
    net.heal(master, other);
    net.heal(other, master);
  });
}

machine_number fault_injector::some_peer_of(machine_number master) {
  auto& masters = cluster_.masters();
  auto& one = *masters[random_.below(masters.size())];
  if (one.machine != master && random_.chance(0.6))
    return one.machine;
  return random_.chance(0.3) ? some_framework().machine : some_agent().machine;
}

void fault_injector::stop() {
  auto process = some_process();
  if (process == no_process || sim_.stopped(process))
    return;
  sim_.say("fault: " + sim_.name_of(process) + " is stopped");
  sim_.stop(process);
  sim_.after(some_time(), [this, process] {
    sim_.say(sim_.name_of(process) + " continues");
    sim_.proceed(process);
  });
}

void fault_injector::crash_master() {
  auto& master = some_master();
  cluster_.crash_master(master);
  sim_.after(some_time(), [this, &master] {
    cluster_.start_master(master);
  });
}

void fault_injector::stale_master() {
  auto own = stale_.older_than_all();
  if (!own)
    return;
  // It answers at the address of the first.
  cluster_.crash_master(cluster_.master());
  stale_.start(*own);
  sim_.after(some_time(), [this] {
    stale_.stop();
    cluster_.start_master(cluster_.master());
  });
}

void fault_injector::crash_agent() {
  auto& agent = some_agent();
  cluster_.crash_agent(agent);
  if (agent.is_clone)
    return;
  sim_.after(some_time(), [this, &agent] {
    cluster_.start_agent(agent);
  });
}

void fault_injector::crash_framework() {
  auto& framework = some_framework();
  cluster_.crash_framework(framework);
  // Often sooner than its failover timeout, sometimes later.
  sim_.after(some_time() * 2, [this, &framework] {
    if (!cluster_.runs(framework))
      cluster_.start_framework(framework);
  });
}

void fault_injector::second_framework() {
  auto& framework = some_framework();
  if (framework.lives.size() < lives_limit)
    cluster_.start_framework(framework);
}

void fault_injector::reboot() {
  auto& agent = some_agent();
  if (agent.off)
    return;
  cluster_.power_off(agent);
  if (agent.is_clone)
    return;
  sim_.after(some_time(), [this, &agent] {
    cluster_.start_agent(agent);
  });
}

void fault_injector::slow_disk() {
  auto of_master = random_.chance(0.5);
  auto& agent = some_agent();
  auto& master = some_master();
  auto factor = random_.between(5, 200);
  sim_.say("fault: slow disk of " + (of_master ? master.name : agent.name));
  auto set = [of_master, &agent, &master](int64_t to) {
    auto& disk = of_master ? *master.disk : *agent.disk;
    disk.slow_down(to);
  };
  set(factor);
  sim_.after(some_time(), [set] {
    set(1);
  });
}

void fault_injector::fail_disk() {
  auto of_master = random_.chance(0.5);
  auto& agent = some_agent();
  auto& master = some_master();
  // Without anybody who writes to it, it would fail the next one's start.
  if (of_master ? !cluster_.runs(master) : !cluster_.runs(agent))
    return;
  sim_.say("fault: failing disk of " + (of_master ? master.name : agent.name));
  (of_master ? *master.disk : *agent.disk).fail_next();
}

void fault_injector::clone() {
  auto& agent = some_agent();
  if (cluster_.agents().size() >= agents_limit || agent.is_clone)
    return;
  cluster_.log().agents_may_forget();
  cluster_.clone(agent);
}

void fault_injector::wipe() {
  auto& agent = some_agent();
  if (agent.off || agent.is_clone)
    return;
  cluster_.wipe(agent);
  sim_.after(some_time(), [this, &agent] {
    cluster_.start_agent(agent);
  });
}

} // namespace agora::simulation
