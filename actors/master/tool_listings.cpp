// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// The lists that the tool desk gives: one function a list, applied state and
// books in, messages out.
#include "actors/master/list_page.hpp"
#include "actors/master/task_validator.hpp"
#include "actors/master/tool_desk.hpp"
#include "runtime/resources/resources_codec.hpp"

#include <algorithm>
#include <set>

namespace agora {

namespace {

void put(const resources& amount, wire_resources& out) {
  out = resources_to_wire(amount);
}

std::string state_name(const agent_record& agent, const agent_book& book) {
  if (book.attached(agent.id))
    return "attached";
  switch (agent.state) {
    case cluster::AGENT_UNREACHABLE:
      return "unreachable";
    case cluster::AGENT_GONE:
      return "gone";
    case cluster::AGENT_ATTACHED:
      return "awaited";
    default:
      return "detached";
  }
}

std::string state_name(const framework_record& framework,
                       const framework_book& book) {
  if (framework.has_ended())
    return "ended";
  return book.connected(framework.id) ? "connected" : "disconnected";
}

void describe_task(const task_record& task, bool with_info,
                   session::TaskSummary& out) {
  out.mutable_task_id()->set_value(*task.id);
  out.set_name(task.name.text());
  out.mutable_framework_id()->set_value(task.framework->id.text());
  out.mutable_agent_id()->set_value(task.agent->id.text());
  if (!task.executor.empty())
    out.mutable_executor_id()->set_value(task.executor.text());
  out.set_state(task.state);
  *out.mutable_status() = task.latest_status();
  put(task.amount, *out.mutable_resources());
  out.set_launched_ns(task.launched_ns);
  if (task.terminal())
    out.set_ended_ns(task.ended_ns);
  out.set_confirmed(task.confirmed);
  out.set_kill_requested(task.kill_requested);
  out.set_acknowledged(false);
  if (with_info)
    out.mutable_info()->ParseFromString(task.task_info);
}

void describe_ended(const cluster::TaskRecord& task, bool with_info,
                    session::TaskSummary& out) {
  out.mutable_task_id()->set_value(task.task_id());
  out.set_name(task.name());
  out.mutable_framework_id()->set_value(task.framework_id());
  out.mutable_agent_id()->set_value(task.agent_id());
  if (task.has_executor_id())
    out.mutable_executor_id()->set_value(task.executor_id());
  out.set_state(task.state());
  out.mutable_status()->ParseFromString(task.status());
  out.mutable_status()->mutable_task_id()->set_value(task.task_id());
  out.mutable_status()->mutable_agent_id()->set_value(task.agent_id());
  *out.mutable_resources() = task.resources();
  out.set_launched_ns(task.launched_ns());
  out.set_ended_ns(task.ended_ns());
  out.set_confirmed(task.confirmed());
  out.set_kill_requested(task.kill_requested());
  out.set_acknowledged(true);
  if (with_info)
    out.mutable_info()->ParseFromString(task.task_info());
}

bool state_matches(const session::GetTasks& query, v1::TaskState state) {
  if (query.states().empty())
    return true;
  return std::find(query.states().begin(), query.states().end(), state)
         != query.states().end();
}

using orphan_place = std::pair<agent_id, task_key>;

/// Ids have no control characters.
constexpr char token_separator = '\n';

std::string orphan_token(const agent_id& agent, const task_key& key) {
  return agent.text() + token_separator + key.framework.text() + token_separator
         + key.task.text();
}

/// What a tool made up leads to some place in the list.
orphan_place parse_orphan_token(const std::string& token) {
  auto first = std::min(token.find(token_separator), token.size());
  auto second = std::min(token.find(token_separator, first + 1), token.size());
  auto part = [&](size_t from, size_t to) {
    return from < to ? token.substr(from, to - from) : std::string{};
  };
  return {agent_id{part(0, first)},
          {framework_id{part(first + 1, second)},
           task_id{part(second + 1, token.size())}}};
}

} // namespace

int64_t tool_desk::wall_ns(offer_book::time_point at) const {
  return to_nanoseconds(context_.wall)
         + std::chrono::duration_cast<std::chrono::nanoseconds>(at
                                                                - context_.now)
             .count();
}

void tool_desk::cluster_status(session::ClusterStatus& out) {
  auto& state = context_.state;
  out.set_cluster_id(state.cluster_id());
  out.set_software(context_.settings.software);
  out.mutable_epoch()->set_generation(context_.own_epoch.generation);
  out.mutable_epoch()->set_term(context_.own_epoch.term);
  out.set_leading_since_ns(to_nanoseconds(context_.started_wall));
  out.set_applied_index(context_.applied_index);
  out.set_committed_index(context_.applied_index);
  resources total;
  resources used;
  uint32_t detached = 0;
  state.for_each_agent([&](const agent_record& agent) {
    if (context_.agents.attached(agent.id)) {
      total += agent.total.scalars();
      used += agent.used.scalars();
    } else if (agent.counted()) {
      ++detached;
    }
    return true;
  });
  resources offered;
  for (auto& [id, offer] : context_.offers.offers())
    offered += offer.amount.scalars();
  put(total, *out.mutable_total());
  put(used, *out.mutable_used());
  put(offered, *out.mutable_offered());
  auto connected = context_.frameworks.connected_count();
  out.set_agents_attached(
    static_cast<uint32_t>(context_.agents.attached_count()));
  out.set_agents_detached(detached);
  out.set_agents_unreachable(
    static_cast<uint32_t>(state.agent_count(cluster::AGENT_UNREACHABLE)));
  out.set_frameworks_connected(static_cast<uint32_t>(connected));
  out.set_frameworks_disconnected(
    static_cast<uint32_t>(state.framework_count() - connected));
  out.set_tasks_active(static_cast<uint32_t>(state.counts().live()));
  out.set_tasks_ended(static_cast<uint32_t>(
    state.ended_task_count() + state.counts().total() - state.counts().live()));
  out.set_offers_outstanding(static_cast<uint32_t>(context_.offers.size()));
  out.set_orphans(static_cast<uint32_t>(context_.agents.orphan_count()));
}

void tool_desk::list_agents(const session::GetAgents& query,
                            session::AgentList& out) {
  list_page page{out, query.page(), agent_id{query.page().after()},
                 context_.settings};
  auto add = [&](const agent_record& agent) {
    if (page.was_sent(agent.id)
        || (agent.state == cluster::AGENT_GONE && !query.gone()))
      return true;
    if (page.is_full())
      return false;
    auto& one = *out.add_agents();
    *one.mutable_info() = agent.info();
    one.mutable_info()->mutable_id()->set_value(agent.id.text());
    one.set_state(state_name(agent, context_.agents));
    one.set_state_since_ns(agent.state_since_ns);
    one.set_registered_ns(agent.registered_ns);
    one.set_incarnation(agent.incarnation);
    one.set_software(agent.software);
    put(agent.used, *one.mutable_used());
    put(context_.offers.offered_of(agent.id), *one.mutable_offered());
    one.set_tasks(static_cast<uint32_t>(agent.counts.live()));
    page.added(agent.id.text(), one);
    return true;
  };
  if (query.only().empty())
    return context_.state.for_each_agent(add);
  std::set<agent_id> only;
  for (auto& id : query.only())
    only.insert(id_of<agent_id>(id));
  for (auto& id : only)
    if (auto* agent = context_.state.find_agent(id); agent && !add(*agent))
      return;
}

void tool_desk::list_offers(const session::GetOffers& query,
                            session::OfferList& out) {
  list_page page{out, query.page(), query.page().after(), context_.settings};
  auto& offers = context_.offers.offers();
  for (auto at = offers.upper_bound(offer_id{query.page().after()});
       at != offers.end() && !page.is_full(); ++at) {
    auto& [id, offer] = *at;
    auto& one = *out.add_offers();
    one.set_offered_ns(wall_ns(offer.offered));
    if (offer.deadline != offer_book::time_point::max())
      one.set_expires_ns(wall_ns(offer.deadline));
    auto& wire = *one.mutable_offer();
    wire.mutable_id()->set_value(id.text());
    wire.mutable_framework_id()->set_value(offer.framework.text());
    wire.mutable_agent_id()->set_value(offer.agent.text());
    if (auto* agent = context_.state.find_agent(offer.agent))
      wire.set_hostname(agent->hostname);
    wire.mutable_allocation_info()->set_role(offer.role);
    put(offer.amount, *wire.mutable_resources());
    page.added(id.text(), one);
  }
}

void tool_desk::list_tasks(const session::GetTasks& query,
                           session::TaskList& out) {
  auto& settings = context_.settings;
  auto limit = static_cast<int>(
    query.has_limit() ? std::min(query.limit(), settings.query_tasks_limit)
                      : settings.query_tasks_default);
  size_t bytes = 0;
  auto full = [&] {
    if (out.tasks_size() < limit && bytes < settings.query_bytes_limit)
      return false;
    out.set_truncated(true);
    return true;
  };
  auto complete = [&](session::TaskSummary& one) {
    if (auto* agent
        = context_.state.find_agent(id_of<agent_id>(one.agent_id()))) {
      one.set_agent_hostname(agent->hostname);
      one.set_agent_port(static_cast<uint32_t>(agent->port));
    }
    bytes += one.ByteSizeLong();
  };
  cluster_state::task_filter filter;
  if (query.has_framework_id())
    filter.framework = id_of<framework_id>(query.framework_id());
  if (query.has_agent_id())
    filter.agent = id_of<agent_id>(query.agent_id());
  context_.state.for_each_task(filter, [&](const task_record& task) {
    if ((query.has_task_id() && query.task_id().value() != *task.id)
        || !state_matches(query, task.state)
        || (task.terminal() && !query.ended()))
      return true;
    if (full())
      return false;
    auto& one = *out.add_tasks();
    describe_task(task, query.with_info(), one);
    complete(one);
    return true;
  });
  if (!query.ended())
    return;
  context_.state.for_each_ended_task([&](const cluster::TaskRecord& task) {
    if ((query.has_task_id() && query.task_id().value() != task.task_id())
        || !state_matches(query, task.state())
        || (filter.framework && filter.framework->text() != task.framework_id())
        || (filter.agent && filter.agent->text() != task.agent_id()))
      return true;
    if (full())
      return false;
    auto& one = *out.add_tasks();
    describe_ended(task, query.with_info(), one);
    complete(one);
    return true;
  });
}

void tool_desk::list_orphans(const session::GetOrphans& query,
                             session::OrphanList& out) {
  list_page page{out, query.page(), parse_orphan_token(query.page().after()),
                 context_.settings};
  for (auto& [agent, held] : context_.agents.orphans())
    for (auto& [key, task] : held) {
      if (page.was_sent({agent, key}))
        continue;
      if (page.is_full())
        return;
      auto& one = *out.add_orphans();
      one.mutable_agent_id()->set_value(agent.text());
      one.mutable_framework_id()->set_value(key.framework.text());
      one.mutable_task_id()->set_value(key.task.text());
      one.set_state(task.latest_status().state());
      one.set_name(task.info().name());
      *one.mutable_resources() = task.info().resources();
      page.added(orphan_token(agent, key), one);
    }
}

void tool_desk::list_frameworks(const session::GetFrameworks& query,
                                const share_report& shares,
                                session::FrameworkList& out) {
  std::map<std::string, const share_report::share*> by_name;
  for (auto& share : shares.frameworks)
    by_name[share.name] = &share;
  list_page page{out, query.page(), framework_id{query.page().after()},
                 context_.settings};
  context_.state.for_each_framework([&](const framework_record& framework) {
    if (page.was_sent(framework.id)
        || (framework.has_ended() && !query.ended()))
      return true;
    if (page.is_full())
      return false;
    auto& one = *out.add_frameworks();
    *one.mutable_info() = framework.info;
    one.mutable_info()->mutable_id()->set_value(framework.id.text());
    one.set_state(state_name(framework, context_.frameworks));
    one.set_state_since_ns(framework.state_since_ns);
    one.set_subscribed_ns(framework.subscribed_ns);
    one.set_incarnation(framework.incarnation);
    one.set_tasks(static_cast<uint32_t>(framework.counts.live()));
    one.set_offers(static_cast<uint32_t>(context_.offers.count(framework.id)));
    put(context_.offers.offered_to(framework.id), *one.mutable_offered());
    one.set_end_reason(framework.end_reason);
    resources used;
    for (auto& [id, task] : framework.tasks)
      if (!task.terminal())
        used += task.amount.scalars();
    for (auto& [id, executor] : framework.executors)
      used += executor->amount.scalars();
    put(used, *one.mutable_used());
    if (auto found = by_name.find(framework.id.text()); found != by_name.end())
      one.set_dominant_share(found->second->dominant_share);
    page.added(framework.id.text(), one);
    return true;
  });
}

void tool_desk::list_roles(const session::GetRoles& query,
                           const share_report& shares, session::RoleList& out) {
  std::map<std::string, std::vector<const framework_id*>> members;
  context_.state.for_each_framework([&](const framework_record& framework) {
    if (!framework.has_ended())
      for (auto& role : roles_of(framework.info))
        members[role].push_back(&framework.id);
    return true;
  });
  list_page page{out, query.page(), query.page().after(), context_.settings};
  for (auto& share : shares.roles) {
    if (page.was_sent(share.name))
      continue;
    if (page.is_full())
      return;
    auto& one = *out.add_roles();
    one.set_name(share.name);
    one.set_dominant_share(share.dominant_share);
    put(share.allocated, *one.mutable_allocated());
    for (auto* framework : members[share.name])
      one.add_frameworks()->set_value(framework->text());
    page.added(share.name, one);
  }
}

} // namespace agora
