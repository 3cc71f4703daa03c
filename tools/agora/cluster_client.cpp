// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/cluster_client.hpp"

#include "actors/sandbox_reader/sandbox_reader_actor.hpp"
#include "actors/sandbox_reader/tool_session_actor.hpp"
#include "runtime/node/node_config.hpp"
#include "tools/agora/list_pages.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <string>

namespace agora {

namespace {

// A command of the tool has little to do at once.
constexpr uint32_t worker_threads = 2;

// A file that is followed may be read for as long as its task runs.
constexpr std::chrono::seconds longest_read{365 * 24 * 3600};

status unreachable(const std::string& why) {
  return fail(errc::unreachable,
              "cannot reach the master: " + why
                + "; is agorad running? Say where with --master HOST:PORT or "
                  "AGORA_MASTER");
}

std::string names_of(const std::vector<node_address>& masters) {
  std::string names;
  for (auto& master : masters)
    names += (names.empty() ? "" : " or ") + to_string(master);
  return names;
}

/// Leaves time to hear why it has failed.
tool_session_limits limits_within(std::chrono::milliseconds timeout) {
  tool_session_limits limits;
  limits.patience = timeout - timeout / 10;
  return limits;
}

} // namespace

struct cluster_client::actors {
  actors(std::vector<node_address> where, std::chrono::milliseconds within)
    : masters(std::move(where)),
      timeout(within),
      config(worker_threads),
      system(config),
      self(system),
      link(system.spawn(tcp_link, tcp_link_options{})),
      session(spawn_tool_session(system, nullptr, masters, link,
                                 limits_within(within))) {
    // nop
  }

  ~actors() {
    caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(link, caf::exit_reason::user_shutdown);
  }

  std::vector<node_address> masters;
  std::chrono::milliseconds timeout;
  node_config config;
  caf::actor_system system;
  caf::scoped_actor self;
  link_actor link;
  tool_session_actor session;
};

cluster_client::cluster_client(std::vector<node_address> masters,
                               std::chrono::milliseconds timeout)
  : actors_(std::make_unique<actors>(std::move(masters), timeout)) {
  // nop
}

cluster_client::~cluster_client() = default;

result<session::ToolResponse>
cluster_client::ask(session::ToolRequest request) {
  return ask_all_pages(std::move(request), [this](const auto& page) {
    return exchange(page);
  });
}

result<session::ToolResponse>
cluster_client::exchange(session::ToolRequest request) {
  result<session::ToolResponse> answer{session::ToolResponse{}};
  actors_->self->request(actors_->session, actors_->timeout, std::move(request))
    .receive(
      [&](session::ToolResponse& response) {
        answer = std::move(response);
      },
      [&](caf::error& reason) {
        answer = std::move(reason);
      });
  if (answer)
    return answer;
  switch (code_of(answer.error())) {
    case errc::unreachable:
    case errc::timeout:
    case errc::session_lost:
    case errc::version_mismatch:
      return unreachable(text_of(answer.error()));
    case errc::not_leader:
      return fail(errc::unreachable, text_of(answer.error()));
    case errc::none:
      // CAF's own: the request has run out of time.
      return unreachable("no answer from " + names_of(actors_->masters)
                         + " in time");
    default:
      return answer;
  }
}

std::string cluster_client::answered_by() const {
  auto name = to_string(actors_->masters.front());
  actors_->self
    ->request(actors_->session, actors_->timeout, caf::get_atom::value)
    .receive(
      [&](std::string& node) {
        name = std::move(node);
      },
      [](const caf::error&) {
        // It has ended: any name will do.
      });
  return name;
}

status cluster_client::read(const v1::AgentID& agent, file_request what,
                            std::function<status(std::string_view)> sink) {
  auto& self = actors_->self;
  auto reader = spawn_sandbox_reader(
    actors_->system, caf::actor_cast<caf::strong_actor_ptr>(self),
    actors_->masters);
  status outcome;
  self
    ->request(reader, longest_read,
              read_sandbox{agent, std::move(what), std::move(sink)})
    .receive([] {},
             [&](caf::error& reason) {
               outcome = std::move(reason);
             });
  if (code_of(outcome) == errc::not_leader)
    outcome = fail(errc::unreachable, text_of(outcome));
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  return outcome;
}

} // namespace agora
