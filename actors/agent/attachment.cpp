// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/attachment.hpp"

#include "runtime/base/epoch.hpp"

#include <set>
#include <utility>

namespace agora {

namespace {

epoch epoch_of(const session::Epoch& wire) {
  return {wire.generation(), wire.term()};
}

} // namespace

session::AttachAgent make_attach(const agent_books& books) {
  session::AttachAgent attach;
  auto& identity = books.identity;
  attach.set_uid(identity.uid());
  if (!identity.agent_id().empty())
    attach.mutable_agent_id()->set_value(identity.agent_id());
  attach.set_incarnation(identity.incarnation());
  *attach.mutable_info() = books.options.info;
  if (!identity.agent_id().empty())
    attach.mutable_info()->mutable_id()->set_value(identity.agent_id());
  *attach.mutable_epoch() = identity.epoch();
  attach.set_software(books.options.software);
  attach.set_boot_id(identity.boot_id());
  size_t bytes = 0;
  books.tasks.for_each([&](const held_task& task) {
    if (task.phase == task_phase::storing || task.settling)
      return;
    auto held = attach.add_tasks();
    held->mutable_framework_id()->set_value(task.key.framework.text());
    *held->mutable_task_id() = task.info.task_id();
    if (!task.executor.executor.empty())
      held->mutable_executor_id()->set_value(task.executor.executor.text());
    *held->mutable_latest_status() = task.latest;
    // Only orphans need it, and there are hardly any: better without than no
    // attach at all.
    bytes += held->ByteSizeLong() + task.info.ByteSizeLong();
    if (bytes <= books.options.limits.attach_bytes)
      *held->mutable_info() = task.info;
  });
  for (auto& [key, executor] : books.executors.all()) {
    if (executor.kind == executor_kind::command)
      continue;
    auto held = attach.add_executors();
    held->mutable_framework_id()->set_value(key.framework.text());
    *held->mutable_info() = executor.info;
  }
  return attach;
}

session::OpenSession make_introduction(const agent_books& books) {
  session::OpenSession introduction;
  introduction.set_protocol_version(session_protocol_version);
  introduction.set_kind(session::AGENT);
  introduction.set_cluster_id(books.identity.cluster_id());
  introduction.set_software(books.options.software);
  *introduction.mutable_epoch() = books.identity.epoch();
  return introduction;
}

status take_attached(agent_books& books, const session::AgentAttached& answer,
                     agent_effects& out) {
  auto& identity = books.identity;
  auto offered = epoch_of(answer.epoch());
  auto obeyed = epoch_of(identity.epoch());
  if (answer.agent_id().value().empty())
    return fail(errc::malformed_message, "the master gave no agent id");
  if (!identity.cluster_id().empty()
      && identity.cluster_id() != answer.cluster_id())
    return fail(errc::wrong_cluster,
                "this agent belongs to cluster '" + identity.cluster_id()
                  + "', the master to '" + answer.cluster_id() + "'");
  if (offered < obeyed)
    return fail(errc::stale_epoch,
                "the master leads with epoch " + to_string(offered)
                  + ", and this agent has obeyed " + to_string(obeyed));
  if (!identity.agent_id().empty()
      && identity.agent_id() != answer.agent_id().value())
    return fail(errc::conflict,
                "the master calls this agent '" + answer.agent_id().value()
                  + "', which has been '" + identity.agent_id() + "' so far");
  identity.set_agent_id(answer.agent_id().value());
  identity.set_cluster_id(answer.cluster_id());
  *identity.mutable_epoch() = answer.epoch();
  *identity.mutable_info() = books.options.info;
  books.store_identity(out);
  std::set<task_key> orphans;
  for (auto& ref : answer.orphans())
    orphans.insert(
      {id_of<framework_id>(ref.framework_id()), id_of<task_id>(ref.task_id())});
  books.tasks.for_each([&](held_task& task) {
    task.orphan = orphans.contains(task.key);
  });
  return {};
}

bool adopt_task(agent_books& books, const session::AdoptTask& request,
                agent_effects& out) {
  task_key key{id_of<framework_id>(request.framework_id()),
               id_of<task_id>(request.task_id())};
  auto task = books.tasks.find(key);
  if (task == nullptr)
    return false;
  task->orphan = false;
  out.now.push_back(release_status{key});
  return true;
}

std::map<framework_id, std::vector<task_id>>
orphans_of(const agent_books& books) {
  std::map<framework_id, std::vector<task_id>> found;
  books.tasks.for_each([&](const held_task& task) {
    if (task.orphan)
      found[task.key.framework].push_back(task.key.task);
  });
  return found;
}

} // namespace agora
