// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/views.hpp"

#include "tools/agora/human.hpp"

#include <algorithm>
#include <cctype>

namespace agora {

namespace {

constexpr std::string_view state_prefix = "TASK_";

std::string changed_case(std::string_view text, int (*change)(int)) {
  std::string changed;
  for (auto c : text)
    changed += static_cast<char>(change(static_cast<unsigned char>(c)));
  return changed;
}

tone tone_of(v1::TaskState state) {
  switch (state) {
    case v1::TASK_RUNNING:
      return tone::good;
    case v1::TASK_STAGING:
    case v1::TASK_STARTING:
    case v1::TASK_KILLING:
    case v1::TASK_UNREACHABLE:
      return tone::warning;
    case v1::TASK_FINISHED:
    case v1::TASK_KILLED:
      return tone::dim;
    default:
      return tone::bad;
  }
}

// Of agents and frameworks.
table_cell state_cell(const std::string& state) {
  if (state == "attached" || state == "connected")
    return {state, tone::good};
  if (state == "awaited" || state == "detached" || state == "disconnected")
    return {state, tone::warning};
  if (state == "ended")
    return {state, tone::dim};
  return {state, tone::bad};
}

std::string share_text(double share) {
  return human_number(share * 100) + "%";
}

std::string
joined(const google::protobuf::RepeatedPtrField<std::string>& list) {
  std::string text;
  for (const auto& item : list)
    text += (text.empty() ? "" : ",") + item;
  return text;
}

// Frameworks without MULTI_ROLE name their one role in the old field.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

std::string roles_of(const v1::FrameworkInfo& info) {
  return info.roles().empty() ? info.role() : joined(info.roles());
}

#pragma GCC diagnostic pop

// "0.5/4": what is used of what there is.
std::string used_of(const resource_list& used, const resource_list& total,
                    std::string_view name) {
  return human_number(scalar_of(used, name)) + "/"
         + human_number(scalar_of(total, name));
}

std::string used_mib_of(const resource_list& used, const resource_list& total,
                        std::string_view name) {
  return human_mib(scalar_of(used, name)) + "/"
         + human_mib(scalar_of(total, name));
}

// "name  value" lines with the values in one column.
class detail_list {
public:
  explicit detail_list(bool colour) : colour_(colour) {
    // nop
  }

  void add(const std::string& name, table_cell value) {
    width_ = std::max(width_, name.size());
    lines_.emplace_back(name, std::move(value));
  }

  std::string render() const {
    std::string text;
    for (const auto& [name, value] : lines_)
      text += painted(name, tone::heading, colour_)
              + std::string(width_ - name.size() + 2, ' ')
              + painted(value.text, value.what, colour_) + "\n";
    return text;
  }

private:
  bool colour_;
  size_t width_ = 0;
  std::vector<std::pair<std::string, table_cell>> lines_;
};

table_cell count_cell(uint32_t count, tone if_any) {
  return {std::to_string(count), count > 0 ? if_any : tone::plain};
}

} // namespace

std::string state_text(v1::TaskState state) {
  std::string_view name = v1::TaskState_Name(state);
  if (name.starts_with(state_prefix))
    name.remove_prefix(state_prefix.size());
  return changed_case(name, std::tolower);
}

std::optional<v1::TaskState> parse_state(std::string_view text) {
  auto name = changed_case(text, std::toupper);
  if (!name.starts_with(state_prefix))
    name = std::string{state_prefix} + name;
  v1::TaskState state{};
  if (!v1::TaskState_Parse(name, &state))
    return std::nullopt;
  return state;
}

std::string view_of(const session::ClusterStatus& cluster,
                    const std::string& master, const view_style& style) {
  detail_list details{style.colour};
  details.add("cluster", cluster.cluster_id());
  details.add("master", master + ", " + cluster.software() + ", leading for "
                          + human_age(cluster.leading_since_ns(), style.now_ns)
                          + ", epoch "
                          + std::to_string(cluster.epoch().generation()) + "."
                          + std::to_string(cluster.epoch().term()));
  auto agents = std::to_string(cluster.agents_attached()) + " attached";
  auto agents_tone = cluster.agents_attached() > 0 ? tone::good : tone::warning;
  if (cluster.agents_detached() > 0) {
    agents += ", " + std::to_string(cluster.agents_detached()) + " detached";
    agents_tone = tone::warning;
  }
  if (cluster.agents_unreachable() > 0) {
    agents
      += ", " + std::to_string(cluster.agents_unreachable()) + " unreachable";
    agents_tone = tone::bad;
  }
  details.add("agents", {agents, agents_tone});
  details.add("frameworks",
              std::to_string(cluster.frameworks_connected()) + " connected, "
                + std::to_string(cluster.frameworks_disconnected())
                + " disconnected");
  details.add("tasks", std::to_string(cluster.tasks_active()) + " active, "
                         + std::to_string(cluster.tasks_ended()) + " ended");
  details.add("offers",
              std::to_string(cluster.offers_outstanding()) + " outstanding");
  if (cluster.orphans() > 0)
    details.add(
      "orphans",
      {std::to_string(cluster.orphans()) + ": see agora orphans", tone::bad});
  for (auto name : {"cpus", "gpus"})
    if (scalar_of(cluster.total(), name) > 0)
      details.add(name, used_of(cluster.used(), cluster.total(), name)
                          + " used, "
                          + human_number(scalar_of(cluster.offered(), name))
                          + " offered");
  for (auto name : {"mem", "disk"})
    details.add(name,
                used_mib_of(cluster.used(), cluster.total(), name) + " used, "
                  + human_mib(scalar_of(cluster.offered(), name)) + " offered");
  return details.render();
}

std::string view_of(const session::AgentList& list, const view_style& style) {
  table rows{{{"ID"},
              {"ADDRESS"},
              {"STATE"},
              {"FOR", true},
              {"TASKS", true},
              {"CPUS", true},
              {"MEM", true},
              {"DISK", true}}};
  for (const auto& agent : list.agents()) {
    const auto& total = agent.info().resources();
    rows.add(
      {agent.info().id().value(),
       agent.info().hostname() + ":" + std::to_string(agent.info().port()),
       state_cell(agent.state()),
       human_age(agent.state_since_ns(), style.now_ns),
       count_cell(agent.tasks(), tone::plain),
       used_of(agent.used(), total, "cpus"),
       used_mib_of(agent.used(), total, "mem"),
       used_mib_of(agent.used(), total, "disk")});
  }
  return rows.render(style.colour);
}

std::string view_of(const session::FrameworkList& list,
                    const view_style& style) {
  table rows{{{"ID"},
              {"NAME"},
              {"USER"},
              {"ROLES"},
              {"STATE"},
              {"FOR", true},
              {"TASKS", true},
              {"OFFERS", true},
              {"CPUS", true},
              {"MEM", true},
              {"SHARE", true}}};
  for (const auto& framework : list.frameworks())
    rows.add({framework.info().id().value(), framework.info().name(),
              framework.info().user(), roles_of(framework.info()),
              state_cell(framework.state()),
              human_age(framework.state_since_ns(), style.now_ns),
              std::to_string(framework.tasks()),
              std::to_string(framework.offers()),
              human_number(scalar_of(framework.used(), "cpus")),
              human_mib(scalar_of(framework.used(), "mem")),
              share_text(framework.dominant_share())});
  return rows.render(style.colour);
}

std::string view_of(const session::RoleList& list, const view_style& style) {
  table rows{{{"ROLE"},
              {"FRAMEWORKS", true},
              {"CPUS", true},
              {"MEM", true},
              {"SHARE", true}}};
  for (const auto& role : list.roles())
    rows.add({role.name(), std::to_string(role.frameworks_size()),
              human_number(scalar_of(role.allocated(), "cpus")),
              human_mib(scalar_of(role.allocated(), "mem")),
              share_text(role.dominant_share())});
  return rows.render(style.colour);
}

std::string view_of(const session::OfferList& list, const view_style& style) {
  table rows{{{"ID"},
              {"FRAMEWORK"},
              {"HOST"},
              {"RESOURCES"},
              {"AGE", true},
              {"EXPIRES IN", true}}};
  for (const auto& summary : list.offers()) {
    const auto& offer = summary.offer();
    rows.add({offer.id().value(), offer.framework_id().value(),
              offer.hostname(), human_resources(offer.resources()),
              human_age(summary.offered_ns(), style.now_ns),
              summary.has_expires_ns()
                ? human_age(style.now_ns, summary.expires_ns())
                : "never"});
  }
  return rows.render(style.colour);
}

std::string view_of(const session::TaskList& list, const view_style& style) {
  table rows{{{"ID"},
              {"NAME"},
              {"FRAMEWORK"},
              {"AGENT"},
              {"STATE"},
              {"CPUS", true},
              {"MEM", true},
              {"RAN FOR", true}}};
  for (const auto& task : list.tasks())
    rows.add({task.task_id().value(),
              task.name(),
              task.framework_id().value(),
              task.agent_id().value(),
              {state_text(task.state()), tone_of(task.state())},
              human_number(scalar_of(task.resources(), "cpus")),
              human_mib(scalar_of(task.resources(), "mem")),
              human_age(task.launched_ns(),
                        task.has_ended_ns() ? task.ended_ns() : style.now_ns)});
  auto text = rows.render(style.colour);
  if (list.truncated())
    text += "... and more: choose with --framework, --state or --agent\n";
  return text;
}

std::string view_of(const session::OrphanList& list, const view_style& style) {
  table rows{
    {{"ID"}, {"NAME"}, {"FRAMEWORK"}, {"AGENT"}, {"STATE"}, {"RESOURCES"}}};
  for (const auto& orphan : list.orphans())
    rows.add({orphan.task_id().value(),
              orphan.name(),
              orphan.framework_id().value(),
              orphan.agent_id().value(),
              {state_text(orphan.state()), tone_of(orphan.state())},
              human_resources(orphan.resources())});
  return rows.render(style.colour);
}

std::string view_of(const session::MasterList& list, const view_style& style) {
  table rows{{{"ID"},
              {"ADDRESS"},
              {"ROLE"},
              {"STATE"},
              {"ENTRIES", true},
              {"LAG", true},
              {"MEMBER"}}};
  auto knows_all = list.leader() != 0 && list.leader() == list.answered_by();
  for (const auto& master : list.masters()) {
    auto leads = master.number() == list.leader();
    auto has = master.match_index();
    auto lag = list.last_index() > has ? list.last_index() - has : 0;
    rows.add({std::to_string(master.number()), master.address(),
              leads              ? table_cell{"leader", tone::good}
              : master.learner() ? table_cell{"learner", tone::warning}
                                 : table_cell{"follower"},
              master.connected() ? table_cell{"connected", tone::good}
                                 : table_cell{"not reached", tone::bad},
              knows_all ? std::to_string(has) : "-",
              knows_all ? std::to_string(lag) : "-", master.uid()});
  }
  auto text = rows.empty()
                ? std::string{"this master belongs to no cluster yet\n"}
                : rows.render(style.colour);
  text += "term " + std::to_string(list.term()) + ", committed "
          + std::to_string(list.commit_index()) + ", log from "
          + std::to_string(list.first_index()) + " to "
          + std::to_string(list.last_index()) + "\n";
  if (!rows.empty() && !knows_all)
    text += painted(list.leader() == 0
                      ? "no master leads: this is what master "
                          + std::to_string(list.answered_by())
                          + " knows, and it may be old\n"
                      : "the master that leads was not reached: this is what "
                        "master "
                          + std::to_string(list.answered_by())
                          + " knows, and it may be old\n",
                    tone::warning, style.colour);
  return text;
}

std::string view_of(const session::FrameworkExplanation& explanation,
                    const view_style& style) {
  auto text
    = painted(explanation.summary(), tone::heading, style.colour) + "\n";
  for (const auto& reason : explanation.general())
    text += "- " + reason + "\n";
  if (explanation.agents().empty())
    return text;
  table rows{{{"AGENT"}, {"HOST"}, {"VERDICT"}, {"FREE"}, {"WHY"}}};
  for (const auto& agent : explanation.agents())
    rows.add({agent.agent_id().value(),
              agent.hostname(),
              {agent.verdict(),
               agent.verdict() == "offerable" ? tone::good : tone::warning},
              human_resources(agent.free()),
              agent.detail()});
  return text + "\n" + rows.render(style.colour);
}

std::string detail_of(const session::TaskSummary& task,
                      const view_style& style) {
  detail_list details{style.colour};
  details.add("task", task.task_id().value());
  details.add("name", task.name());
  details.add("framework", task.framework_id().value());
  details.add("agent", task.agent_id().value() + " at " + task.agent_hostname()
                         + ":" + std::to_string(task.agent_port()));
  if (task.has_executor_id())
    details.add("executor", task.executor_id().value());
  details.add("state", {state_text(task.state()), tone_of(task.state())});
  const auto& latest = task.status();
  if (latest.has_message())
    details.add("message", latest.message());
  if (latest.has_reason())
    details.add("reason", v1::TaskStatus::Reason_Name(latest.reason()));
  if (latest.has_source())
    details.add("source", v1::TaskStatus::Source_Name(latest.source()));
  details.add("resources", human_resources(task.resources()));
  details.add("launched", human_time(task.launched_ns()));
  if (task.has_ended_ns())
    details.add("ended", human_time(task.ended_ns()));
  details.add("ran for",
              human_age(task.launched_ns(),
                        task.has_ended_ns() ? task.ended_ns() : style.now_ns));
  if (task.kill_requested())
    details.add("kill", "requested");
  if (task.info().has_command()) {
    // Without a shell, the arguments begin with the program's own name.
    const auto& info = task.info().command();
    std::string command;
    if (!info.shell())
      for (const auto& argument : info.arguments())
        command += (command.empty() ? "" : " ") + argument;
    details.add("command", command.empty() ? info.value() : command);
  }
  return details.render();
}

} // namespace agora
