// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/tool_session_actor.hpp"
#include "tests/support/deterministic_actors.hpp"
#include "tests/support/fake_session.hpp"

#include <caf/all.hpp>
#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// The test plays the nodes, and the way to them.
class ToolSession : public test::deterministic_actors {
protected:
  using record = test::session_record<session::ToolRequests>;

  void start(std::vector<node_address> nodes,
             tool_session_limits limits = {.open_requests = 2}) {
    auto dial = [this](const tool_session_actor&, const node_address& node) {
      dialed_.push_back(to_string(node));
      return spawn([] {
        return connector_actor::behavior_type{
          [](caf::tick_atom) {},
          [](const session::OpenSession&) {},
          [](caf::get_atom) {},
        };
      });
    };
    tool_ = spawn(tool_session, caf::strong_actor_ptr{}, std::move(nodes),
                  dial_function{dial}, limits);
  }

  /// Tests of one node begin so.
  void start() {
    start({{"host", 1}});
  }

  /// The node that was dialed last is reached.
  void open_session() {
    record_ = std::make_shared<record>();
    auto end = spawn(test::fake_session<session::ToolRequests>, record_);
    session_up up;
    up.number = ++number_;
    tell(tool_, std::move(up), end);
    settle();
  }

  /// It is not.
  void fail_to_dial() {
    auto reason = fail(errc::unreachable, "no way to " + dialed_.back());
    tell(tool_, dial_failed{dialed_.back(), reason, 1s});
    settle();
  }

  void lose_session() {
    tell(tool_, session_down{number_, fail(errc::session_lost, "gone")});
    settle();
  }

  void ask_status(const std::string& name) {
    spawn([this, name](caf::event_based_actor* self) -> caf::behavior {
      session::ToolRequest request;
      request.mutable_get_status();
      self->request(tool_, 60min, std::move(request))
        .then(
          [this, name](const session::ToolResponse&) {
            ends_[name] = "answered";
          },
          [this, name](const caf::error& reason) {
            ends_[name] = to_string(code_of(reason));
            texts_[name] = text_of(reason);
          });
      return {[](int) {}};
    });
    settle();
  }

  /// The id of the question that the session got as its `index`-th.
  uint64_t question(size_t index) {
    return record_->bodies.at(index).requests(0).id();
  }

  void answer(const session::ToolResponses& responses) {
    tell(tool_, number_, responses);
    settle();
  }

  static void add_answer(session::ToolResponses& responses, uint64_t id) {
    responses.add_responses()->set_id(id);
  }

  static void add_not_leader(session::ToolResponses& responses, uint64_t id,
                             const std::string& leader = "") {
    auto& refused = *responses.add_responses();
    refused.set_id(id);
    refused.mutable_error()->set_code("not_leader");
    if (!leader.empty())
      refused.mutable_error()->set_leader(leader);
  }

  /// The newest question is answered.
  void accept() {
    session::ToolResponses responses;
    add_answer(responses, question(record_->bodies.size() - 1));
    answer(responses);
  }

  /// The master does not lead.
  void refuse(const std::string& leader = "") {
    session::ToolResponses responses;
    add_not_leader(responses, question(record_->bodies.size() - 1), leader);
    answer(responses);
  }

  void TearDown() override {
    tool_ = nullptr;
    deterministic_actors::TearDown();
  }

  std::shared_ptr<record> record_;
  session_number number_ = 6;
  std::vector<std::string> dialed_;
  tool_session_actor tool_;
  std::map<std::string, std::string> ends_;
  std::map<std::string, std::string> texts_;
};

TEST_F(ToolSession, QuestionsWaitForTheSessionAndGetTheirOwnAnswers) {
  start();
  ask_status("1");
  ask_status("2");
  ask_status("3");
  EXPECT_EQ(ends_["3"], "limit_reached");
  EXPECT_THAT(dialed_, ElementsAre("host:1"));
  open_session();
  ASSERT_EQ(record_->bodies.size(), 2u);
  session::ToolResponses responses;
  auto& refused = *responses.add_responses();
  refused.set_id(question(1));
  refused.mutable_error()->set_code("permission_denied");
  add_answer(responses, question(0));
  add_answer(responses, 999); // Nobody asked.
  answer(responses);
  EXPECT_EQ(ends_["1"], "answered");
  EXPECT_EQ(ends_["2"], "permission_denied");
}

TEST_F(ToolSession, QuestionsFailWithTheirSession) {
  start();
  ask_status("1");
  open_session();
  lose_session();
  EXPECT_EQ(ends_["1"], "session_lost");
  // Nobody asks: nothing is dialed.
  EXPECT_EQ(dialed_.size(), 1u);
  ask_status("2");
  EXPECT_EQ(dialed_.size(), 2u);
  fail_to_dial();
  EXPECT_EQ(ends_["2"], "unreachable");
}

TEST_F(ToolSession, TriesAllMastersBeforeItGivesUp) {
  start({{"a", 1}, {"b", 1}});
  ask_status("1");
  fail_to_dial();
  EXPECT_EQ(ends_.count("1"), 0u);
  fail_to_dial();
  EXPECT_EQ(ends_["1"], "unreachable");
  EXPECT_THAT(texts_["1"], HasSubstr("no way to a:1; no way to b:1"));
  // One that is down is no reason to fail.
  ask_status("2");
  fail_to_dial();
  open_session();
  accept();
  EXPECT_EQ(ends_["2"], "answered");
  EXPECT_THAT(dialed_, ElementsAre("a:1", "b:1", "a:1", "b:1"));
}

TEST_F(ToolSession, AsksTheMasterThatIsNamed) {
  start({{"a", 1}, {"b", 1}});
  ask_status("1");
  open_session();
  auto first = record_;
  refuse("c:1");
  EXPECT_TRUE(first->closed);
  EXPECT_THAT(dialed_, ElementsAre("a:1", "c:1"));
  open_session();
  ASSERT_EQ(record_->bodies.size(), 1u);
  accept();
  EXPECT_EQ(ends_["1"], "answered");
  auto node = ask<std::string>(tool_, caf::get_atom::value);
  ASSERT_TRUE(node.engaged());
  EXPECT_EQ(*node, "c:1");
  // And stays there.
  ask_status("2");
  accept();
  EXPECT_EQ(ends_["2"], "answered");
  EXPECT_EQ(first->bodies.size(), 1u);
}

TEST_F(ToolSession, AsksTheNextAfterAPauseIfNoneIsNamed) {
  start({{"a", 1}, {"b", 1}});
  ask_status("1");
  open_session();
  refuse("not an address");
  EXPECT_EQ(dialed_.size(), 1u);
  advance(leader_search::pause_between - 1ms);
  EXPECT_EQ(dialed_.size(), 1u);
  advance(1ms);
  EXPECT_THAT(dialed_, ElementsAre("a:1", "b:1"));
  open_session();
  accept();
  EXPECT_EQ(ends_["1"], "answered");
}

TEST_F(ToolSession, SaysInTheEndThatNobodyLeads) {
  start({{"a", 1}, {"b", 1}}, {.patience = 9s});
  ask_status("1");
  for (auto begin = wall_now(); wall_now() < begin + 8s;) {
    if (dialed_.back() == "a:1") {
      open_session();
      refuse();
    } else {
      fail_to_dial();
    }
    advance(leader_search::pause_between);
  }
  EXPECT_EQ(ends_.count("1"), 0u);
  advance(1s);
  EXPECT_EQ(ends_["1"], "not_leader");
  EXPECT_THAT(texts_["1"], HasSubstr("asked a:1; no way to b:1; "));
  EXPECT_THAT(texts_["1"], HasSubstr("no quorum"));
  // It is not asked later either, when its sender has given up.
  open_session();
  EXPECT_EQ(record_->bodies.size(), 0u);
  EXPECT_LE(dialed_.size(), 8s / leader_search::pause_between + 2);
}

TEST_F(ToolSession, AMasterThatDoesNotAnswerIsNoReasonToSayThatNoneLeads) {
  start({{"a", 1}}, {.patience = 9s});
  ask_status("1");
  advance(9s);
  EXPECT_EQ(ends_["1"], "timeout");
}

// Whether it had an effect is not known.
TEST_F(ToolSession, AQuestionThatWasLostIsNotAskedAgain) {
  start({{"a", 1}, {"b", 1}});
  ask_status("1");
  open_session();
  lose_session();
  EXPECT_EQ(ends_["1"], "session_lost");
  ask_status("2");
  open_session();
  EXPECT_EQ(record_->bodies.size(), 1u);
}

TEST_F(ToolSession, WaitsForOtherAnswersBeforeItLeaves) {
  start({{"a", 1}, {"b", 1}}, {.open_requests = 3});
  ask_status("1");
  ask_status("2");
  open_session();
  auto first = record_;
  session::ToolResponses responses;
  add_not_leader(responses, question(0), "b:1");
  answer(responses);
  EXPECT_FALSE(first->closed);
  // It is of no use to ask more there.
  ask_status("3");
  EXPECT_EQ(first->bodies.size(), 2u);
  responses.Clear();
  add_answer(responses, question(1));
  answer(responses);
  EXPECT_EQ(ends_["2"], "answered");
  EXPECT_TRUE(first->closed);
  EXPECT_THAT(dialed_, ElementsAre("a:1", "b:1"));
  open_session();
  EXPECT_EQ(record_->bodies.size(), 2u);
}

} // namespace
} // namespace agora
