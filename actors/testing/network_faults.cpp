// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/network.hpp"

namespace agora::simulation {

std::vector<uint64_t> network::wires_of(machine_number machine) const {
  std::vector<uint64_t> found;
  for (auto& [number, on] : wires_)
    if (on->lanes[to_server].from == machine
        || on->lanes[to_server].to == machine)
      found.push_back(number);
  return found;
}

void network::process_died(process_number process) {
  std::vector<uint64_t> touched;
  for (auto& [number, on] : wires_)
    for (auto& way : on->lanes)
      if (way.receiver == process)
        touched.push_back(number);
  for (auto number : touched) {
    auto found = wires_.find(number);
    if (found == wires_.end())
      continue;
    auto& on = *found->second;
    auto inward
      = on.lanes[to_server].receiver == process ? to_server : to_dialer;
    auto outward = inward == to_server ? to_dialer : to_server;
    on.lanes[inward].items.clear();
    auto& last = on.lanes[outward].items;
    // A reset overtakes what the receiver has not read yet.
    if (!last.empty() && random_.chance(0.5))
      last.erase(last.begin()
                   + static_cast<std::ptrdiff_t>(random_.below(last.size())),
                 last.end());
    send(number, outward,
         ends{caf::make_error(caf::exit_reason::remote_link_unreachable)});
    drop_if_over(number);
  }
}

void network::machine_lost(machine_number machine) {
  machines_[machine].lost = true;
}

void network::machine_back(machine_number machine) {
  machines_[machine].lost = false;
  for (auto number : wires_of(machine)) {
    auto found = wires_.find(number);
    if (found == wires_.end())
      continue;
    for (auto which : {to_server, to_dialer}) {
      auto& way = found->second->lanes[which];
      way.items.clear();
      if (way.from == machine && !way.ended)
        send(number, which,
             ends{caf::make_error(caf::exit_reason::remote_link_unreachable)});
    }
  }
}

void network::cut(machine_number from, machine_number to) {
  cuts_.emplace(from, to);
}

void network::heal(machine_number from, machine_number to) {
  cuts_.erase({from, to});
  for (auto& [number, on] : wires_)
    for (auto which : {to_server, to_dialer})
      if (on->lanes[which].from == from && on->lanes[which].to == to)
        arm(*on, which);
}

void network::heal_all() {
  cuts_.clear();
  for (auto& [number, on] : wires_)
    for (auto which : {to_server, to_dialer})
      arm(*on, which);
}

void network::reset_one(machine_number machine) {
  auto open = wires_of(machine);
  if (!open.empty())
    reset(open[random_.below(open.size())]);
}

void network::reset_all(machine_number machine) {
  for (auto number : wires_of(machine))
    reset(number);
}

void network::calm_down() {
  settings_.slow_chance = 0;
  settings_.reset_chance = 0;
}

} // namespace agora::simulation
