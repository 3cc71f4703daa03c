// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_machine.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t id = 7;

session_limits small_limits() {
  session_limits limits;
  limits.window_messages = 4;
  limits.window_bytes = 100;
  limits.queue_messages = 3;
  limits.queue_bytes = 1'000;
  limits.body_bytes = 500;
  limits.ping_interval = 10s;
  limits.silence_timeout = 50s;
  return limits;
}

class session_machine_test : public ::testing::Test {
protected:
  /// Frames sent since the last time.
  std::vector<session_frame> sent() {
    return machine_.take_frames();
  }

  /// The numbers of the bodies among them; 0 for the others.
  std::vector<uint64_t> sent_numbers() {
    std::vector<uint64_t> all;
    for (auto& frame : sent())
      all.push_back(frame.sequence);
    return all;
  }

  /// A frame of the peer.
  static session_frame frame(uint64_t sequence, std::string body = {}) {
    session_frame made;
    made.session_id = id;
    made.sequence = sequence;
    made.body = std::move(body);
    return made;
  }

  static session_frame acknowledgement(uint64_t of) {
    auto made = frame(0);
    made.acknowledged = of;
    return made;
  }

  /// What the peer is told when it sends `what`; none if it is accepted.
  errc answer_to(session_frame what) {
    auto got = machine_.receive(std::move(what), now_);
    return got ? errc::none : code_of(got.error());
  }

  errc send(size_t bytes) {
    return code_of(machine_.send(std::string(bytes, 'x'), now_));
  }

  using numbers = std::vector<uint64_t>;

  session_machine::time_point now_{1000s};
  session_machine machine_{id, small_limits(), epoch{}, now_};
};

TEST_F(session_machine_test, numbers_bodies_from_one) {
  EXPECT_EQ(send(1), errc::none);
  EXPECT_EQ(send(1), errc::none);
  auto frames = sent();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].sequence, 1u);
  EXPECT_EQ(frames[1].sequence, 2u);
  EXPECT_EQ(frames[1].session_id, id);
  EXPECT_EQ(frames[1].body, "x");
  EXPECT_FALSE(frames[1].ping);
  EXPECT_TRUE(sent().empty());
}

TEST_F(session_machine_test, hands_over_the_body_of_a_frame) {
  auto got = machine_.receive(frame(1, "hello"), now_);
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, "hello");
  EXPECT_EQ(machine_.received(), 1u);
}

TEST_F(session_machine_test, an_empty_body_with_a_number_is_a_body) {
  auto got = machine_.receive(frame(1), now_);
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, "");
}

TEST_F(session_machine_test, the_window_counts_messages) {
  for (auto i = 0; i < 6; ++i)
    EXPECT_EQ(send(1), errc::none);
  EXPECT_EQ(sent_numbers(), (numbers{1, 2, 3, 4}));
  EXPECT_EQ(answer_to(acknowledgement(1)), errc::none);
  EXPECT_EQ(sent_numbers(), (numbers{5}));
  EXPECT_EQ(answer_to(acknowledgement(4)), errc::none);
  EXPECT_EQ(sent_numbers(), (numbers{6}));
}

TEST_F(session_machine_test, the_window_counts_bytes) {
  send(60);
  send(60);
  EXPECT_EQ(sent_numbers(), (numbers{1}));
  answer_to(acknowledgement(1));
  EXPECT_EQ(sent_numbers(), (numbers{2}));
}

TEST_F(session_machine_test, a_body_over_the_window_goes_when_nothing_else_is) {
  send(300);
  EXPECT_EQ(sent_numbers(), (numbers{1}));
  send(1);
  EXPECT_TRUE(sent().empty());
  answer_to(acknowledgement(1));
  EXPECT_EQ(sent_numbers(), (numbers{2}));
}

TEST_F(session_machine_test, a_body_too_large_for_lazy_credit_asks_once) {
  send(1);
  sent();
  send(90); // 90 fit beside 1
  EXPECT_EQ(sent_numbers(), (numbers{2}));
  send(90);
  auto asked = sent();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_TRUE(asked[0].ping);
  EXPECT_EQ(asked[0].sequence, 0u);
  send(1);
  EXPECT_TRUE(sent().empty());
  answer_to(acknowledgement(2));
  EXPECT_EQ(sent_numbers(), (numbers{3, 4}));
}

TEST_F(session_machine_test, a_body_that_lazy_credit_reaches_does_not_ask) {
  send(60);
  sent();
  send(75);
  EXPECT_TRUE(sent().empty());
}

TEST_F(session_machine_test, refuses_a_body_over_its_limit_and_goes_on) {
  EXPECT_EQ(send(501), errc::too_large);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(send(500), errc::none);
  EXPECT_EQ(sent_numbers(), (numbers{1}));
}

TEST_F(session_machine_test, the_queue_is_bounded_in_messages) {
  for (auto i = 0; i < 4 + 3; ++i)
    EXPECT_EQ(send(1), errc::none);
  EXPECT_EQ(send(1), errc::limit_reached);
}

TEST_F(session_machine_test, the_queue_is_bounded_in_bytes) {
  send(100);
  EXPECT_EQ(send(500), errc::none);
  EXPECT_EQ(send(500), errc::none);
  EXPECT_EQ(send(1), errc::limit_reached);
}

TEST_F(session_machine_test, acknowledges_a_quarter_of_the_messages) {
  session_limits limits = small_limits();
  limits.window_messages = 8;
  machine_ = session_machine{id, limits, epoch{}, now_};
  for (uint64_t i = 1; i <= 4; ++i)
    answer_to(frame(i, "x"));
  machine_.consumed(now_);
  EXPECT_TRUE(sent().empty());
  machine_.consumed(now_);
  auto frames = sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].sequence, 0u);
  EXPECT_EQ(frames[0].acknowledged, 2u);
  EXPECT_FALSE(frames[0].ping);
  machine_.consumed(now_);
  EXPECT_TRUE(sent().empty());
}

TEST_F(session_machine_test, acknowledges_a_quarter_of_the_bytes) {
  session_limits limits = small_limits();
  limits.window_messages = 100;
  machine_ = session_machine{id, limits, epoch{}, now_};
  answer_to(frame(1, std::string(24, 'x')));
  answer_to(frame(2, "x"));
  machine_.consumed(now_);
  EXPECT_TRUE(sent().empty());
  machine_.consumed(now_);
  EXPECT_EQ(sent().size(), 1u);
}

TEST_F(session_machine_test, a_body_carries_the_acknowledgement) {
  session_limits limits = small_limits();
  limits.window_messages = 100;
  machine_ = session_machine{id, limits, epoch{}, now_};
  answer_to(frame(1, "x"));
  machine_.consumed(now_);
  send(1);
  auto frames = sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].acknowledged, 1u);
}

TEST_F(session_machine_test, nothing_is_acknowledged_before_it_is_consumed) {
  answer_to(frame(1, "x"));
  send(1);
  EXPECT_EQ(sent().at(0).acknowledged, 0u);
}

TEST_F(session_machine_test, who_asks_learns_when_all_it_sent_is_consumed) {
  session_limits limits = small_limits();
  limits.window_messages = 100;
  machine_ = session_machine{id, limits, epoch{}, now_};
  answer_to(frame(1, "x"));
  answer_to(frame(2, "x"));
  auto ping = frame(0);
  ping.ping = true;
  answer_to(ping);
  EXPECT_EQ(sent().at(0).acknowledged, 0u);
  answer_to(frame(3, "x"));
  machine_.consumed(now_);
  EXPECT_TRUE(sent().empty());
  machine_.consumed(now_);
  EXPECT_EQ(sent().at(0).acknowledged, 2u);
  machine_.consumed(now_);
  EXPECT_TRUE(sent().empty());
}

TEST_F(session_machine_test, refuses_gaps_repetitions_and_bodies_unnumbered) {
  EXPECT_EQ(answer_to(frame(2, "x")), errc::malformed_message);
  EXPECT_EQ(answer_to(frame(1, "x")), errc::none);
  EXPECT_EQ(answer_to(frame(1, "x")), errc::malformed_message);
  EXPECT_EQ(answer_to(frame(3, "x")), errc::malformed_message);
  EXPECT_EQ(answer_to(frame(0, "x")), errc::malformed_message);
  EXPECT_EQ(answer_to(frame(UINT64_MAX, "x")), errc::malformed_message);
}

TEST_F(session_machine_test, refuses_an_acknowledgement_of_what_was_not_sent) {
  EXPECT_EQ(answer_to(acknowledgement(1)), errc::malformed_message);
  send(1);
  EXPECT_EQ(answer_to(acknowledgement(1)), errc::none);
  EXPECT_EQ(answer_to(acknowledgement(2)), errc::malformed_message);
  // An old one says nothing new.
  EXPECT_EQ(answer_to(acknowledgement(0)), errc::none);
}

TEST_F(session_machine_test, refuses_a_body_over_the_limit) {
  EXPECT_EQ(answer_to(frame(1, std::string(501, 'x'))), errc::too_large);
}

TEST_F(session_machine_test, refuses_a_peer_that_ignores_the_message_window) {
  for (uint64_t i = 1; i <= 4; ++i)
    EXPECT_EQ(answer_to(frame(i, "x")), errc::none);
  EXPECT_EQ(answer_to(frame(5, "x")), errc::limit_reached);
}

TEST_F(session_machine_test, refuses_a_peer_that_ignores_the_byte_window) {
  EXPECT_EQ(answer_to(frame(1, std::string(60, 'x'))), errc::none);
  EXPECT_EQ(answer_to(frame(2, std::string(41, 'x'))), errc::limit_reached);
}

TEST_F(session_machine_test, the_first_body_may_be_over_the_byte_window) {
  EXPECT_EQ(answer_to(frame(1, std::string(400, 'x'))), errc::none);
  EXPECT_EQ(answer_to(frame(2, "x")), errc::limit_reached);
}

TEST_F(session_machine_test,
       what_was_consumed_and_not_told_is_still_in_flight) {
  session_limits limits = small_limits();
  limits.window_messages = 100;
  machine_ = session_machine{id, limits, epoch{}, now_};
  EXPECT_EQ(answer_to(frame(1, std::string(20, 'x'))), errc::none);
  machine_.consumed(now_);
  ASSERT_TRUE(sent().empty());
  EXPECT_EQ(answer_to(frame(2, std::string(81, 'x'))), errc::limit_reached);
}

TEST_F(session_machine_test, ignores_frames_of_another_session) {
  auto foreign = frame(9, "x");
  foreign.session_id = id + 1;
  foreign.acknowledged = 99;
  now_ += 1s;
  auto got = machine_.receive(foreign, now_);
  ASSERT_TRUE(got);
  EXPECT_FALSE(*got);
  EXPECT_EQ(machine_.received(), 0u);
  EXPECT_EQ(machine_.last_heard(), now_ - 1s);
}

TEST_F(session_machine_test, frames_carry_this_sides_epoch) {
  machine_ = session_machine{id, small_limits(), epoch{2, 5}, now_};
  send(1);
  auto frames = sent();
  EXPECT_EQ(frames.at(0).generation, 2u);
  EXPECT_EQ(frames.at(0).term, 5u);
}

TEST_F(session_machine_test, a_peer_may_not_go_back_to_an_older_epoch) {
  auto of = [](uint64_t generation, uint64_t term) {
    auto made = frame(0);
    made.generation = generation;
    made.term = term;
    return made;
  };
  EXPECT_EQ(answer_to(of(1, 5)), errc::none);
  EXPECT_EQ(answer_to(of(1, 5)), errc::none);
  EXPECT_EQ(answer_to(of(2, 1)), errc::none);
  EXPECT_EQ(answer_to(of(1, 9)), errc::stale_epoch);
}

TEST_F(session_machine_test, pings_after_exactly_the_interval_of_idleness) {
  EXPECT_EQ(machine_.next_tick(), now_ + 10s);
  now_ += 9'999ms;
  EXPECT_FALSE(machine_.tick(now_));
  EXPECT_TRUE(sent().empty());
  now_ += 1ms;
  EXPECT_FALSE(machine_.tick(now_));
  auto frames = sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(frames[0].ping);
  EXPECT_EQ(frames[0].sequence, 0u);
  EXPECT_EQ(machine_.next_tick(), now_ + 10s);
}

TEST_F(session_machine_test, who_sends_bodies_does_not_ping) {
  now_ += 6s;
  send(1);
  sent();
  now_ += 6s;
  EXPECT_FALSE(machine_.tick(now_));
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(machine_.next_tick(), now_ + 4s);
}

TEST_F(session_machine_test, the_first_ping_comes_sooner_if_asked_to) {
  machine_ = session_machine{id, small_limits(), epoch{}, now_, 3s};
  EXPECT_EQ(machine_.next_tick(), now_ + 7s);
  machine_ = session_machine{id, small_limits(), epoch{}, now_, 99s};
  EXPECT_EQ(machine_.next_tick(), now_);
}

TEST_F(session_machine_test, answers_a_ping_once_and_without_asking_back) {
  auto ping = frame(0);
  ping.ping = true;
  EXPECT_EQ(answer_to(ping), errc::none);
  auto frames = sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_FALSE(frames[0].ping);
  EXPECT_EQ(frames[0].sequence, 0u);
}

TEST_F(session_machine_test, gives_up_after_exactly_the_silence_timeout) {
  now_ += 49'999ms;
  EXPECT_FALSE(machine_.tick(now_));
  EXPECT_EQ(machine_.next_tick(), now_ + 1ms);
  now_ += 1ms;
  auto silent = machine_.tick(now_);
  EXPECT_EQ(code_of(silent), errc::timeout);
  EXPECT_EQ(text_of(silent), "nothing was heard of the peer for 50 s");
}

TEST_F(session_machine_test, any_frame_breaks_the_silence) {
  now_ += 49s;
  EXPECT_EQ(answer_to(frame(0)), errc::none);
  EXPECT_EQ(machine_.last_heard(), now_);
  now_ += 49s;
  EXPECT_FALSE(machine_.tick(now_));
  now_ += 1s;
  EXPECT_EQ(code_of(machine_.tick(now_)), errc::timeout);
}

} // namespace
} // namespace agora
