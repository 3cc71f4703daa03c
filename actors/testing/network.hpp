// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"
#include "actors/testing/world.hpp"
#include "runtime/messaging/address.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace agora::simulation {

/// An answer that is given while its actor handles no message. CAF would wake
/// the receiver through the thread that has run the actor last, and which is
/// none here.
template <class... Ts>
class late_answer {
public:
  late_answer() = default;

  template <class Self>
  explicit late_answer(Self* self)
    : self_(self), promise_(self->template make_response_promise<Ts...>()) {
    // nop
  }

  template <class... Us>
  void deliver(Us&&... content) {
    self_->context(nullptr);
    promise_.deliver(std::forward<Us>(content)...);
  }

  bool pending() const {
    return promise_.pending();
  }

  const caf::typed_response_promise<Ts...>& promise() const {
    return promise_;
  }

private:
  /// Kept alive by the promise.
  caf::local_actor* self_ = nullptr;
  caf::typed_response_promise<Ts...> promise_;
};

/// A machine has one network interface; processes on one machine share its
/// fate.
using machine_number = uint32_t;

struct network_settings {
  std::chrono::nanoseconds latency_least{std::chrono::microseconds{50}};
  std::chrono::nanoseconds latency_most{std::chrono::microseconds{500}};
  /// For each frame: that it takes ten to a hundred times as long.
  double slow_chance = 0;
  /// For each frame: that the connection is reset instead.
  double reset_chance = 0;
};

/// The network between processes: it stands where tcp_link_actor.hpp and CAF's
/// connections are, and shows what they show. Frames of one direction of one
/// connection keep their order and are never lost while it lasts. A process
/// that dies resets its connections, perhaps before its last frames arrive. A
/// machine that is lost, or cut off, says nothing at all; what was sent to it
/// arrives late, if the connection is still there by then.
class network {
public:
  network(world& sim, network_settings settings);
  ~network();

  machine_number add_machine(std::string name);

  /// The process on `machine` takes connections at `at` from now on.
  void listen(const node_address& at, machine_number machine,
              process_number process, gateway_actor gateway);

  /// What `process` dials with.
  link_actor make_link(machine_number machine, process_number process);

  // -- faults -----------------------------------------------------------------

  /// The process was killed: its kernel closes what it had open.
  void process_died(process_number process);

  /// The machine has no power: nobody is told. Its processes are not killed
  /// here.
  void machine_lost(machine_number machine);

  /// It has power again, and answers what is left of its connections with
  /// resets.
  void machine_back(machine_number machine);

  /// Nothing gets from one to the other until it is healed.
  void cut(machine_number from, machine_number to);
  void heal(machine_number from, machine_number to);
  void heal_all();

  /// Some router forgets a connection of the machine, or all of them.
  void reset_one(machine_number machine);
  void reset_all(machine_number machine);

  /// No chance plays any role any more, but for latency.
  void calm_down();

  size_t open_wires() const {
    return wires_.size();
  }

  uint64_t frames() const {
    return frames_;
  }

private:
  struct opened {
    session::SessionOpened answer;
    session_endpoint session;
  };
  /// The dialer asks for a session.
  struct asks {
    session::OpenSession request;
  };
  /// The session at the sending side has ended, or its process.
  struct ends {
    caf::error reason;
  };
  using item = std::variant<session_frame, asks, opened, ends>;

  /// Two for each direction: who stands, beside the receiver, for the sender.
  using end_actor = session_endpoint::extend<
    caf::reacts_to<session_close>,
    caf::reacts_to<session::OpenSession, gateway_actor>,
    caf::reacts_to<caf::get_atom, session_endpoint>>;

  enum direction : size_t { to_server = 0, to_dialer = 1 };

  struct lane {
    machine_number from = 0;
    machine_number to = 0;
    /// Whose process receives.
    process_number receiver = no_process;
    std::deque<std::pair<world::time_point, item>> items;
    /// An event for the first item is under way.
    bool armed = false;
    /// Nothing more is taken: its sender has ended.
    bool ended = false;
    /// The receiver has heard of the end.
    bool closed = false;
  };

  struct wire {
    uint64_t number = 0;
    lane lanes[2];
    /// Beside the server, for the dialer; and the other way round.
    end_actor at_server;
    end_actor at_dialer;
    session_endpoint server_session;
    session_endpoint dialer_session;
    gateway_actor gateway;
    late_answer<session::SessionOpened, session_endpoint> answer;
  };

  struct listener {
    machine_number machine = 0;
    process_number process = no_process;
    gateway_actor gateway;
  };

  struct machine_record {
    std::string name;
    bool lost = false;
  };

  using gateway_promise = late_answer<gateway_actor>;

  void dial(machine_number machine, process_number process,
            const node_address& to, gateway_promise answer);
  void connected(machine_number machine, process_number process,
                 const listener& at, gateway_promise answer);
  gateway_actor::behavior_type proxy(gateway_actor::pointer self,
                                     machine_number machine,
                                     process_number process, listener at);
  end_actor::behavior_type wire_end(end_actor::pointer self, uint64_t number,
                                    direction outward);

  void send(uint64_t number, direction which, item what);
  void arm(wire& on, direction which);
  void arrive(uint64_t number, direction which);
  void deliver(wire& on, direction which, item what);
  void close(wire& on, direction which, const caf::error& reason);
  void reset(uint64_t number);
  void drop_if_over(uint64_t number);

  bool passes(machine_number from, machine_number to) const;
  bool both_ways(machine_number one, machine_number other) const;
  std::chrono::nanoseconds latency();
  std::vector<uint64_t> wires_of(machine_number machine) const;

  world& sim_;
  network_settings settings_;
  random_source random_;
  std::vector<machine_record> machines_;
  std::set<std::pair<machine_number, machine_number>> cuts_;
  std::map<std::string, listener> listeners_;
  uint64_t next_wire_ = 1;
  std::map<uint64_t, std::unique_ptr<wire>> wires_;
  uint64_t frames_ = 0;
};

} // namespace agora::simulation
