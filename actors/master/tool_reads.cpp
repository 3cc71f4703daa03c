// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/tool_reads.hpp"

#include "runtime/base/check.hpp"

#include <utility>

namespace agora {

tool_request_class class_of(const session::ToolRequest& request) {
  using wire = session::ToolRequest;
  switch (request.request_case()) {
    case wire::kGetStatus:
    case wire::kGetAgents:
    case wire::kGetFrameworks:
    case wire::kGetRoles:
    case wire::kGetOffers:
    case wire::kGetTasks:
    case wire::kGetOrphans:
    case wire::kExplainFramework:
      return tool_request_class::read;
    case wire::kGetMasters:
      return tool_request_class::members;
    case wire::kChangeMasters:
      return tool_request_class::change_members;
    default:
      return tool_request_class::change;
  }
}

status tool_reads::add(session_number session, session::ToolRequest request) {
  auto bytes = request.ByteSizeLong();
  if (size() >= limits_.requests || bytes_ + bytes > limits_.bytes)
    return fail(errc::limit_reached,
                std::to_string(size()) + " requests with "
                  + std::to_string(bytes_)
                  + " bytes wait already for the log to prove that this "
                    "master leads; ask again later");
  bytes_ += bytes;
  waiting_.push_back({session, std::move(request), bytes});
  return {};
}

bool tool_reads::begin_barrier() {
  if (under_way_ || waiting_.empty())
    return false;
  under_way_ = true;
  covered_ = std::exchange(waiting_, {});
  return true;
}

std::vector<tool_reads::read> tool_reads::end_barrier() {
  AGORA_CHECK(under_way_);
  under_way_ = false;
  for (auto& one : covered_)
    bytes_ -= one.bytes;
  return std::exchange(covered_, {});
}

void tool_reads::forget(session_number session) {
  auto is_of_it = [&](const read& one) {
    if (one.session != session)
      return false;
    bytes_ -= one.bytes;
    return true;
  };
  std::erase_if(covered_, is_of_it);
  std::erase_if(waiting_, is_of_it);
}

} // namespace agora
