// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/sandbox_reader_actor.hpp"

#include <set>
#include <utility>

namespace agora {

namespace {

using namespace std::chrono_literals;

using reader_self
  = sandbox_reader_actor::stateful_pointer<sandbox_reader_state>;
using entry = sandbox_reader_state::entry;

/// For the master to list its agents.
constexpr auto get_agents_timeout = 20s;

/// Agents in one question.
constexpr size_t agents_per_question = 100;

/// Takes the waiting reads of agents of which `gone` is true out, and answers
/// them with `reason`.
template <class Predicate>
void refuse_if(reader_self self, Predicate gone, const status& reason) {
  std::deque<entry> kept;
  for (auto& one : std::exchange(self->state.queue, {}))
    if (gone(id_of<agent_id>(one.what.agent)))
      one.answer.deliver(reason);
    else
      kept.push_back(std::move(one));
  self->state.queue = std::move(kept);
}

void pump(reader_self self);

/// The agents of waiting reads whose addresses are not known.
std::set<agent_id> wanted_agents(const sandbox_reader_state& state) {
  std::set<agent_id> wanted;
  for (auto& one : state.queue) {
    auto id = id_of<agent_id>(one.what.agent);
    if (!state.addresses.contains(id))
      wanted.insert(std::move(id));
    if (wanted.size() == agents_per_question)
      break;
  }
  return wanted;
}

void ask_for_agents(reader_self self) {
  auto& state = self->state;
  if (std::exchange(state.asking, true))
    return;
  if (!state.master)
    state.master
      = state.open(caf::actor_cast<caf::strong_actor_ptr>(self), state.masters);
  session::ToolRequest request;
  // Of an agent that was marked gone and runs, people want to see why.
  request.mutable_get_agents()->set_gone(true);
  auto wanted = wanted_agents(state);
  for (auto& id : wanted)
    request.mutable_get_agents()->add_only()->set_value(id.text());
  self->request(state.master, get_agents_timeout, std::move(request))
    .then(
      [self, wanted](const session::ToolResponse& response) {
        auto& current = self->state;
        current.asking = false;
        for (auto& agent : response.agents().agents()) {
          auto port = static_cast<uint16_t>(agent.info().port());
          current.addresses.insert_or_assign(
            id_of<agent_id>(agent.info().id()),
            node_address{agent.info().hostname(), port});
        }
        // Of what did not fit into the answer, the next one tells.
        if (!response.agents().has_next())
          refuse_if(
            self,
            [&](const agent_id& id) {
              return wanted.contains(id) && !current.addresses.contains(id);
            },
            fail(errc::not_found, "the master knows no such agent"));
        pump(self);
      },
      [self](const caf::error& reason) {
        self->state.asking = false;
        auto& known = self->state.addresses;
        refuse_if(
          self,
          [&](const agent_id& id) {
            return !known.contains(id);
          },
          reason);
        pump(self);
      });
}

/// The session to an agent; null while its address is not known.
tool_session_actor session_to(reader_self self, const agent_id& agent) {
  auto& state = self->state;
  auto& session = state.sessions[agent];
  if (session)
    return session;
  auto address = state.addresses.find(agent);
  if (address == state.addresses.end())
    return {};
  session = state.open(caf::actor_cast<caf::strong_actor_ptr>(self),
                       {address->second});
  return session;
}

void pump(reader_self self) {
  auto& state = self->state;
  while (!state.queue.empty() && state.active.size() < state.limits.readers) {
    auto session
      = session_to(self, id_of<agent_id>(state.queue.front().what.agent));
    if (!session)
      return ask_for_agents(self);
    auto next = std::move(state.queue.front());
    state.queue.pop_front();
    auto follower = self->spawn<caf::monitored>(
      file_follower, caf::actor_cast<caf::strong_actor_ptr>(self), session,
      std::move(next.what.file), std::move(next.what.sink));
    state.active.emplace(
      follower.address(),
      std::pair{id_of<agent_id>(next.what.agent), std::move(next.answer)});
  }
}

void follower_down(reader_self self, const caf::down_msg& down) {
  auto& state = self->state;
  auto found = state.active.find(down.source);
  if (found == state.active.end())
    return self->quit(); // The user has ended.
  auto& [agent, answer] = found->second;
  if (code_of(down.reason) == errc::unreachable) {
    // It may have moved: the next read asks the master again.
    if (auto session = state.sessions.extract(agent))
      self->send_exit(session.mapped(), caf::exit_reason::user_shutdown);
    state.addresses.erase(agent);
  }
  if (down.reason && down.reason != caf::exit_reason::normal)
    answer.deliver(down.reason);
  else
    answer.deliver(caf::unit);
  state.active.erase(found);
  pump(self);
}

} // namespace

sandbox_reader_actor::behavior_type
sandbox_reader(reader_self self, const caf::strong_actor_ptr& user,
               std::vector<node_address> masters, open_tool_session open,
               sandbox_reader_limits limits) {
  auto& state = self->state;
  state.limits = limits;
  state.masters = std::move(masters);
  state.open = std::move(open);
  if (user)
    self->monitor(user);
  self->set_down_handler([self](const caf::down_msg& down) {
    follower_down(self, down);
  });
  return {
    [self](read_sandbox& what) -> caf::result<void> {
      auto& queue = self->state.queue;
      if (queue.size() >= self->state.limits.queue)
        return fail(errc::limit_reached, "too many files wait to be read");
      auto answer = self->make_response_promise<caf::response_promise>();
      queue.push_back({std::move(what), answer});
      pump(self);
      return answer;
    },
  };
}

sandbox_reader_actor spawn_sandbox_reader(caf::actor_system& system,
                                          const caf::strong_actor_ptr& user,
                                          std::vector<node_address> masters) {
  auto link = user
                ? spawn_tcp_link(system, caf::actor_cast<caf::actor_addr>(user))
                : system.spawn(tcp_link, tcp_link_options{});
  auto open = [&system, link](const caf::strong_actor_ptr& owner,
                              std::vector<node_address> addresses) {
    return spawn_tool_session(system, owner, std::move(addresses), link);
  };
  return system.spawn(sandbox_reader, user, std::move(masters), std::move(open),
                      sandbox_reader_limits{});
}

} // namespace agora
