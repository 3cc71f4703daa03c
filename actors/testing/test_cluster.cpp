// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/test_cluster.hpp"

#include "actors/testing/test_cluster_core.hpp"
#include "runtime/resources/resources_text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace agora::simulation {

namespace {

constexpr uint64_t usual_seed = 1;

constexpr std::chrono::milliseconds usual_task{1'000};

uint64_t seed_of_environment() {
  auto* text = std::getenv("AGORA_SEED");
  return text == nullptr ? usual_seed : std::strtoull(text, nullptr, 10);
}

/// Keeps what the cores refer to; see test_cluster.
template <class T>
T& keep(std::unique_ptr<T> what) {
  static auto& kept = *new std::vector<std::unique_ptr<T>>;
  return *kept.emplace_back(std::move(what));
}

} // namespace

scratch_place::scratch_place() {
  std::error_code bad;
  auto pattern
    = (std::filesystem::temp_directory_path(bad) / "agora-test-XXXXXX")
        .string();
  if (bad || ::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"cannot make the directory " + pattern};
  path = pattern;
}

scratch_place::~scratch_place() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

// -- the core -----------------------------------------------------------------

test_cluster::core::core(test_cluster_options& options)
  : seed(options.seed.value_or(seed_of_environment())),
    scratch(std::make_unique<scratch_place>()),
    sim(keep(std::make_unique<world>(seed, 0.0))),
    nodes(keep(std::make_unique<simulated_cluster>(
      sim, complete(std::move(options.settings))))),
    log(sim, nodes, [this](auto&, auto&, auto& applied) {
      take(applied);
    }) {
  sim.verbose(options.trace.value_or(std::getenv("AGORA_TRACE") != nullptr));
  spdlog::set_level(spdlog::level::from_str(options.log_level));
}

cluster_settings test_cluster::core::complete(cluster_settings settings) {
  settings.work_dir = scratch->path;
  settings.behavior
    = [this](const launch_spec& what, const std::string& machine) {
        return behavior_of(what, machine);
      };
  return settings;
}

result<task_behavior>
test_cluster::core::behavior_of(const launch_spec& what,
                                const std::string& machine) {
  std::string owner;
  std::string task;
  std::string executor;
  for (auto& [name, value] : what.environment) {
    if (name == "AGORA_FRAMEWORK_ID")
      owner = value;
    else if (name == "AGORA_TASK_ID")
      task = value;
    else if (name == "AGORA_EXECUTOR_ID")
      executor = value;
  }
  if (task.empty() && !executor.empty())
    return fail(errc::launch_failed,
                "executor " + executor
                  + " cannot be started: simulated clusters run no executors");
  auto usual = task_behavior::ends_after(usual_task);
  if (task.empty()) {
    // Unpacks what the task's command has fetched.
    usual.task = what.task_key;
    usual.lasts = std::chrono::milliseconds{0};
    return usual;
  }
  auto made = script ? script(launched_task{framework_id{owner}, task_id{task},
                                            machine, what})
                     : usual;
  made.task = owner + "/" + task;
  return made;
}

void test_cluster::core::take(const applied_entry& applied) {
  for (auto& started : applied.started) {
    newest[started.key] = tasks.size();
    task_view fresh;
    fresh.id = started.key.task;
    fresh.framework = started.key.framework;
    fresh.agent = host_of(started.agent);
    fresh.amount = started.amount;
    tasks.push_back(std::move(fresh));
  }
  for (auto& change : applied.transitions) {
    auto found = newest.find(change.key);
    if (found == newest.end())
      continue;
    auto& task = tasks[found->second];
    task.state = change.to;
    task.ended = task.ended || change.became_terminal;
    task.status = change.status;
  }
}

std::string test_cluster::core::host_of(const agent_id& agent) const {
  auto* record = log.state().find_agent(agent);
  return record == nullptr ? agent.text() : record->hostname;
}

bool test_cluster::core::runs(const task_view& task) const {
  auto name = task.framework.text() + "/" + task.id.text();
  return std::any_of(nodes.agents().begin(), nodes.agents().end(),
                     [&](auto& agent) {
                       return agent->host->runs_task(name);
                     });
}

void test_cluster::core::start_framework(framework_number number) {
  auto& which = *frameworks.at(number);
  auto options = which.options;
  if (!which.id.empty() && !which.torn_down)
    options.info.mutable_id()->set_value(which.id.text());
  options.keep_id
    = [&which, kept = which.options.keep_id](const framework_id& id) -> status {
    which.torn_down = id.empty();
    if (!id.empty())
      which.id = id;
    return kept ? kept(id) : status{};
  };
  which.end = std::nullopt;
  nodes.start_framework(
    which, std::move(options),
    [&which](caf::actor_system& system, const framework_driver_actor& driver) {
      auto made = which.factory(system, driver);
      which.scheduler = made;
      made->attach_functor([&which, address = made.address()] {
        if (which.scheduler && which.scheduler.address() == address)
          which.scheduler = nullptr;
      });
      return made;
    });
}

// -- time ---------------------------------------------------------------------

test_cluster::test_cluster(test_cluster_options options) {
  for (auto& text : options.agents)
    if (auto parsed = parse_resources(text); !parsed)
      throw std::runtime_error{"agent " + text + ": "
                               + describe(parsed.error())};
  core_ = std::make_unique<core>(options);
  core_->nodes.start_masters();
  for (auto& text : options.agents)
    add_agent(text);
}

test_cluster::~test_cluster() {
  core_->scratch.reset();
  // What is left in the world refers to it, and never runs again.
  keep(std::move(core_));
}

test_cluster::duration test_cluster::passed() const {
  return core_->sim.passed();
}

void test_cluster::run_for(duration time) {
  core_->sim.run(core_->sim.now() + time);
}

bool test_cluster::run_until(const std::function<bool()>& condition,
                             duration limit) {
  auto& sim = core_->sim;
  auto holds = condition();
  if (!holds) {
    sim.on_rest([&] {
      holds = condition();
      if (holds)
        sim.pause();
    });
    sim.run(sim.now() + limit);
    sim.on_rest({});
  }
  if (holds)
    return true;
  std::fprintf(stderr,
               "simulated cluster: what the test waits for has not happened "
               "within %.1f s\n%s",
               std::chrono::duration<double>(limit).count(), report().c_str());
  return false;
}

uint64_t test_cluster::seed() const {
  return core_->seed;
}

uint64_t test_cluster::hash() const {
  return core_->sim.hash();
}

// -- frameworks ---------------------------------------------------------------

framework_number test_cluster::add_framework(driver_options options,
                                             scheduler_factory scheduler) {
  auto number = core_->frameworks.size();
  auto& made
    = *core_->frameworks.emplace_back(std::make_unique<core::framework>());
  made.name = options.info.has_name() ? options.info.name() : "framework";
  made.machine = core_->nodes.net().add_machine(made.name);
  if (!options.info.has_user())
    options.info.set_user("root");
  made.options = std::move(options);
  made.factory = std::move(scheduler);
  made.on_end = [&made](const caf::error& reason) {
    made.end = reason == caf::exit_reason::normal ? status{} : reason;
  };
  core_->start_framework(number);
  return number;
}

void test_cluster::crash_framework(framework_number which) {
  auto& crashed = *core_->frameworks.at(which);
  core_->nodes.crash_framework(crashed);
  if (crashed.lives.empty())
    crashed.scheduler = nullptr;
}

void test_cluster::restart_framework(framework_number which) {
  core_->start_framework(which);
}

bool test_cluster::framework_runs(framework_number which) const {
  return core_->nodes.runs(*core_->frameworks.at(which));
}

std::optional<status>
test_cluster::framework_end(framework_number which) const {
  return core_->frameworks.at(which)->end;
}

framework_id test_cluster::id_of(framework_number which) const {
  return core_->frameworks.at(which)->id;
}

scheduler_actor test_cluster::scheduler_of(framework_number which) const {
  return core_->frameworks.at(which)->scheduler;
}

void test_cluster::cut_off_framework(framework_number which) {
  core_->cut(core_->frameworks.at(which)->machine);
}

void test_cluster::reconnect_framework(framework_number which) {
  core_->heal(core_->frameworks.at(which)->machine);
}

// -- tasks and offers ---------------------------------------------------------

void test_cluster::script(task_script what) {
  core_->script = std::move(what);
}

bool test_cluster::end_task(const std::string& task, int exit_code) {
  for (auto& known : core_->tasks) {
    if (known.id.text() != task)
      continue;
    auto name = known.framework.text() + "/" + task;
    for (auto& agent : core_->nodes.agents())
      if (agent->host->end_task(name, exit_status::make_exited(exit_code)))
        return true;
  }
  return false;
}

std::vector<task_view> test_cluster::tasks() const {
  auto all = core_->tasks;
  for (auto& task : all)
    task.runs = core_->runs(task);
  return all;
}

std::optional<task_view> test_cluster::task(const std::string& id) const {
  auto& all = core_->tasks;
  auto found = std::find_if(all.rbegin(), all.rend(), [&](auto& task) {
    return task.id.text() == id;
  });
  if (found == all.rend())
    return std::nullopt;
  auto view = *found;
  view.runs = core_->runs(view);
  return view;
}

size_t test_cluster::count_tasks(v1::TaskState state) const {
  return static_cast<size_t>(
    std::count_if(core_->tasks.begin(), core_->tasks.end(), [&](auto& task) {
      return task.state == state;
    }));
}

std::vector<offer_view> test_cluster::offers() const {
  std::vector<offer_view> all;
  auto* leader = core_->nodes.leader();
  if (leader == nullptr)
    return all;
  for (auto& [id, offer] : leader->context().offers.offers())
    all.push_back({id, offer.framework, core_->host_of(offer.agent), offer.role,
                   offer.amount});
  return all;
}

// -- nodes --------------------------------------------------------------------

agent_number test_cluster::add_agent(const std::string& resources) {
  auto number = core_->nodes.agents().size();
  core_->nodes.start_agent(
    core_->nodes.add_agent("agent" + std::to_string(number), resources));
  return number;
}

void test_cluster::crash_agent(agent_number which) {
  core_->nodes.crash_agent(core_->agent(which));
}

void test_cluster::power_off_agent(agent_number which) {
  core_->nodes.power_off(core_->agent(which));
}

void test_cluster::start_agent(agent_number which) {
  core_->nodes.start_agent(core_->agent(which));
}

void test_cluster::cut_off_agent(agent_number which) {
  core_->cut(core_->agent(which).machine);
}

void test_cluster::reconnect_agent(agent_number which) {
  core_->heal(core_->agent(which).machine);
}

size_t test_cluster::attached_agents() const {
  auto* leader = core_->nodes.leader();
  return leader == nullptr ? 0 : leader->context().agents.attached_count();
}

void test_cluster::crash_master() {
  core_->nodes.crash_master(core_->nodes.master());
}

void test_cluster::start_master() {
  core_->nodes.start_master(core_->nodes.master());
}

} // namespace agora::simulation
