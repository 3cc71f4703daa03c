// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/gateway/gateway_actor.hpp"

#include "runtime/base/check.hpp"

#include <spdlog/spdlog.h>

namespace agora {

namespace {

using self_ptr = local_gateway_actor::stateful_pointer<gateway_state>;

session::SessionOpened answer(const gateway_options& options,
                              uint64_t session_id) {
  session::SessionOpened opened;
  opened.set_session_id(session_id);
  opened.set_cluster_id(options.admission.cluster_id);
  opened.set_software(options.admission.software);
  opened.mutable_epoch()->set_generation(options.own_epoch.generation);
  opened.mutable_epoch()->set_term(options.own_epoch.term);
  auto& limits = options.limits;
  opened.set_ping_interval_ms(
    static_cast<uint32_t>(limits.ping_interval.count()));
  opened.set_silence_timeout_ms(
    static_cast<uint32_t>(limits.silence_timeout.count()));
  return opened;
}

/// Whether `peer` lives where the request comes from. A handle of a third node,
/// or of an actor of this one, would let the peer aim our frames at others.
bool is_own_end(self_ptr self, const session_endpoint& peer) {
  const auto& sender = self->current_sender();
  return peer && sender && peer.node() == sender->node();
}

status judge(self_ptr self, const session::OpenSession& request,
             const session_endpoint& peer) {
  auto& state = self->state;
  const auto& sender = self->current_sender();
  admission_load load{state.open.sessions(), state.open.connections(),
                      sender && state.open.is_connected(sender->node())};
  if (auto refused = state.options.admission.judge(request, load))
    return refused;
  if (!is_own_end(self, peer))
    return fail(errc::invalid_argument,
                "the request does not name a session of the node it is from");
  auto& owner = state.options.services.at(request.kind())->owner;
  if (!caf::actor_cast<caf::strong_actor_ptr>(owner))
    return fail(errc::shutting_down, "this node is shutting down");
  return {};
}

} // namespace

local_gateway_actor::behavior_type gateway(self_ptr self,
                                           gateway_options options) {
  AGORA_CHECK(options.limits.ping_interval < options.limits.silence_timeout);
  options.admission.kinds.clear();
  for (auto& [kind, binding] : options.services)
    options.admission.kinds.insert(kind);
  self->state.options = std::move(options);
  self->set_down_handler([self](const caf::down_msg& down) {
    self->state.open.remove(down.source.id());
  });
  return {
    [self](session::OpenSession& request, session_endpoint& peer)
      -> caf::result<session::SessionOpened, session_endpoint> {
      auto& state = self->state;
      auto refused = judge(self, request, peer);
      if (refused) {
        spdlog::warn("session refused kind={} peer=\"{}\" reason=\"{}\"",
                     session::PeerKind_Name(request.kind()),
                     request.software().substr(0, introduction_text_bytes),
                     describe(refused));
        return refused;
      }
      auto kind = request.kind();
      session_options how{state.options.limits, kind, state.options.own_epoch};
      auto session_id = state.next_session_id++;
      auto node = peer.node();
      auto session = self->spawn(
        accepting_session, how, state.options.services.at(kind),
        accepted_session{session_id, std::move(request), std::move(peer)});
      self->monitor(session);
      state.open.add(session.id(), node);
      return {answer(state.options, session_id), session_endpoint{session}};
    },
    [self](node_standing& standing) {
      self->state.options.admission.cluster_id = std::move(standing.cluster_id);
      self->state.options.own_epoch = standing.own_epoch;
    },
  };
}

} // namespace agora
