// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/executor_driver_actor.hpp"

#include "actors/session/connector_actor.hpp"
#include "runtime/messaging/tcp_link_actor.hpp"

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cstring>
#include <random>
#include <utility>

namespace agora {

namespace {

using driver_self
  = executor_driver_actor::stateful_pointer<executor_driver_state>;

std::string random_bytes() {
  std::random_device device;
  std::string bytes;
  while (bytes.size() < 16) {
    auto word = device();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  return bytes;
}

void send_call(driver_self self, v1::executor::Call call) {
  if (!self->state.session)
    return;
  session::ExecutorToAgent body;
  *body.add_calls() = std::move(call);
  send_body(self, self->state.session, body);
}

/// Ends if it is time, or sees to being woken then.
void check_end(driver_self self) {
  auto& state = self->state;
  auto now = self->clock().now();
  if (state.machine->over(now)) {
    auto reason
      = state.machine->unacknowledged() == 0
          ? status{}
          : fail(errc::timeout, std::to_string(state.machine->unacknowledged())
                                  + " updates were not acknowledged");
    spdlog::info("executor driver over reason={}", describe(reason));
    if (state.options.on_over)
      state.options.on_over(reason);
    self->send_exit(state.executor, caf::exit_reason::user_shutdown);
    if (state.connector)
      self->send_exit(state.connector, caf::exit_reason::user_shutdown);
    self->quit();
    return;
  }
  auto deadline = state.machine->deadline();
  if (!deadline || (state.tick_at && *state.tick_at <= *deadline))
    return;
  state.tick_at = deadline;
  self->scheduled_send(self, *deadline, caf::tick_atom::value);
}

session::OpenSession introduction(const executor_driver_options& options) {
  session::OpenSession open;
  open.set_protocol_version(session_protocol_version);
  open.set_kind(session::EXECUTOR);
  open.set_software(options.software);
  return open;
}

/// "900secs" and the like. @returns nothing if it is no such text.
std::optional<std::chrono::milliseconds> read_duration(std::string_view text) {
  static constexpr std::pair<std::string_view, double> units[] = {
    {"ns", 1e-6},       {"us", 1e-3},         {"ms", 1},
    {"secs", 1000},     {"mins", 60'000},     {"hrs", 3'600'000},
    {"days", 86'400e3}, {"weeks", 604'800e3},
  };
  double value = 0;
  auto [end, code]
    = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || value < 0)
    return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  for (auto& [unit, factor] : units)
    if (text == unit)
      return std::chrono::milliseconds{
        static_cast<int64_t>(std::min(value * factor, 1e15))};
  return std::nullopt;
}

} // namespace

result<executor_driver_options>
executor_options_from(const std::function<const char*(const char*)>& lookup) {
  executor_driver_options options;
  auto read = [&](const char* name, std::string& value) -> status {
    auto text = lookup(name);
    if (text == nullptr || *text == 0)
      return fail(errc::invalid_config,
                  std::string{name} + " is not set: a custom executor is "
                    + "started by an agent, which sets it");
    value = text;
    return {};
  };
  std::string agent;
  std::string framework;
  std::string executor;
  if (auto err = read("AGORA_AGENT", agent))
    return err;
  if (auto err = read("AGORA_FRAMEWORK_ID", framework))
    return err;
  if (auto err = read("AGORA_EXECUTOR_ID", executor))
    return err;
  auto address = parse_address(agent);
  if (!address)
    return fail(errc::invalid_config,
                "AGORA_AGENT: " + text_of(address.error()));
  options.agent = std::move(*address);
  options.settings.framework = framework_id{std::move(framework)};
  options.settings.executor = executor_id{std::move(executor)};
  auto read_span = [&](const char* name, std::chrono::milliseconds& span) {
    auto text = lookup(name);
    if (text == nullptr)
      return status{};
    auto value = read_duration(text);
    if (!value)
      return fail(errc::invalid_config, std::string{name} + " is '" + text
                                          + "', not a duration such as 5secs");
    span = *value;
    return status{};
  };
  if (auto err = read_span("MESOS_RECOVERY_TIMEOUT", options.settings.recovery))
    return err;
  if (auto err = read_span("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
                           options.settings.shutdown_grace))
    return err;
  return options;
}

executor_driver_actor::behavior_type
executor_driver(driver_self self, executor_driver_options options,
                const executor_factory& make_executor,
                const executor_connect& connect) {
  auto& state = self->state;
  state.options = std::move(options);
  state.machine.emplace(state.options.settings, random_bytes(),
                        self->clock().now());
  executor_driver_actor me{self};
  state.executor = make_executor(me);
  self->monitor(state.executor);
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.machine->executor_ended(self->clock().now());
    check_end(self);
  });
  state.connector = connect(me, introduction(state.options));
  check_end(self);
  return {
    [self](v1::executor::Call& call) -> caf::result<void> {
      auto now = self->state.machine->call(call, self->state.options.clock());
      if (!now)
        return now.error();
      if (*now)
        send_call(self, std::move(call));
      return caf::unit;
    },
    [self](const session_up& news, const session_actor& session) {
      self->state.session = session;
      self->state.number = news.number;
      send_call(self, self->state.machine->session_up());
    },
    [self](const session_down& news) {
      if (news.number != self->state.number)
        return;
      self->state.session = nullptr;
      self->state.machine->session_lost(self->clock().now());
      check_end(self);
    },
    [self](session_number number, session::AgentToExecutor& body) {
      auto& held = self->state;
      if (number != held.number)
        return;
      for (auto& event : *body.mutable_events())
        if (held.machine->event(event, self->clock().now()))
          self->send(held.executor, std::move(event));
      check_end(self);
    },
    [](const dial_failed& news) {
      spdlog::warn("agent not reached address={} reason={}", news.address,
                   describe(news.reason));
    },
    [self](caf::tick_atom) {
      self->state.tick_at.reset();
      check_end(self);
    },
  };
}

executor_driver_actor spawn_executor_driver(caf::actor_system& system,
                                            executor_driver_options options,
                                            executor_factory make_executor) {
  auto address = options.agent;
  executor_connect connect = [&system,
                              address](const executor_driver_actor& owner,
                                       session::OpenSession introduce) {
    connector_options how;
    how.addresses = {address};
    how.session.kind = session::EXECUTOR;
    how.introduction = std::move(introduce);
    return spawn_connector<session::AgentToExecutor>(
      system, owner, std::move(how), spawn_tcp_link(system, owner.address()));
  };
  return system.spawn(executor_driver, std::move(options),
                      std::move(make_executor), std::move(connect));
}

} // namespace agora
