// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources_codec.hpp"
#include "storage/cluster/cluster_state.hpp"
#include "storage/cluster/record_codec.hpp"
#include "storage/cluster/record_links.hpp"
#include "storage/cluster/state_keys.hpp"

namespace agora {

/// Builds a state out of stored records, and notices when they contradict each
/// other: better no start than a wrong one.
class cluster_loader {
public:
  explicit cluster_loader(cluster_state& state) : state_(state) {
    // nop
  }

  /// @returns errc::store_corrupt naming the key, or errc::version_mismatch.
  status add(std::string_view key, std::string_view value) {
    auto err = dispatch(key, value);
    return err ? named(key, err) : status{};
  }

  /// Call it after the last record.
  status finish() {
    if (empty_)
      return {};
    if (state_.cluster_id_.empty())
      return named(state_keys::cluster,
                   fail(errc::not_found,
                        "the record is missing, although others are there"));
    for (auto& executor : executors_)
      if (auto err = add_executor(executor))
        return named(
          state_keys::of_executor(agent_id{executor.agent_id()},
                                  {framework_id{executor.framework_id()},
                                   executor_id{executor.executor_id()}}),
          err);
    for (auto& [key, group] : groups_)
      if (group->members == 0)
        return named(state_keys::of_group(key.first, key.second),
                     fail(errc::not_found, "none of its tasks has a record"));
    for (auto& [id, framework] : state_.frameworks_)
      for (auto& [name, task] : framework.tasks)
        if (auto err = count(task))
          return named(state_keys::of_task(id, name), err);
    for (auto& [id, agent] : state_.agents_)
      if (!agent.total.contains(agent.used))
        return named(state_keys::of_agent(id),
                     fail(errc::invalid_resources,
                          "its tasks and executors use more than it has"));
    return {};
  }

private:
  static status named(std::string_view key, const status& err) {
    auto code = code_of(err) == errc::version_mismatch ? errc::version_mismatch
                                                       : errc::store_corrupt;
    return fail(code, "record \"" + std::string{key}
                        + "\" of the cluster: " + text_of(err));
  }

  template <class T>
  static status parse(std::string_view value, T& to) {
    if (to.ParseFromArray(value.data(), static_cast<int>(value.size())))
      return {};
    return fail(errc::malformed_message, "it cannot be parsed");
  }

  static status check_key(std::string_view key, const std::string& expected) {
    if (key == expected)
      return {};
    return fail(errc::conflict, "its content is that of \"" + expected + "\"");
  }

  status dispatch(std::string_view key, std::string_view value) {
    empty_ = false;
    if (key == state_keys::cluster)
      return add_cluster(value);
    if (key.starts_with(state_keys::agents))
      return add_agent(key, value);
    if (key.starts_with(state_keys::frameworks))
      return add_framework(key, value);
    if (key.starts_with(state_keys::groups))
      return add_group(key, value);
    if (key.starts_with(state_keys::tasks))
      return add_task(key, value);
    if (key.starts_with(state_keys::task_states))
      return add_task_state(key, value);
    if (key.starts_with(state_keys::ended_tasks))
      return add_ended_task(key, value);
    if (key.starts_with(state_keys::executors)) {
      // Its framework comes behind it.
      auto err = parse(value, executors_.emplace_back());
      auto& from = executors_.back();
      return err ? err
                 : check_key(key, state_keys::of_executor(
                                    agent_id{from.agent_id()},
                                    {framework_id{from.framework_id()},
                                     executor_id{from.executor_id()}}));
    }
    return fail(errc::invalid_argument, "no record has such a key");
  }

  status add_cluster(std::string_view value) {
    cluster::ClusterRecord from;
    if (auto err = parse(value, from))
      return err;
    if (from.version() > cluster_version)
      return fail(errc::version_mismatch,
                  "it has version " + std::to_string(from.version())
                    + ", this program knows up to "
                    + std::to_string(cluster_version) + ": update it");
    if (from.version() < oldest_cluster_version)
      return fail(errc::version_mismatch,
                  "it has version " + std::to_string(from.version())
                    + ", this program knows versions from "
                    + std::to_string(oldest_cluster_version)
                    + " on: use the program that wrote it, or begin with an "
                      "empty data directory");
    if (from.cluster_id().empty())
      return fail(errc::invalid_argument, "cluster_id is empty");
    state_.version_ = from.version();
    state_.cluster_id_ = from.cluster_id();
    state_.epoch_ = {from.epoch().generation(), from.epoch().term()};
    state_.last_proposed_ns_ = from.last_proposed_ns();
    state_.next_agent_ = from.next_agent();
    state_.next_framework_ = from.next_framework();
    state_.next_end_ = from.next_end();
    state_.next_group_ = from.next_group();
    return {};
  }

  status add_agent(std::string_view key, std::string_view value) {
    cluster::AgentRecord from;
    if (auto err = parse(value, from))
      return err;
    auto made = agent_from_stored(std::move(from));
    if (!made)
      return std::move(made.error());
    if (auto err = check_key(key, state_keys::of_agent(made->id)))
      return err;
    auto [position, added] = state_.agents_.emplace(made->id, std::move(*made));
    auto& agent = position->second;
    if (!added || !state_.agents_by_uid_.emplace(agent.uid, &agent).second)
      return fail(errc::already_exists, "its id or uid is there twice");
    ++state_.agents_in_state_[agent.state];
    if (agent.state == cluster::AGENT_GONE)
      state_.gone_agents_.emplace(std::pair{agent.state_since_ns, agent.id},
                                  &agent);
    return {};
  }

  status add_framework(std::string_view key, std::string_view value) {
    cluster::FrameworkRecord from;
    if (auto err = parse(value, from))
      return err;
    auto made = framework_from_stored(std::move(from));
    if (!made)
      return std::move(made.error());
    if (auto err = check_key(key, state_keys::of_framework(made->id)))
      return err;
    auto id = made->id;
    auto [position, added]
      = state_.frameworks_.emplace(std::move(id), std::move(*made));
    auto& framework = position->second;
    if (!added
        || (framework.has_ended()
            && !state_.ended_frameworks_
                  .emplace(framework.end_number, &framework)
                  .second))
      return fail(errc::already_exists, "its id or end_number is there twice");
    return {};
  }

  /// Null if it has no record. What belongs to one framework comes together.
  framework_record* find_framework(std::string_view id) {
    if (newest_owner_ == nullptr || newest_owner_->id.text() != id) {
      auto found = state_.frameworks_.find(framework_id{std::string{id}});
      newest_owner_
        = found == state_.frameworks_.end() ? nullptr : &found->second;
    }
    return newest_owner_;
  }

  /// The two things that a task or executor hangs on.
  status find_owners(const std::string& framework, const std::string& agent,
                     framework_record*& owner, agent_record*& place) {
    auto found_owner = find_framework(framework);
    auto found_place = state_.agents_.find(agent_id{agent});
    if (found_owner == nullptr || found_owner->has_ended()
        || found_place == state_.agents_.end())
      return fail(errc::not_found, "its framework \"" + framework
                                     + "\" or its agent \"" + agent
                                     + "\" has no record, or has ended");
    owner = found_owner;
    place = &found_place->second;
    return {};
  }

  status add_task(std::string_view key, std::string_view value) {
    auto& from = task_;
    if (auto err = parse(value, from))
      return err;
    framework_record* owner = nullptr;
    agent_record* place = nullptr;
    if (auto err
        = find_owners(from.framework_id(), from.agent_id(), owner, place))
      return err;
    if (auto err
        = check_key(key, state_keys::of_task(owner->id, from.task_id())))
      return err;
    auto made = task_from_stored(from, *state_.strings_);
    if (!made)
      return std::move(made.error());
    // They come in order.
    auto before = owner->tasks.size();
    auto position = owner->tasks.try_emplace(owner->tasks.end(), from.task_id(),
                                             std::move(*made));
    if (owner->tasks.size() == before)
      return fail(errc::already_exists, "it is there twice");
    auto& task = position->second;
    task.framework = owner;
    task.agent = place;
    task.id = &position->first;
    link_task(task);
    return from.has_group_number() ? join_group(task, from.group_number())
                                   : status{};
  }

  status join_group(task_record& task, uint64_t number) {
    auto found = groups_.find({task.framework->id, number});
    if (found == groups_.end())
      return fail(errc::not_found,
                  "its group " + std::to_string(number) + " has no record");
    task.group = found->second;
    ++task.group->members;
    return {};
  }

  status add_group(std::string_view key, std::string_view value) {
    cluster::TaskGroupRecord from;
    if (auto err = parse(value, from))
      return err;
    auto owner = framework_id{from.framework_id()};
    if (auto err = check_key(key, state_keys::of_group(owner, from.number())))
      return err;
    auto made = std::make_shared<task_group>(
      task_group{from.number(), std::move(*from.mutable_executor()), 0});
    groups_.emplace(std::pair{std::move(owner), from.number()},
                    std::move(made));
    return {};
  }

  /// All tasks come before the first of their states.
  status add_task_state(std::string_view key, std::string_view value) {
    if (auto err = parse(value, task_state_))
      return err;
    auto rest = key.substr(state_keys::task_states.size());
    auto slash = rest.find('/');
    if (slash == std::string_view::npos)
      return fail(errc::invalid_argument, "no record has such a key");
    auto* owner = find_framework(rest.substr(0, slash));
    if (owner == nullptr)
      return fail(errc::not_found, "its framework has no record");
    auto name = rest.substr(slash + 1);
    auto& tasks = owner->tasks;
    // They come in the order of the tasks.
    auto is_next = owner == next_task_of_ && next_task_ != tasks.end()
                   && next_task_->first == name;
    auto task = is_next ? next_task_ : tasks.find(name);
    if (task == tasks.end())
      return fail(errc::not_found, "its task has no record");
    next_task_of_ = owner;
    next_task_ = std::next(task);
    if (!status_.ParseFromString(task_state_.status()))
      return fail(errc::malformed_message, "status is no TaskStatus");
    return state_from_stored(task_state_, task->second);
  }

  /// Enters a task, which is complete, into all sums.
  status count(const task_record& task) {
    auto& place = *task.agent;
    auto& owner = *task.framework;
    for (auto* counts : {&state_.counts_, &owner.counts, &place.counts})
      counts->add(task.state);
    if (task.terminal() || !place.counted())
      return {};
    return add_usage(place, owner.id, task.role.text(), task.amount);
  }

  status add_executor(const cluster::ExecutorRecord& from) {
    framework_record* owner = nullptr;
    agent_record* place = nullptr;
    if (auto err
        = find_owners(from.framework_id(), from.agent_id(), owner, place))
      return err;
    auto amount = resources_from_wire(from.resources());
    if (!amount)
      return std::move(amount.error());
    auto key = executor_key{owner->id, executor_id{from.executor_id()}};
    auto [position, added] = place->executors.try_emplace(key);
    if (!added)
      return fail(errc::already_exists, "it is there twice");
    auto& executor = position->second;
    executor.framework = owner;
    executor.agent = place;
    executor.id = key.executor;
    executor.role = state_.strings_->intern(from.role());
    executor.amount = std::move(*amount);
    owner->executors.emplace(std::pair{place->id, key.executor}, &executor);
    if (!place->counted())
      return {};
    return add_usage(*place, owner->id, from.role(), executor.amount);
  }

  status add_ended_task(std::string_view key, std::string_view value) {
    cluster::TaskRecord from;
    if (auto err = parse(value, from))
      return err;
    auto number = from.end_number();
    if (auto err = check_key(key, state_keys::of_ended_task(number)))
      return err;
    if (!is_terminal(from.state()))
      return fail(errc::conflict, "its state is not terminal");
    auto name
      = task_key{framework_id{from.framework_id()}, task_id{from.task_id()}};
    if (!state_.ended_tasks_.emplace(number, std::move(from)).second)
      return fail(errc::already_exists, "it is there twice");
    auto& newest = state_.newest_end_[name];
    newest = std::max(newest, number);
    return {};
  }

  cluster_state& state_;
  bool empty_ = true;
  std::vector<cluster::ExecutorRecord> executors_;
  std::map<std::pair<framework_id, uint64_t>, std::shared_ptr<task_group>>
    groups_;

  framework_record* newest_owner_ = nullptr;
  framework_record* next_task_of_ = nullptr;
  decltype(framework_record::tasks)::iterator next_task_;

  // Parsed into again and again: there may be a million, and what they have
  // allocated is used again.
  cluster::TaskRecord task_;
  cluster::TaskStateRecord task_state_;
  v1::TaskStatus status_;
};

result<cluster_state> cluster_state::load(const record_source& source,
                                          cluster_limits limits) {
  cluster_state state{limits};
  cluster_loader loader{state};
  auto err = source([&](std::string_view key, std::string_view value) {
    return loader.add(key, value);
  });
  if (err)
    return err;
  if (auto unfinished = loader.finish())
    return unfinished;
  return state;
}

} // namespace agora
