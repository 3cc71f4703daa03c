// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/compact_queue.hpp"
#include "runtime/base/epoch.hpp"
#include "runtime/base/result.hpp"
#include "runtime/messaging/session_frame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace agora {

/// What one session may hold. Both ends should agree; each enforces its own.
struct session_limits {
  /// Bodies that the peer's owner has not consumed yet. When either is
  /// reached, further bodies wait in the queue.
  uint64_t window_messages = 256;
  size_t window_bytes = size_t{8} << 20;
  /// Bodies that wait for the window. When either is exceeded the session
  /// ends: the peer is too slow, and its owner starts afresh when it is back.
  size_t queue_messages = 16'384;
  size_t queue_bytes = size_t{64} << 20;
  /// One body, in both directions.
  size_t body_bytes = size_t{16} << 20;
  /// An idle side sends something at least this often. Shorter than
  /// silence_timeout.
  std::chrono::milliseconds ping_interval{15'000};
  /// A peer from which nothing came for this long is lost.
  std::chrono::milliseconds silence_timeout{75'000};
};

/// The rules of one end of one session, once it is open: sequence numbers,
/// windows in messages and bytes, acknowledgements, epochs and liveness. A
/// plain value; the session actor moves its frames and keeps its time.
///
/// The transport below keeps order and loses nothing while it is connected,
/// so a gap is a fault of the peer, and there is nothing to send again: what a
/// lost connection swallows is sent again by the owners' own protocols.
class session_machine {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param own What this side's frames carry; zero if it does not lead.
  /// @param idle_for How long this side pretends to have been idle, so that
  ///        sessions that begin together do not ping together.
  session_machine(uint64_t session_id, session_limits limits, epoch own,
                  time_point now, std::chrono::milliseconds idle_for = {});

  /// Takes a body for the peer.
  /// @returns errc::too_large if the body is over its limit, which leaves the
  ///          session as it was; errc::limit_reached if the queue overflows,
  ///          after which the session must end.
  status send(std::string body, time_point now);

  /// Takes a frame of the peer.
  /// @returns the body to hand to the owner, if the frame carries one; or the
  ///          fault of the peer, after which the session must end:
  ///          errc::malformed_message, errc::too_large, errc::limit_reached
  ///          (it ignores the window), errc::stale_epoch.
  result<std::optional<std::string>> receive(session_frame frame,
                                             time_point now);

  /// The owner has handled one more body: the sender's window opens.
  void consumed(time_point now);

  /// Pings if this side was idle. To be called when next_tick() has come;
  /// calls in between do no harm.
  /// @returns errc::timeout if the peer was silent for too long, after which
  ///          the session must end.
  status tick(time_point now);

  /// When tick() has something to do, as far as is known now. Always after the
  /// `now` of the last tick() that found the peer alive.
  time_point next_tick() const;

  /// Frames to send now, in order; takes them out.
  std::vector<session_frame> take_frames();

  /// When anything last arrived.
  time_point last_heard() const {
    return last_heard_;
  }

  /// The number of the last body received.
  uint64_t received() const {
    return received_;
  }

private:
  struct sent_body {
    uint64_t sequence;
    size_t bytes;
  };

  bool window_open(size_t next_bytes) const;

  /// Moves what the window allows from the queue into frames.
  void pump(time_point now);

  /// Asks for an acknowledgement if the next body is so large that the peer's
  /// lazy ones may never make room for it.
  void ask_for_room(time_point now);

  /// Checks a body's number, size and place in the window.
  status judge_body(const session_frame& frame) const;

  session_frame make_frame(time_point now);

  /// Takes the peer's acknowledgement.
  status acknowledge(uint64_t sequence);

  uint64_t session_id_;
  session_limits limits_;
  epoch own_;
  epoch peer_;

  uint64_t sent_ = 0;
  compact_queue<sent_body> in_flight_;
  size_t in_flight_bytes_ = 0;
  compact_queue<std::string> queue_;
  size_t queue_bytes_ = 0;
  // The body for which room was asked: asked once for each.
  uint64_t room_asked_for_ = 0;

  uint64_t received_ = 0;
  uint64_t consumed_ = 0;
  uint64_t acknowledged_ = 0;
  compact_queue<size_t> unconsumed_sizes_;
  size_t unconsumed_bytes_ = 0;
  size_t unacknowledged_bytes_ = 0;
  // The peer waits to hear that this one was consumed; 0 if for none.
  uint64_t awaited_ = 0;

  time_point last_heard_;
  time_point last_sent_;
  std::vector<session_frame> frames_;
};

} // namespace agora
