// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/network.hpp"

#include <algorithm>
#include <functional>

namespace agora::simulation {

namespace {

/// As tcp_link_options has them.
constexpr std::chrono::seconds connect_timeout{3};
constexpr std::chrono::seconds handshake_timeout{5};

/// What CAF tells those who monitor an actor behind a broken connection.
caf::error connection_lost() {
  return caf::make_error(caf::exit_reason::remote_link_unreachable);
}

} // namespace

network::network(world& sim, network_settings settings)
  : sim_(sim), settings_(settings), random_(sim.random().fork()) {
  // nop
}

network::~network() = default;

machine_number network::add_machine(std::string name) {
  machines_.push_back({std::move(name), false});
  return static_cast<machine_number>(machines_.size() - 1);
}

void network::listen(const node_address& at, machine_number machine,
                     process_number process, gateway_actor gateway) {
  listeners_[to_string(at)] = {machine, process, std::move(gateway)};
}

std::chrono::nanoseconds network::latency() {
  auto takes = random_.between(settings_.latency_least, settings_.latency_most);
  if (random_.chance(settings_.slow_chance))
    takes *= random_.between(10, 100);
  return takes;
}

bool network::passes(machine_number from, machine_number to) const {
  return !machines_[from].lost && !machines_[to].lost
         && !cuts_.contains({from, to});
}

bool network::both_ways(machine_number one, machine_number other) const {
  return passes(one, other) && passes(other, one);
}

// -- frames -------------------------------------------------------------------

void network::send(uint64_t number, direction which, item what) {
  auto found = wires_.find(number);
  if (found == wires_.end())
    return;
  auto& on = *found->second;
  auto& way = on.lanes[which];
  if (way.ended)
    return;
  if (std::holds_alternative<session_frame>(what)
      && random_.chance(settings_.reset_chance)) {
    sim_.say("fault: connection reset wire=" + std::to_string(number));
    return reset(number);
  }
  if (std::holds_alternative<ends>(what))
    way.ended = true;
  auto due = sim_.now() + latency();
  if (!way.items.empty())
    due = std::max(due, way.items.back().first);
  way.items.emplace_back(due, std::move(what));
  arm(on, which);
}

void network::arm(wire& on, direction which) {
  auto& way = on.lanes[which];
  if (way.armed || way.items.empty())
    return;
  way.armed = true;
  auto wait
    = std::max(way.items.front().first - sim_.now(), world::duration{0});
  sim_.after(wait, [this, number = on.number, which] {
    arrive(number, which);
  });
}

void network::arrive(uint64_t number, direction which) {
  auto found = wires_.find(number);
  if (found == wires_.end())
    return;
  auto& on = *found->second;
  auto& way = on.lanes[which];
  way.armed = false;
  // The sender's kernel sends it again until it gets through.
  if (!passes(way.from, way.to) || way.items.empty())
    return;
  auto what = std::move(way.items.front().second);
  way.items.pop_front();
  arm(on, which);
  deliver(on, which, std::move(what));
  drop_if_over(number);
}

void network::deliver(wire& on, direction which, item what) {
  auto& way = on.lanes[which];
  if (auto* frame = std::get_if<session_frame>(&what)) {
    ++frames_;
    sim_.mix(std::hash<std::string>{}(frame->body) + frame->sequence);
    auto& to = which == to_server ? on.server_session : on.dialer_session;
    if (to && !way.closed && sim_.lives(way.receiver))
      caf::anon_send(to, std::move(*frame));
  } else if (auto* asked = std::get_if<asks>(&what)) {
    if (sim_.lives(way.receiver))
      caf::anon_send(on.at_server, std::move(asked->request), on.gateway);
  } else if (auto* answer = std::get_if<opened>(&what)) {
    on.answer.deliver(std::move(answer->answer),
                      session_endpoint{on.at_dialer});
  } else {
    close(on, which, std::get<ends>(what).reason);
  }
}

void network::close(wire& on, direction which, const caf::error& reason) {
  auto& way = on.lanes[which];
  if (std::exchange(way.closed, true))
    return;
  auto& end = which == to_server ? on.at_server : on.at_dialer;
  // A refusal of the gateway: there never was a session.
  if (which == to_dialer && on.answer.pending() && !on.server_session
      && reason != caf::exit_reason::remote_link_unreachable)
    on.answer.deliver(reason);
  caf::anon_send(end, session_close{reason});
}

void network::drop_if_over(uint64_t number) {
  auto found = wires_.find(number);
  if (found == wires_.end())
    return;
  auto over = [this](const lane& way) {
    return way.closed || !sim_.lives(way.receiver);
  };
  auto& on = *found->second;
  if (over(on.lanes[to_server]) && over(on.lanes[to_dialer]))
    wires_.erase(found);
}

void network::reset(uint64_t number) {
  auto found = wires_.find(number);
  if (found == wires_.end())
    return;
  auto& on = *found->second;
  for (auto which : {to_server, to_dialer}) {
    on.lanes[which].items.clear();
    close(on, which, connection_lost());
  }
  wires_.erase(found);
}

// -- the actors ---------------------------------------------------------------

network::end_actor::behavior_type
network::wire_end(end_actor::pointer self, uint64_t number, direction outward) {
  // It hears of the end behind all that was sent before.
  self->set_down_handler([this, number, outward](const caf::down_msg& down) {
    send(number, outward, ends{down.reason});
  });
  return {
    [this, number, outward](session_frame& frame) {
      send(number, outward, std::move(frame));
    },
    [self](session_close& close) {
      self->quit(std::move(close.reason));
    },
    [this, self, number](session::OpenSession& request,
                         const gateway_actor& gateway) {
      self
        ->request(gateway, caf::infinite, std::move(request),
                  session_endpoint{self})
        .then(
          [this, self, number](session::SessionOpened& answer,
                               session_endpoint& session) {
            if (auto found = wires_.find(number); found != wires_.end())
              found->second->server_session = session;
            // First: whoever opens a session may end it at once.
            send(number, to_dialer, opened{std::move(answer), session});
            self->monitor(session);
          },
          [this, number](caf::error& reason) {
            send(number, to_dialer, ends{std::move(reason)});
          });
    },
    [self](caf::get_atom, const session_endpoint& session) {
      self->monitor(session);
    },
  };
}

gateway_actor::behavior_type network::proxy(gateway_actor::pointer self,
                                            machine_number machine,
                                            process_number process,
                                            listener at) {
  return {
    [this, self, machine, process, at](session::OpenSession& request,
                                       session_endpoint& session)
      -> caf::result<session::SessionOpened, session_endpoint> {
      auto number = next_wire_++;
      auto& on = *(wires_[number] = std::make_unique<wire>());
      on.number = number;
      on.lanes[to_server].from = on.lanes[to_dialer].to = machine;
      on.lanes[to_server].to = on.lanes[to_dialer].from = at.machine;
      on.lanes[to_server].receiver = at.process;
      on.lanes[to_dialer].receiver = process;
      on.dialer_session = session;
      on.gateway = at.gateway;
      on.answer = late_answer<session::SessionOpened, session_endpoint>{self};
      auto make_end = [this, number](direction outward) {
        return sim_.system().spawn(
          [this, number, outward](end_actor::pointer end) {
            return wire_end(end, number, outward);
          });
      };
      on.at_server = make_end(to_dialer);
      on.at_dialer = make_end(to_server);
      caf::anon_send(on.at_dialer, caf::get_atom::value, session);
      auto answer = on.answer.promise();
      if (sim_.lives(at.process))
        send(number, to_server, asks{std::move(request)});
      else
        reset(number);
      return answer;
    },
  };
}

link_actor network::make_link(machine_number machine, process_number process) {
  return sim_.system().spawn(
    [this, machine, process](link_actor::pointer self) {
      return link_actor::behavior_type{
        [this, self, machine, process](const std::string& host, uint16_t port) {
          gateway_promise answer{self};
          dial(machine, process, {host, port}, answer);
          return answer.promise();
        },
      };
    });
}

void network::dial(machine_number machine, process_number process,
                   const node_address& to, gateway_promise answer) {
  auto found = listeners_.find(to_string(to));
  auto refused
    = [this, to, answer](std::chrono::nanoseconds when, errc code) mutable {
        sim_.after(when, [to, answer, code]() mutable {
          answer.deliver(fail(code, to_string(to) + " cannot be reached"));
        });
      };
  if (found == listeners_.end())
    return refused(latency(), errc::unreachable);
  auto at = found->second;
  if (!both_ways(machine, at.machine))
    return refused(connect_timeout, errc::timeout);
  sim_.after(latency() + latency(), [this, machine, process, at, answer] {
    connected(machine, process, at, answer);
  });
}

void network::connected(machine_number machine, process_number process,
                        const listener& at, gateway_promise answer) {
  auto later = std::chrono::nanoseconds{0};
  auto reason = fail(errc::unreachable, "nobody listens there");
  if (sim_.lives(at.process) && both_ways(machine, at.machine)) {
    if (!sim_.stopped(at.process)) {
      auto made = sim_.system().spawn(
        [this, machine, process, at](gateway_actor::pointer self) {
          return proxy(self, machine, process, at);
        });
      answer.deliver(std::move(made));
      return;
    }
    // The kernel takes the connection, and then nobody answers.
    later = handshake_timeout;
    reason = fail(errc::timeout, "it does not answer as a node of Agora");
  }
  sim_.after(later, [answer, reason]() mutable {
    answer.deliver(reason);
  });
}

} // namespace agora::simulation
