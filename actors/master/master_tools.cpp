// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_tools.hpp"

#include "actors/master/master_turn.hpp"

namespace agora {

namespace {

using namespace std::chrono_literals;

/// For the answer of a quorum. A log that has lost it does not refuse at once.
constexpr auto barrier_timeout = 5s;

/// The replica beside this actor answers from memory.
constexpr auto members_timeout = 5s;

/// A new member has to catch up first.
constexpr auto change_timeout = 30s;

/// Questions to the log that wait for an answer at once.
constexpr size_t log_questions_limit = 1'000;

session::ToolResponse refused(master_ptr self, uint64_t id,
                              const status& reason) {
  session::ToolResponse response;
  response.set_id(id);
  auto& error = *response.mutable_error();
  error.set_code(to_string(code_of(reason)));
  error.set_text(text_of(reason));
  if (code_of(reason) == errc::not_leader)
    error.set_leader(self->state.standing.leader());
  return response;
}

void refuse(master_ptr self, session_number number, uint64_t id,
            const status& reason) {
  send_responses(self, number, {refused(self, id, reason)});
}

/// A failed question to the log, as a tool is told.
/// @param silence What it means that no answer came in time.
status reason_of(master_ptr self, const caf::error& reason,
                 const char* silence) {
  if (reason == caf::sec::request_timeout)
    return fail(errc::timeout, silence);
  if (reason == errc::not_leader)
    return self->state.standing.refusal();
  if (code_of(reason) == errc::none)
    return fail(errc::shutting_down, "this master's log has ended");
  return reason;
}

// -- reads --------------------------------------------------------------------

void ask_barrier(master_ptr self);

void answer_reads(master_ptr self, master_leadership& leading) {
  auto& machine = machine_at_now(self);
  for (auto& read : leading.reads.end_barrier()) {
    session::ToolRequests one;
    one.add_requests()->Swap(&read.request);
    machine.from_tool(read.session, one);
  }
  schedule_flush(self);
}

void refuse_reads(master_ptr self, master_leadership& leading,
                  const caf::error& reason) {
  auto why = reason_of(self, reason,
                       "no quorum of masters answered in time: what this "
                       "master could tell may be old");
  for (auto& read : leading.reads.end_barrier())
    refuse(self, read.session, read.request.id(), why);
}

void ask_barrier(master_ptr self) {
  auto& leading = *self->state.leading;
  if (!leading.reads.begin_barrier())
    return;
  auto since = leading.number;
  self->request(self->state.log, barrier_timeout, read_barrier{})
    .then(
      [self, since](uint64_t) {
        auto* asked = same_leadership(self, since);
        if (asked == nullptr)
          return;
        answer_reads(self, *asked);
        ask_barrier(self);
      },
      [self, since](const caf::error& reason) {
        auto* asked = same_leadership(self, since);
        if (asked == nullptr)
          return;
        refuse_reads(self, *asked, reason);
        ask_barrier(self);
      });
}

// -- masters ------------------------------------------------------------------

/// Asks the log on behalf of a tool; its answer becomes a response by `take`.
template <class Answer, class Question, class Take>
void ask_log(master_ptr self, session_number number, uint64_t id,
             caf::timespan timeout, Question question, const char* silence,
             Take take) {
  auto& state = self->state;
  if (state.log_questions >= log_questions_limit)
    return refuse(self, number, id,
                  fail(errc::limit_reached,
                       std::to_string(state.log_questions)
                         + " questions wait for this master's log already"));
  ++state.log_questions;
  self->request(state.log, timeout, std::move(question))
    .then(
      [self, number, id, take](Answer& answer) {
        --self->state.log_questions;
        session::ToolResponse response;
        response.set_id(id);
        take(response, answer);
        send_responses(self, number, {std::move(response)});
      },
      [self, number, id, silence](const caf::error& reason) {
        --self->state.log_questions;
        refuse(self, number, id, reason_of(self, reason, silence));
      });
}

void list_masters(master_ptr self, session_number number, uint64_t id) {
  ask_log<session::MasterList>(
    self, number, id, members_timeout, get_log_members{},
    "this master's log is busy and does not answer",
    [](session::ToolResponse& response, session::MasterList& masters) {
      response.mutable_masters()->Swap(&masters);
    });
}

void change_masters(master_ptr self, session_number number,
                    session::ToolRequest& request) {
  ask_log<session::Done>(
    self, number, request.id(), change_timeout,
    std::move(*request.mutable_change_masters()),
    "the change of masters was not confirmed in time: whether it is or will "
    "be done is not known; list the masters to see",
    [](session::ToolResponse& response, session::Done&) {
      response.mutable_done();
    });
}

/// @returns what is wrong with the request at once.
status take(master_ptr self, session_number number,
            session::ToolRequest& request) {
  auto kind = class_of(request);
  if (kind == tool_request_class::members) {
    list_masters(self, number, request.id());
    return {};
  }
  if (!is_acting(self))
    return self->state.standing.refusal();
  switch (kind) {
    case tool_request_class::read:
      return self->state.leading->reads.add(number, std::move(request));
    case tool_request_class::change_members:
      change_masters(self, number, request);
      return {};
    default:
      break;
  }
  session::ToolRequests one;
  one.add_requests()->Swap(&request);
  machine_at_now(self).from_tool(number, one);
  schedule_flush(self);
  return {};
}

} // namespace

void from_tool(master_ptr self, session_number number,
               session::ToolRequests& body) {
  if (!self->state.sessions.contains(number))
    return; // It has ended, and its peer was told that nothing is certain.
  std::vector<session::ToolResponse> refusals;
  for (auto& request : *body.mutable_requests()) {
    auto id = request.id();
    if (auto bad = take(self, number, request))
      refusals.push_back(refused(self, id, bad));
  }
  send_responses(self, number, std::move(refusals));
  if (is_acting(self))
    ask_barrier(self);
}

} // namespace agora
