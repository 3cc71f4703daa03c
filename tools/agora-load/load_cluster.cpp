// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/load_cluster.hpp"

#include "runtime/node/setting_values.hpp"
#include "tools/agora-load/emulated_agents.hpp"
#include "tools/agora-load/latency_histogram.hpp"
#include "tools/agora/cluster_client.hpp"
#include "tools/agorad/child.hpp"

#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace agora::load {

namespace {

using clock = std::chrono::steady_clock;

/// For reports to come, in one look.
constexpr int look_ms = 10;

/// Between two questions to the master.
constexpr std::chrono::milliseconds ask_interval{50};

/// For the master to answer one.
constexpr std::chrono::milliseconds answer_timeout{5'000};

/// Rounds of killing what is left at the end.
constexpr int kill_rounds = 400;

/// As --master takes it.
std::string masters_text(const std::vector<node_address>& masters) {
  return setting_codec<std::vector<node_address>>::render(masters);
}

/// Of the run itself, and of whoever looks at it meanwhile.
constexpr uint32_t other_sessions = 100;

std::string of(uint64_t count, uint64_t all, const std::string& what) {
  return std::to_string(count) + " of " + std::to_string(all) + " " + what;
}

/// The share of `all` that the part `index` of `parts` gets.
uint64_t share_of(uint64_t all, uint64_t parts, uint64_t index) {
  return all / parts + (index < all % parts ? 1 : 0);
}

status limit(uint64_t value, uint64_t least, uint64_t most,
             const std::string& name) {
  if (value >= least && value <= most)
    return {};
  return fail(errc::invalid_config, name + ": from " + std::to_string(least)
                                      + " to " + std::to_string(most));
}

} // namespace

status check_settings(const load_settings& settings) {
  for (auto& err :
       {limit(settings.agents, 1,
              settings.real ? real_agents_limit : agents_limit, "--agents"),
        limit(settings.frameworks, 1, frameworks_limit, "--frameworks"),
        limit(settings.tasks, 1, tasks_limit, "--tasks"),
        limit(settings.own_masters, 1, own_masters_limit, "--masters"),
        limit(settings.processes, 1, processes_limit, "--processes"),
        limit(settings.connections, 1, connections_limit, "--connections")})
    if (err)
      return err;
  return {};
}

load_cluster::load_cluster(load_settings settings)
  : settings_(std::move(settings)) {
  // nop
}

load_cluster::~load_cluster() {
  client_.reset();
  frameworks_.clear();
  agents_.clear();
  real_agents_.clear();
  own_.reset();
  // Shims and tasks of real agents.
  kill_children(kill_rounds);
  std::error_code ignored;
  if (!directory_.empty())
    std::filesystem::remove_all(directory_, ignored);
}

result<std::unique_ptr<load_cluster>>
load_cluster::start(load_settings settings) {
  std::unique_ptr<load_cluster> made{new load_cluster{std::move(settings)}};
  if (auto err = made->begin())
    return err;
  return made;
}

status load_cluster::begin() {
  adopt_orphans();
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGTERM);
  signals_.reset(::signalfd(-1, &ending, SFD_CLOEXEC));
  auto pattern
    = (std::filesystem::temp_directory_path() / "agora-load-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    return fail(errc::io_failed, "cannot make a directory like " + pattern
                                   + ": " + std::strerror(errno));
  directory_ = pattern;
  if (settings_.masters)
    masters_ = *settings_.masters;
  else if (auto err = start_own_masters())
    return err;
  if (auto err = start_workers())
    return err;
  client_ = std::make_unique<cluster_client>(masters_, answer_timeout);
  auto there = ask_status();
  return there ? status{} : there.error();
}

std::string load_cluster::file(const std::string& name) const {
  return (directory_ / name).string();
}

status load_cluster::start_own_masters() {
  auto sessions
    = uint64_t{settings_.agents} + settings_.frameworks + other_sessions;
  auto chosen
    = own_masters::choose(directory_, settings_.own_masters, sessions);
  if (!chosen)
    return std::move(chosen.error());
  own_ = std::move(*chosen);
  masters_ = own_->addresses();
  for (size_t i = 0; i < own_->size(); ++i)
    if (auto err = own_->start(i))
      return err;
  for (size_t i = 0; i < own_->size(); ++i)
    if (auto err = await_listening(i))
      return err;
  return {};
}

status load_cluster::await_listening(size_t which) {
  return wait([&]() -> std::optional<std::string> {
    if (own_->listens(which))
      return std::nullopt;
    return "master " + std::to_string(which + 1) + " starts";
  });
}

status load_cluster::start_master(size_t which) {
  if (auto err = own_->start(which))
    return err;
  return await_listening(which);
}

void load_cluster::kill_master(size_t which) {
  own_->kill(which);
}

result<size_t> load_cluster::leading_master() {
  if (auto answer = ask_status(); !answer)
    return std::move(answer.error());
  for (size_t i = 0; i < masters_.size(); ++i)
    if (to_string(masters_[i]) == client_->answered_by())
      return i;
  return fail(errc::not_found,
              client_->answered_by() + " leads, which is none of the masters");
}

result<session::MasterList> load_cluster::ask_masters() {
  session::ToolRequest request;
  request.mutable_get_masters();
  auto answer = client_->ask(std::move(request));
  if (!answer)
    return answer.error();
  return answer->masters();
}

result<load_worker> load_cluster::start_worker(const std::string& name,
                                               uint32_t connections) {
  std::error_code code;
  std::filesystem::create_directories(directory_ / name, code);
  if (code)
    return fail(errc::io_failed,
                "cannot make " + file(name) + ": " + code.message());
  return load_worker::start(name,
                            {"emulate", "--master", masters_text(masters_),
                             "--work-dir", file(name), "--connections",
                             std::to_string(connections)},
                            file(name + ".log"));
}

status load_cluster::start_workers() {
  if (!settings_.real)
    for (uint32_t i = 0; i < settings_.processes; ++i) {
      auto worker = start_worker("agents-" + std::to_string(i + 1),
                                 settings_.connections);
      if (!worker)
        return worker.error();
      agents_.push_back(std::move(*worker));
    }
  auto worker = start_worker("frameworks", std::min(settings_.frameworks, 2u));
  if (!worker)
    return worker.error();
  frameworks_.push_back(std::move(*worker));
  return {};
}

status load_cluster::start_real_agents(uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    auto name = "agent-" + std::to_string(agents_wanted_ + i + 1);
    auto agent = child_program::start(
      name, beside_this_program("agorad"),
      {"agent", "--master", masters_text(masters_), "--listen", "127.0.0.1:0",
       "--work-dir", file(name), "--resources", agent_resources_text,
       "--log-level", "warn", "--end-with-parent"},
      file(name + ".log"));
    if (!agent)
      return agent.error();
    real_agents_.push_back(std::move(*agent));
  }
  return {};
}

status load_cluster::start_agents(uint32_t count) {
  if (settings_.real) {
    if (auto err = start_real_agents(count))
      return err;
  }
  auto first = agents_wanted_;
  agents_wanted_ += count;
  for (size_t i = 0; i < agents_.size(); ++i) {
    Order order;
    auto& what = *order.mutable_start_agents();
    auto share = static_cast<uint32_t>(share_of(count, agents_.size(), i));
    what.set_first(first);
    what.set_count(share);
    first += share;
    if (auto err = agents_[i].send(std::move(order)))
      return err;
  }
  auto asked = clock::time_point{};
  uint32_t attached = 0;
  return wait([&]() -> std::optional<std::string> {
    if (clock::now() - asked >= ask_interval) {
      asked = clock::now();
      if (auto now = ask_status())
        attached = now->agents_attached();
    }
    if (attached >= agents_wanted_)
      return std::nullopt;
    return of(attached, agents_wanted_, "agents are attached");
  });
}

status load_cluster::start_frameworks(uint32_t count) {
  Order order;
  order.mutable_start_frameworks()->set_count(count);
  order.mutable_start_frameworks()->set_name("load");
  frameworks_wanted_ += count;
  if (auto err = order_frameworks(order))
    return err;
  return wait([&]() -> std::optional<std::string> {
    auto there = totals().frameworks_subscribed();
    if (there >= frameworks_wanted_)
      return std::nullopt;
    return of(there, frameworks_wanted_, "frameworks have subscribed");
  });
}

status load_cluster::launch_tasks(const launch& what) {
  Order order;
  auto& orders = *order.mutable_launch_tasks();
  for (uint32_t i = 0; i < frameworks_wanted_; ++i)
    orders.add_tasks_of_framework(
      static_cast<uint32_t>(share_of(what.tasks, frameworks_wanted_, i)));
  orders.set_command(what.command);
  orders.set_in_flight(what.in_flight);
  orders.set_per_offer(what.per_offer);
  auto before = totals();
  auto goal
    = what.tasks
      + (what.to_the_end ? before.tasks_finished() + before.tasks_failed()
                         : before.tasks_running());
  tasks_wanted_ += what.tasks;
  if (auto err = order_frameworks(order))
    return err;
  return wait([&]() -> std::optional<std::string> {
    auto now = totals();
    if (now.tasks_failed() != 0 && !what.to_the_end)
      return "tasks fail: " + now.first_failure();
    auto there = what.to_the_end ? now.tasks_finished() + now.tasks_failed()
                                 : now.tasks_running();
    if (there >= goal)
      return std::nullopt;
    return of(there, goal, what.to_the_end ? "tasks have ended" : "tasks run")
           + ", " + std::to_string(now.tasks_accepted()) + " launched";
  });
}

status load_cluster::finish_tasks() {
  Order order;
  order.mutable_finish_tasks();
  if (auto err = order_agents(order))
    return err;
  return wait([&]() -> std::optional<std::string> {
    auto now = totals();
    auto ended = now.tasks_finished() + now.tasks_failed();
    if (ended >= tasks_wanted_)
      return std::nullopt;
    return of(ended, tasks_wanted_, "tasks have ended");
  });
}

status load_cluster::settle() {
  Order order;
  order.mutable_await_settled();
  return order_agents(order);
}

status load_cluster::order_frameworks(const Order& what) {
  return order(frameworks_, what);
}

status load_cluster::order_agents(const Order& what) {
  return order(agents_, what);
}

status load_cluster::order(std::vector<load_worker>& workers,
                           const Order& what) {
  for (auto& worker : workers)
    if (auto err = worker.send(what))
      return err;
  return wait([&]() -> std::optional<std::string> {
    auto busy = std::count_if(workers.begin(), workers.end(), [](auto& worker) {
      return worker.busy();
    });
    if (busy == 0)
      return std::nullopt;
    auto text = std::to_string(busy) + " processes of the load are at work";
    if (auto unsettled = totals().agents_unsettled())
      text += ", " + std::to_string(unsettled)
              + " agents wait for acknowledgements";
    return text;
  });
}

result<Report> load_cluster::tally() {
  Order order;
  order.mutable_tally();
  if (auto err = order_agents(order))
    return err;
  if (auto err = order_frameworks(order))
    return err;
  return totals();
}

Report load_cluster::totals() const {
  // There is one process of frameworks; what it counts stands as it is.
  Report all;
  for (auto& worker : frameworks_)
    all.MergeFrom(worker.report());
  for (auto& worker : agents_) {
    auto& one = worker.report();
    all.set_messages(all.messages() + one.messages());
    all.set_agents_started(all.agents_started() + one.agents_started());
    all.set_tasks_started(all.tasks_started() + one.tasks_started());
    all.set_tasks_started_again(all.tasks_started_again()
                                + one.tasks_started_again());
    all.set_agents_unsettled(all.agents_unsettled() + one.agents_unsettled());
    all.set_settled_at_ns(std::max(all.settled_at_ns(), one.settled_at_ns()));
  }
  return all;
}

status
load_cluster::wait(const std::function<std::optional<std::string>()>& missing) {
  auto changed_at = clock::now();
  std::string last;
  for (;;) {
    auto what = missing();
    if (!what)
      return {};
    if (*what != last) {
      last = *what;
      changed_at = clock::now();
      progress_.show(last);
    }
    if (clock::now() - changed_at >= settings_.patience)
      return fail(errc::timeout, "gave up after "
                                   + std::to_string(settings_.patience.count())
                                   + " s without progress: " + last);
    if (auto err = look())
      return err;
  }
}

status load_cluster::look() {
  std::vector<pollfd> watched{{signals_.get(), POLLIN, 0}};
  std::vector<load_worker*> workers;
  for (auto* group : {&agents_, &frameworks_})
    for (auto& worker : *group) {
      watched.push_back({worker.descriptor(), POLLIN, 0});
      workers.push_back(&worker);
    }
  ::poll(watched.data(), watched.size(), look_ms);
  if (watched.front().revents != 0)
    return fail(errc::shutting_down, "interrupted");
  for (size_t i = 0; i < workers.size(); ++i)
    if (watched[i + 1].revents != 0)
      if (auto err = workers[i]->receive())
        return err;
  if (own_)
    if (auto how = own_->end())
      return fail(errc::launch_failed, *how);
  for (auto& agent : real_agents_)
    if (auto how = agent.end())
      return fail(errc::launch_failed, *how);
  return {};
}

result<session::ClusterStatus> load_cluster::ask_status() {
  session::ToolRequest request;
  request.mutable_get_status();
  auto answer = client_->ask(std::move(request));
  if (!answer)
    return answer.error();
  return answer->status();
}

bool load_cluster::has_own_master() const {
  return own_.has_value();
}

result<process_usage> load_cluster::master_usage() {
  auto leads = own_->size() == 1 ? result<size_t>{size_t{0}} : leading_master();
  if (!leads)
    return std::move(leads.error());
  return read_usage(own_->pid(*leads));
}

std::chrono::microseconds load_cluster::agents_cpu() const {
  std::chrono::microseconds sum{0};
  for (auto& worker : agents_)
    if (auto used = read_usage(worker.pid()))
      sum += used->cpu;
  for (auto& agent : real_agents_)
    if (auto used = read_usage(agent.pid()))
      sum += used->cpu + used->children_cpu;
  return sum;
}

std::chrono::microseconds load_cluster::frameworks_cpu() const {
  std::chrono::microseconds sum{0};
  for (auto& worker : frameworks_)
    if (auto used = read_usage(worker.pid()))
      sum += used->cpu;
  return sum;
}

uint32_t load_cluster::connections() const {
  return settings_.connections * static_cast<uint32_t>(agents_.size())
         + static_cast<uint32_t>(real_agents_.size())
         + std::min(settings_.frameworks, 2u);
}

} // namespace agora::load
