// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/stale_leader.hpp"

#include "actors/agent/checkpoint/checkpoint_keys.hpp"
#include "actors/gateway/gateway_actor.hpp"
#include "actors/session/session_actor.hpp"

#include "agora/checkpoint/records.pb.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace agora::simulation {

namespace {

using owner_actor = session_owner<session::AgentToMaster>;

struct stale_leader_state {
  static inline const char* name = "stale_leader";

  std::string cluster_id;
  epoch own;
  std::map<session_number, session_actor> sessions;
};

using stale_leader_ptr = owner_actor::stateful_pointer<stale_leader_state>;

/// Lets the agent in that it has been so far, and wants the end of all it
/// holds.
void welcome(const stale_leader_state& state,
             const session::AttachAgent& request,
             session::MasterToAgent& answers) {
  auto& attached = *answers.add_messages()->mutable_attached();
  *attached.mutable_agent_id() = request.agent_id();
  attached.set_cluster_id(state.cluster_id);
  attached.mutable_epoch()->set_generation(state.own.generation);
  attached.mutable_epoch()->set_term(state.own.term);
  for (auto& task : request.tasks()) {
    auto& kill = *answers.add_messages()->mutable_kill_task();
    *kill.mutable_framework_id() = task.framework_id();
    *kill.mutable_task_id() = task.task_id();
  }
}

void acknowledge(const session::TaskStatuses& reported,
                 session::MasterToAgent& answers) {
  for (auto& entry : reported.entries()) {
    auto& known = *answers.add_messages()->mutable_acknowledge();
    *known.mutable_framework_id() = entry.framework_id();
    *known.mutable_task_id() = entry.status().task_id();
    known.set_uuid(entry.status().uuid());
  }
}

owner_actor::behavior_type lead(stale_leader_ptr self, std::string cluster_id,
                                epoch own) {
  self->state.cluster_id = std::move(cluster_id);
  self->state.own = own;
  return {
    [self](const session_up& news, const session_actor& session) {
      self->state.sessions[news.number] = session;
    },
    [self](session_number number, const session::AgentToMaster& body) {
      session::MasterToAgent answers;
      for (auto& message : body.messages()) {
        // Who has never been let in would have no id to keep.
        if (message.has_attach() && message.attach().has_agent_id())
          welcome(self->state, message.attach(), answers);
        if (message.has_statuses())
          acknowledge(message.statuses(), answers);
      }
      auto to = self->state.sessions.find(number);
      if (to != self->state.sessions.end() && answers.messages_size() > 0)
        send_body(self, to->second, answers);
    },
    [self](const session_down& note) {
      self->state.sessions.erase(note.number);
    },
  };
}

} // namespace

stale_leader::stale_leader(world& sim, tested_cluster& cluster)
  : sim_(sim), cluster_(cluster), machine_(cluster.net().add_machine("stale")) {
  // nop
}

std::optional<epoch> stale_leader::older_than_all() const {
  auto key = checkpoint_keys{"agent/"}.identity();
  std::optional<epoch> oldest;
  for (auto& agent : cluster_.agents()) {
    auto stored = agent->disk->get(key);
    checkpoint::AgentIdentity identity;
    if (!stored || !*stored || !identity.ParseFromString(**stored)
        || !identity.has_epoch())
      continue; // Never let in, and has nothing to lose.
    epoch obeyed{identity.epoch().generation(), identity.epoch().term()};
    oldest = oldest ? std::min(*oldest, obeyed) : obeyed;
  }
  if (!oldest || oldest->term < 2)
    return std::nullopt;
  --oldest->term;
  return oldest;
}

void stale_leader::start(epoch own) {
  stop();
  sim_.say("fault: a master of epoch " + to_string(own) + " answers");
  process_ = sim_.begin_process("stale");
  sim_.as(process_, [&] {
    owner_ = sim_.system().spawn(lead, cluster_.cluster_id(), own);
    gateway_options gate;
    gate.admission.cluster_id = cluster_.cluster_id();
    gate.admission.software = "simulation";
    gate.own_epoch = own;
    gate.limits = cluster_.settings().sessions;
    gate.services[session::AGENT] = bind_owner<session::AgentToMaster>(owner_);
    cluster_.net().listen(cluster_.master().address, machine_, process_,
                          sim_.system().spawn(gateway, gate));
  });
}

void stale_leader::stop() {
  if (process_ == no_process)
    return;
  sim_.say("the stale master dies");
  sim_.kill(process_);
  cluster_.net().process_died(std::exchange(process_, no_process));
  owner_ = nullptr;
}

} // namespace agora::simulation
