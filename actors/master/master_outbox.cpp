// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_outbox.hpp"

namespace agora {

session::MasterMessage& master_outbox::to_agent(session_number session) {
  return agents[session].emplace_back();
}

v1::scheduler::Event&
master_outbox::to_scheduler(session_number session,
                            v1::scheduler::Event::Type type) {
  auto& event = schedulers[session].emplace_back();
  event.set_type(type);
  return event;
}

void master_outbox::refuse_call(const call_origin& from,
                                v1::scheduler::Call::Type type,
                                const status& why) {
  auto& refused = refused_calls[from.session].emplace_back();
  refused.set_call(from.number);
  refused.set_type(type);
  refused.set_code(to_string(code_of(why)));
  refused.set_text(text_of(why));
}

session::ToolResponse& master_outbox::to_tool(session_number session,
                                              uint64_t request_id) {
  auto& response = tools[session].emplace_back();
  response.set_id(request_id);
  return response;
}

void master_outbox::propose(cluster::Entry entry, proposal_context why) {
  proposals.push_back({std::move(entry), std::move(why)});
}

void master_outbox::allocate(allocation_change change) {
  allocations.push_back(std::move(change));
}

void master_outbox::close(session_number session, status reason) {
  closes.emplace_back(session, std::move(reason));
}

bool master_outbox::empty() const {
  return agents.empty() && schedulers.empty() && refused_calls.empty()
         && tools.empty() && proposals.empty() && allocations.empty()
         && queries.empty() && closes.empty();
}

} // namespace agora
