// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/master_commands.hpp"

#include "tools/agora/cluster_client.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

namespace agora {

namespace {

session::ToolRequest masters_request() {
  session::ToolRequest request;
  request.mutable_get_masters();
  return request;
}

/// Where the master is that leads, if another one has answered.
std::optional<node_address> leader_of(const session::MasterList& list) {
  if (list.leader() == 0 || list.leader() == list.answered_by())
    return std::nullopt;
  for (auto& master : list.masters())
    if (master.number() == list.leader())
      if (auto address = parse_address(master.address()))
        return std::move(*address);
  return std::nullopt;
}

/// Between two looks whether a change has been made.
constexpr std::chrono::milliseconds look_interval{100};

using is_made = std::function<bool(const session::MasterList&)>;

/// A leader that steps down because of the change may not get to answer: what
/// has become of it is in the list of the masters.
bool turns_out_made(const tool_settings& settings, const is_made& made) {
  auto end = std::chrono::steady_clock::now() + settings.timeout;
  do {
    cluster_client cluster{settings.masters, settings.timeout};
    auto answer = cluster.ask(masters_request());
    if (answer && made(answer->masters()))
      return true;
    std::this_thread::sleep_for(look_interval);
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

tool_exit change(const tool_settings& settings,
                 const session::ChangeMasters& what, const std::string& done,
                 const is_made& made) {
  session::ToolRequest request;
  *request.mutable_change_masters() = what;
  auto answer = [&] {
    cluster_client cluster{settings.masters, settings.timeout};
    return cluster.ask(std::move(request));
  }();
  if (!answer
      && (code_of(answer.error()) != errc::unreachable
          || !turns_out_made(settings, made)))
    return report(answer.error());
  return settings.json() ? print_json(session::Done{})
                         : print_text(done + "\n");
}

bool has(const session::MasterList& list, uint32_t number) {
  return std::any_of(list.masters().begin(), list.masters().end(),
                     [number](auto& master) {
                       return master.number() == number;
                     });
}

} // namespace

tool_exit show_masters(const tool_settings& settings) {
  cluster_client any{settings.masters, settings.timeout};
  auto answer = any.ask(masters_request());
  if (!answer)
    return report(answer.error());
  auto list = std::move(*answer->mutable_masters());
  if (auto leader = leader_of(list)) {
    cluster_client there{{std::move(*leader)}, settings.timeout};
    // Who died a moment ago is still believed to lead.
    if (auto better = there.ask(masters_request()))
      list = std::move(*better->mutable_masters());
  }
  if (settings.json())
    return print_json(list);
  return print_text(view_of(list, style_of(settings)));
}

tool_exit add_master(const tool_settings& settings, const std::string& where) {
  auto parsed = parse_numbered_addresses(where);
  if (!parsed)
    return report(fail(errc::invalid_config, text_of(parsed.error())));
  if (parsed->size() != 1)
    return report(fail(errc::invalid_config, "one master at a time"));
  auto& one = parsed->front();
  session::ChangeMasters what;
  what.mutable_add()->set_number(one.number);
  what.mutable_add()->set_address(to_string(one.address));
  return change(settings, what,
                "master " + std::to_string(one.number)
                  + " is taken in; it votes as soon as it has everything: see "
                    "agora masters",
                [&](auto& list) {
                  return has(list, one.number);
                });
}

tool_exit remove_master(const tool_settings& settings, uint32_t number) {
  session::ChangeMasters what;
  what.mutable_remove()->set_number(number);
  return change(settings, what,
                "master " + std::to_string(number)
                  + " is not one of the cluster's any more",
                [number](auto& list) {
                  return list.leader() != 0 && !has(list, number);
                });
}

tool_exit transfer_leadership(const tool_settings& settings, uint32_t to) {
  session::ChangeMasters what;
  what.mutable_transfer()->set_to(to);
  return change(settings, what, "master " + std::to_string(to) + " leads",
                [to](auto& list) {
                  return list.leader() == to;
                });
}

} // namespace agora
