// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/list_pages.hpp"

#include <string>
#include <utility>

namespace agora {

namespace {

// Where a request for a list says which page is meant; null for others.
session::Page* page_of(session::ToolRequest& request) {
  using wire = session::ToolRequest;
  switch (request.request_case()) {
    case wire::kGetAgents:
      return request.mutable_get_agents()->mutable_page();
    case wire::kGetFrameworks:
      return request.mutable_get_frameworks()->mutable_page();
    case wire::kGetRoles:
      return request.mutable_get_roles()->mutable_page();
    case wire::kGetOffers:
      return request.mutable_get_offers()->mutable_page();
    case wire::kGetOrphans:
      return request.mutable_get_orphans()->mutable_page();
    default:
      return nullptr;
  }
}

// Takes out where the next page begins; empty if this was the last one.
template <class List>
std::string take_next(List& list) {
  auto next = list.next();
  list.clear_next();
  return next;
}

std::string take_next(session::ToolResponse& answer) {
  using wire = session::ToolResponse;
  switch (answer.response_case()) {
    case wire::kAgents:
      return take_next(*answer.mutable_agents());
    case wire::kFrameworks:
      return take_next(*answer.mutable_frameworks());
    case wire::kRoles:
      return take_next(*answer.mutable_roles());
    case wire::kOffers:
      return take_next(*answer.mutable_offers());
    case wire::kOrphans:
      return take_next(*answer.mutable_orphans());
    default:
      return {};
  }
}

} // namespace

result<session::ToolResponse> ask_all_pages(session::ToolRequest request,
                                            const ask_function& ask) {
  auto* page = page_of(request);
  auto whole = ask(request);
  for (size_t pages = 1; whole && page != nullptr; ++pages) {
    auto next = take_next(*whole);
    if (next.empty())
      break;
    if (pages == list_pages_limit)
      return fail(errc::too_large, "the master's list has more than "
                                     + std::to_string(list_pages_limit)
                                     + " pages");
    page->set_after(std::move(next));
    auto more = ask(request);
    if (!more)
      return more;
    whole->MergeFrom(*more);
  }
  return whole;
}

} // namespace agora
