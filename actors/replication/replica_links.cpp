// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/replica_links.hpp"

#include "actors/replication/replica_flow.hpp"
#include "actors/session/connector_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

namespace agora {

namespace {

session::OpenSession introduction(const log_replica_state& state) {
  session::OpenSession result;
  result.set_protocol_version(session_protocol_version);
  result.set_kind(session::REPLICA);
  result.set_cluster_id(state.log->cluster_id());
  result.set_software(state.options.software);
  return result;
}

} // namespace

void dial_member(log_replica_ptr self, const std::string& address) {
  auto& state = self->state;
  auto parsed = parse_address(address);
  if (!parsed || !state.options.link || state.connectors.contains(address))
    return;
  connector_options how;
  how.addresses = {std::move(*parsed)};
  how.session.kind = session::REPLICA;
  how.session.limits = state.options.sessions;
  how.backoff = backoff_of_few;
  how.introduction = introduction(state);
  state.connectors.emplace(address, spawn_connector<session::ReplicaMessages>(
                                      self->system(), log_replica_actor{self},
                                      std::move(how), state.options.link));
}

void follow_members(log_replica_ptr self) {
  auto& state = self->state;
  auto& view = state.log->machine().log();
  std::set<std::string> wanted;
  if (state.change)
    if (auto address = state.change->new_address(); !address.empty())
      wanted.insert(std::move(address));
  if (wanted.empty() && state.followed_members == view.members_index()
      && view.members_index() != 0)
    return;
  for (auto& member : view.members().members())
    if (member.uid != state.log->machine().self())
      wanted.insert(member.address);
  // Who belongs to no cluster waits to be found.
  if (!view.members().members().empty()) {
    std::erase_if(state.connectors, [&](auto& one) {
      if (wanted.contains(one.first))
        return false;
      self->send_exit(one.second, caf::exit_reason::user_shutdown);
      return true;
    });
    state.followed_members = state.change ? 0 : view.members_index();
  }
  for (auto& address : wanted)
    dial_member(self, address);
}

void greet(log_replica_ptr self, const session_actor& session) {
  auto& state = self->state;
  session::ReplicaMessages body;
  auto& hello = *body.add_messages()->mutable_hello();
  hello.set_uid(state.log->machine().self().value);
  hello.set_number(state.options.number);
  hello.set_cluster_id(state.log->cluster_id());
  send_body(self, session, body);
}

status take_greeting(log_replica_ptr self, session_number number,
                     const session::ReplicaHello& hello) {
  auto& state = self->state;
  auto& machine = state.log->machine();
  member_uid uid{hello.uid()};
  auto name = "master " + std::to_string(hello.number());
  if (uid == member_uid{})
    return fail(errc::malformed_message, name + " has no uid");
  if (uid == machine.self())
    return fail(errc::conflict,
                name
                  + " has the uid of this master's data directory: it is "
                    "this master, or a copy of its directory");
  auto& own = state.log->cluster_id();
  if (!own.empty() && !hello.cluster_id().empty() && own != hello.cluster_id())
    return fail(errc::wrong_cluster, name + " belongs to cluster "
                                       + hello.cluster_id() + ", this one to "
                                       + own);
  auto* member = member_with_number(machine.log().members(), hello.number());
  if (member != nullptr && member->uid != uid)
    return fail(errc::conflict,
                name + " is known with another data directory ("
                  + to_string(member->uid) + "), and this one is "
                  + to_string(uid)
                  + ": if its disk was lost, remove it with 'agora masters "
                    "remove' and add it again");
  replica_introduction who{uid, hello.number(), hello.cluster_id()};
  if (state.to_found)
    if (auto bad = state.to_found->heard(who))
      return bad;
  spdlog::info("replica connected session={} member={} number={}", number,
               to_string(uid), hello.number());
  state.peers.introduced(number, std::move(who));
  return {};
}

void introduce_anew(log_replica_ptr self) {
  auto& state = self->state;
  for (auto& [address, connector] : state.connectors)
    self->send(connector, introduction(state));
  for (auto& session : state.peers.sessions())
    greet(self, session);
}

void join_cluster(log_replica_ptr self, const std::string& cluster_id) {
  auto& state = self->state;
  spdlog::info("taken into a cluster cluster={}", cluster_id);
  state.log->adopt_cluster(cluster_id);
  introduce_anew(self);
}

} // namespace agora
