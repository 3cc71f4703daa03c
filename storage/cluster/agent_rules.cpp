// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources_codec.hpp"
#include "storage/cluster/cluster_rules.hpp"
#include "storage/cluster/record_links.hpp"

namespace agora {

namespace {

status unknown_agent(const agent_id& id) {
  return fail(errc::not_found, "agent " + id.text() + " is not known");
}

/// Whether `total` is enough for what the agent holds.
status check_total(const agent_record& agent, const resources& total) {
  auto held = held_by(agent);
  if (!held)
    return std::move(held.error());
  if (total.contains(*held))
    return {};
  return fail(errc::invalid_resources,
              "agent " + agent.id.text()
                + " comes back with less than what its tasks and executors "
                  "hold; start it with its former resources until they have "
                  "ended");
}

status check_comeback(const agent_record& agent, uint64_t incarnation,
                      const v1::AgentInfo& info) {
  if (agent.state == cluster::AGENT_GONE)
    return fail(errc::agent_gone,
                "agent " + agent.id.text()
                  + " was marked gone: it ends what still runs here; to use "
                    "the machine again, start it with an empty work directory");
  if (incarnation < agent.incarnation)
    return fail(errc::stale_incarnation,
                "agent " + agent.id.text() + " was seen in incarnation "
                  + std::to_string(agent.incarnation) + ", this is "
                  + std::to_string(incarnation));
  auto total = resources_from_wire(info.resources());
  if (!total)
    return std::move(total.error());
  return check_total(agent, *total);
}

} // namespace

uint32_t since_version(cluster::Entry::EntryCase type) {
  return type == cluster::Entry::kClusterVersionRaised ? 3
                                                       : oldest_cluster_version;
}

status check_object_id(std::string_view what, std::string_view text) {
  auto wrong = [&](std::string why) {
    return fail(errc::invalid_argument, std::string{what} + " " + why);
  };
  if (text.empty())
    return wrong("is empty");
  if (text.size() > object_id_bytes)
    return wrong("is longer than " + std::to_string(object_id_bytes)
                 + " bytes");
  if (text == "." || text == "..")
    return wrong("must not be \"" + std::string{text} + "\"");
  for (unsigned char c : text)
    if (c <= ' ' || c == '/' || c == '\\' || c == 0x7f)
      return wrong("contains a space, a slash or a control character");
  return {};
}

status can_admit(const cluster_state& state,
                 const cluster::AgentAdmitted& agent) {
  if (auto err = check_object_id("uid", agent.uid()))
    return err;
  if (auto* known = state.find_agent_by_uid(agent.uid()))
    return check_comeback(*known, agent.incarnation(), agent.info());
  auto total = resources_from_wire(agent.info().resources());
  if (!total)
    return std::move(total.error());
  if (state.agent_count() >= state.limits().agents)
    return fail(errc::limit_reached, "the cluster has "
                                       + std::to_string(state.agent_count())
                                       + " agents, which is the limit");
  return {};
}

status can_attach(const cluster_state& state,
                  const cluster::AgentAttachedEntry& agent) {
  auto id = id_of<agent_id>(agent.agent_id());
  if (auto* known = state.find_agent(id))
    return check_comeback(*known, agent.incarnation(), agent.info());
  return unknown_agent(id);
}

status can_detach(const cluster_state& state, const agent_id& agent,
                  uint64_t incarnation) {
  auto* known = state.find_agent(agent);
  if (known == nullptr)
    return unknown_agent(agent);
  if (incarnation != known->incarnation)
    return fail(errc::stale_incarnation,
                "agent " + agent.text() + " is in incarnation "
                  + std::to_string(known->incarnation) + ", not in "
                  + std::to_string(incarnation));
  if (!known->attached())
    return fail(errc::conflict, "agent " + agent.text() + " is not attached");
  return {};
}

status can_mark_unreachable(const cluster_state& state, const agent_id& agent) {
  auto* known = state.find_agent(agent);
  if (known == nullptr)
    return unknown_agent(agent);
  if (known->state != cluster::AGENT_DETACHED)
    return fail(errc::conflict,
                "agent " + agent.text()
                  + (known->attached() ? " is attached"
                                       : " is unreachable or gone already"));
  return {};
}

status can_mark_gone(const cluster_state& state, const agent_id& agent) {
  auto* known = state.find_agent(agent);
  if (known == nullptr)
    return unknown_agent(agent);
  if (known->state == cluster::AGENT_GONE)
    return fail(errc::conflict, "agent " + agent.text() + " is gone already");
  return {};
}

} // namespace agora
