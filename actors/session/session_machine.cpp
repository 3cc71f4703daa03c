// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_machine.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

/// The receiver acknowledges when this part of its window is used up, so that
/// the sender never waits while both are busy, and idle sessions stay quiet.
constexpr uint64_t acknowledge_fraction = 4;

} // namespace

session_machine::session_machine(uint64_t session_id, session_limits limits,
                                 epoch own, time_point now,
                                 std::chrono::milliseconds idle_for)
  : session_id_(session_id),
    limits_(limits),
    own_(own),
    last_heard_(now),
    last_sent_(now - std::min(idle_for, limits.ping_interval)) {
  // nop
}

bool session_machine::window_open(size_t next_bytes) const {
  // One body may always be under way, however large.
  if (in_flight_.empty())
    return true;
  return in_flight_.size() < limits_.window_messages
         && in_flight_bytes_ + next_bytes <= limits_.window_bytes;
}

session_frame session_machine::make_frame(time_point now) {
  session_frame frame;
  frame.session_id = session_id_;
  frame.acknowledged = consumed_;
  frame.generation = own_.generation;
  frame.term = own_.term;
  acknowledged_ = consumed_;
  unacknowledged_bytes_ = 0;
  if (consumed_ >= awaited_)
    awaited_ = 0;
  last_sent_ = now;
  return frame;
}

void session_machine::pump(time_point now) {
  while (!queue_.empty() && window_open(queue_.front().size())) {
    auto frame = make_frame(now);
    frame.body = std::move(queue_.front());
    queue_.pop_front();
    queue_bytes_ -= frame.body.size();
    frame.sequence = ++sent_;
    in_flight_.push_back({sent_, frame.body.size()});
    in_flight_bytes_ += frame.body.size();
    frames_.push_back(std::move(frame));
  }
  ask_for_room(now);
}

void session_machine::ask_for_room(time_point now) {
  if (queue_.empty() || room_asked_for_ == sent_ + 1)
    return;
  auto lazy = limits_.window_bytes / acknowledge_fraction;
  if (queue_.front().size() <= limits_.window_bytes - lazy)
    return;
  room_asked_for_ = sent_ + 1;
  auto frame = make_frame(now);
  frame.ping = true;
  frames_.push_back(std::move(frame));
}

status session_machine::send(std::string body, time_point now) {
  if (body.size() > limits_.body_bytes)
    return fail(errc::too_large, "a message of " + std::to_string(body.size())
                                   + " bytes is over the session's limit of "
                                   + std::to_string(limits_.body_bytes));
  queue_bytes_ += body.size();
  queue_.push_back(std::move(body));
  pump(now);
  if (queue_.size() > limits_.queue_messages
      || queue_bytes_ > limits_.queue_bytes)
    return fail(errc::limit_reached,
                "the peer does not keep up: " + std::to_string(queue_.size())
                  + " messages, " + std::to_string(queue_bytes_)
                  + " bytes wait for it");
  return {};
}

status session_machine::acknowledge(uint64_t sequence) {
  if (sequence > sent_)
    return fail(errc::malformed_message, "the peer acknowledges message "
                                           + std::to_string(sequence) + " of "
                                           + std::to_string(sent_));
  while (!in_flight_.empty() && in_flight_.front().sequence <= sequence) {
    in_flight_bytes_ -= in_flight_.front().bytes;
    in_flight_.pop_front();
  }
  return {};
}

result<std::optional<std::string>> session_machine::receive(session_frame frame,
                                                            time_point now) {
  // A frame of another session is a leftover of a connection that is gone.
  if (frame.session_id != session_id_)
    return std::optional<std::string>{};
  epoch claimed{frame.generation, frame.term};
  if (claimed < peer_)
    return fail(errc::stale_epoch, "the peer went back from epoch "
                                     + to_string(peer_) + " to "
                                     + to_string(claimed));
  peer_ = claimed;
  last_heard_ = now;
  if (auto bad = acknowledge(frame.acknowledged))
    return bad;
  pump(now);
  if (frame.ping) {
    awaited_ = received_;
    frames_.push_back(make_frame(now));
  }
  if (frame.sequence == 0 && frame.body.empty())
    return std::optional<std::string>{};
  if (auto bad = judge_body(frame))
    return bad;
  ++received_;
  unconsumed_bytes_ += frame.body.size();
  unconsumed_sizes_.push_back(frame.body.size());
  return std::optional<std::string>{std::move(frame.body)};
}

status session_machine::judge_body(const session_frame& frame) const {
  if (frame.sequence != received_ + 1)
    return fail(errc::malformed_message,
                "message " + std::to_string(frame.sequence)
                  + " came where message " + std::to_string(received_ + 1)
                  + " was due");
  if (frame.body.size() > limits_.body_bytes)
    return fail(errc::too_large, "the peer sent a message of "
                                   + std::to_string(frame.body.size())
                                   + " bytes; the limit is "
                                   + std::to_string(limits_.body_bytes));
  // What the peer may have in flight by our own account. It learns of what was
  // consumed later than we do, never sooner.
  auto in_flight = received_ - acknowledged_;
  auto bytes = unconsumed_bytes_ + unacknowledged_bytes_;
  if (in_flight == 0)
    return {};
  if (in_flight >= limits_.window_messages)
    return fail(errc::limit_reached, "the peer ignores the window of "
                                       + std::to_string(limits_.window_messages)
                                       + " messages");
  if (bytes + frame.body.size() > limits_.window_bytes)
    return fail(errc::limit_reached, "the peer ignores the window of "
                                       + std::to_string(limits_.window_bytes)
                                       + " bytes");
  return {};
}

void session_machine::consumed(time_point now) {
  AGORA_CHECK(!unconsumed_sizes_.empty());
  ++consumed_;
  auto bytes = unconsumed_sizes_.front();
  unconsumed_sizes_.pop_front();
  unconsumed_bytes_ -= bytes;
  unacknowledged_bytes_ += bytes;
  auto due
    = consumed_ - acknowledged_
        >= std::max<uint64_t>(1, limits_.window_messages / acknowledge_fraction)
      || unacknowledged_bytes_ >= limits_.window_bytes / acknowledge_fraction
      || (awaited_ != 0 && consumed_ >= awaited_);
  if (due)
    frames_.push_back(make_frame(now));
}

status session_machine::tick(time_point now) {
  if (now - last_heard_ >= limits_.silence_timeout)
    return fail(
      errc::timeout,
      "nothing was heard of the peer for "
        + std::to_string(
          std::chrono::duration_cast<std::chrono::seconds>(now - last_heard_)
            .count())
        + " s");
  if (now - last_sent_ >= limits_.ping_interval) {
    auto frame = make_frame(now);
    frame.ping = true;
    frames_.push_back(std::move(frame));
  }
  return {};
}

session_machine::time_point session_machine::next_tick() const {
  return std::min(last_sent_ + limits_.ping_interval,
                  last_heard_ + limits_.silence_timeout);
}

std::vector<session_frame> session_machine::take_frames() {
  return std::exchange(frames_, {});
}

} // namespace agora
