// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/allocator/allocation_explainer.hpp"

#include "actors/allocator/allocation_limits.hpp"
#include "actors/allocator/allocation_planner.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <utility>

namespace agora {

namespace {

std::string join(const std::vector<std::string>& parts,
                 std::string_view between) {
  std::string text;
  for (auto& part : parts) {
    if (!text.empty())
      text += between;
    text += part;
  }
  return text;
}

/// "1 agent", "3 agents"
std::string counted(size_t count, std::string_view what) {
  auto text = std::to_string(count) + " " + std::string{what};
  return count == 1 ? text : text + "s";
}

/// "90 s", "1.5 h"
std::string duration_text(std::chrono::nanoseconds left) {
  constexpr std::array<std::pair<double, const char*>, 3> units{
    {{86'400, "d"}, {3'600, "h"}, {60, "min"}}};
  auto seconds = std::chrono::duration<double>(left).count();
  auto unit = "s";
  for (auto [size, name] : units)
    if (seconds >= 2 * size) {
      seconds /= size;
      unit = name;
      break;
    }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", seconds, unit);
  return text.data();
}

/// "12.5 %"
std::string share_text(const resource_share& share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f %%", 100 * share.to_double());
  return text.data();
}

/// Explains one framework; lives for one explanation.
class explainer {
public:
  using time_point = decline_filters::time_point;

  explainer(allocation_state& state, const framework_id& id, time_point now)
    : state_{state}, id_{id}, framework_{*state.find(id)}, now_{now} {
    for (auto& [role, number] : framework_.clients)
      if (state_.sorter.is_competing(number))
        competing_.push_back(number);
  }

  session::FrameworkExplanation run() {
    session::FrameworkExplanation result;
    result.mutable_framework_id()->set_value(id_.text());
    for (auto& reason : general_reasons())
      result.add_general(std::move(reason));
    for (auto& [number, agent] : state_.agents) {
      with_detail_ = static_cast<size_t>(result.agents_size())
                     < allocation_limits::explained_agents;
      auto [name, detail] = judge(agent);
      ++verdicts_[name];
      if (with_detail_)
        *result.add_agents() = entry(agent, name, std::move(detail));
    }
    if (auto rest
        = state_.agents.size() - static_cast<size_t>(result.agents_size()))
      result.add_general("and " + counted(rest, "more agent") + ", not listed");
    result.set_summary(summary());
    return result;
  }

private:
  struct judgement {
    std::string_view name;
    std::string detail;
  };

  std::vector<std::string> general_reasons() const {
    std::vector<std::string> reasons;
    std::vector<std::string> suppressed;
    size_t subscribed = 0;
    for (auto& [role, number] : framework_.clients) {
      auto& client = state_.clients.at(number);
      subscribed += client.subscribed;
      if (client.subscribed && client.suppressed)
        suppressed.push_back(role);
    }
    if (!framework_.known)
      reasons.emplace_back("it is not subscribed: only its tasks are left");
    else if (!framework_.connected)
      reasons.emplace_back("it is not connected to the master");
    else if (subscribed == 0)
      reasons.emplace_back("it is subscribed in no role");
    if (!suppressed.empty())
      reasons.push_back("it has suppressed offers for "
                        + std::string{suppressed.size() == subscribed
                                        ? "all of its roles: "
                                        : "some of its roles: "}
                        + join(suppressed, ", ") + "; REVIVE ends this");
    if (state_.attached == 0)
      reasons.emplace_back("no agent is attached");
    return reasons;
  }

  /// Why a filter lasts although the framework wanted none, or a short one.
  static std::string shortest_refusal() {
    return " (a refusal lasts at least "
           + duration_text(allocation_limits::refusal_shortest) + ")";
  }

  /// The filter between the framework and the agent in the client's role.
  const decline_filters::filter* filter_of(const allocator_agent& agent,
                                           client_number client) const {
    auto filter
      = state_.filters.find({agent.number, client}, agent.account.free());
    return filter && filter->end > now_ ? filter : nullptr;
  }

  judgement judge(const allocator_agent& agent) {
    if (!agent.account.attached())
      return {verdict::not_attached,
              "it is not attached to the master" + holders(agent)};
    std::vector<std::string> filters;
    if (agent.account.enough_free()) {
      for (auto client : competing_) {
        auto filter = filter_of(agent, client);
        if (filter == nullptr)
          return {verdict::offerable, next_in_line(agent)};
        filters.push_back("for another " + duration_text(filter->end - now_)
                          + " in role " + state_.clients.at(client).role
                          + ", because it refused " + to_string(*filter->amount)
                          + (filter->prolonged ? shortest_refusal() : ""));
      }
    }
    if (auto offered = offered_to_it(agent); !offered.empty())
      return {verdict::offered, "on offer to it: " + join(offered, "; ")};
    if (agent.account.enough_free()) {
      if (filters.empty())
        return {verdict::no_role, "no role of the framework wants offers"};
      return {verdict::filtered, join(filters, "; ")};
    }
    if (agent.account.free().empty())
      return {verdict::nothing_free, "nothing is free" + holders(agent)};
    return {verdict::below_minimum,
            "only " + to_string(agent.account.free())
              + " is free, less than cpus:0.01 and less than mem:32"
              + holders(agent)};
  }

  std::vector<std::string> offered_to_it(const allocator_agent& agent) const {
    std::vector<std::string> offered;
    for (auto& [role, client] : framework_.clients) {
      auto held = agent.account.holdings().find(client);
      if (held != agent.account.holdings().end()
          && !held->second.offered.empty())
        offered.push_back(to_string(held->second.offered) + " in role " + role);
    }
    return offered;
  }

  /// Who has the agent, the largest part first.
  std::string holders(const allocator_agent& agent) const {
    if (!with_detail_)
      return {};
    std::vector<std::pair<resource_share, std::string>> parts;
    auto add
      = [&](client_number number, const resources& amount, const char* how) {
          if (amount.empty())
            return;
          auto& client = state_.clients.at(number);
          auto who = client.framework == id_
                       ? std::string{"this framework"}
                       : "framework " + client.framework.text();
          parts.emplace_back(
            dominant_share(amount, agent.account.total()).share,
            who + " (role " + client.role + ") " + how + to_string(amount));
        };
    for (auto& [client, held] : agent.account.holdings()) {
      add(client, held.used, "uses ");
      add(client, held.offered, "is offered ");
    }
    std::stable_sort(parts.begin(), parts.end(), [](auto& lhs, auto& rhs) {
      return lhs.first > rhs.first;
    });
    std::string text;
    for (size_t i = 0;
         i < std::min(parts.size(), allocation_limits::explained_holders); ++i)
      text += "; " + parts[i].second;
    if (parts.size() > allocation_limits::explained_holders)
      text
        += "; and "
           + std::to_string(parts.size() - allocation_limits::explained_holders)
           + " more";
    return text;
  }

  std::string next_in_line(const allocator_agent& agent) {
    if (!with_detail_)
      return {};
    auto next = state_.next_for(agent);
    if (!next) // what stood before it is a filter that has just ended
      return "to be offered now";
    auto& client = state_.clients.at(next->client);
    if (client.framework == id_)
      return "next in line: this framework, in role " + client.role;
    auto role = state_.sorter.of_role(client.role);
    auto framework = state_.sorter.of_client(next->client);
    return "next in line: framework " + client.framework.text() + " in role "
           + client.role + " (share of the role " + share_text(role.share)
           + ", of the framework in it " + share_text(framework.share) + ")";
  }

  session::AgentExplanation entry(const allocator_agent& agent,
                                  std::string_view name, std::string detail) {
    session::AgentExplanation made;
    made.mutable_agent_id()->set_value(agent.id.text());
    made.set_hostname(agent.hostname);
    made.set_verdict(std::string{name});
    made.set_detail(std::move(detail));
    *made.mutable_free() = resources_to_wire(agent.account.free());
    return made;
  }

  size_t number_of(std::string_view name) const {
    auto found = verdicts_.find(name);
    return found == verdicts_.end() ? 0 : found->second;
  }

  std::string summary() const {
    if (state_.attached == 0)
      return "It gets no offers: no agent is attached.";
    std::vector<std::string> parts;
    auto add = [&](std::string_view name, const char* text) {
      if (auto count = number_of(name))
        parts.push_back(std::to_string(count) + " " + text);
    };
    add(verdict::offered, "on offer to it");
    if (!competing_.empty()) {
      add(verdict::offerable, "about to be offered to the next in line");
      add(verdict::filtered, "kept from it by its own refusals");
    }
    add(verdict::nothing_free, "without anything free");
    add(verdict::below_minimum, "with too little free");
    auto agents = "Of " + counted(state_.attached, "attached agent") + ": "
                  + join(parts, ", ") + ".";
    if (competing_.empty()) {
      auto reasons = general_reasons();
      return "It gets no new offers: "
             + (reasons.empty() ? std::string{"it wants none"}
                                : reasons.front())
             + ".";
    }
    if (number_of(verdict::offered) + number_of(verdict::offerable) == 0)
      return "It gets no offers now. " + agents;
    return agents;
  }

  allocation_state& state_;
  const framework_id& id_;
  const allocator_framework& framework_;
  time_point now_;
  std::vector<client_number> competing_;

  /// Whether the agent at hand is listed, and not only counted.
  bool with_detail_ = true;
  std::map<std::string_view, size_t> verdicts_;
};

} // namespace

result<session::FrameworkExplanation> explain(allocation_state& state,
                                              const framework_id& framework,
                                              decline_filters::time_point now) {
  if (state.find(framework) == nullptr)
    return fail(errc::not_found,
                "framework " + framework.text()
                  + " is not known to the allocator: it has ended, or never "
                    "subscribed");
  return explainer{state, framework, now}.run();
}

result<session::FrameworkExplanation>
allocation_planner::explain(const framework_id& framework, time_point now) {
  return agora::explain(state_, framework, now);
}

} // namespace agora
