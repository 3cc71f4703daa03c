// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/attachment.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace agora {

namespace {

/// The beginning of `text`, in at most `bytes`, of whole characters.
std::string cut(const std::string& text, size_t bytes) {
  if (text.size() <= bytes)
    return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80)
    --bytes;
  return text.substr(0, bytes);
}

/// What must be said of a task: within held_task::attach_bytes.
void describe_task(const held_task& task, session::HeldTask& held) {
  held.mutable_framework_id()->set_value(task.key.framework.text());
  held.mutable_task_id()->set_value(task.key.task.text());
  if (!task.executor.executor.empty())
    held.mutable_executor_id()->set_value(task.executor.executor.text());
  if (!task.launch.empty())
    set_wire(held.mutable_launch_id(), task.launch);
  auto& latest = task.latest;
  auto& state = *held.mutable_latest_status();
  state.set_state(latest.state());
  if (latest.has_source())
    state.set_source(latest.source());
  if (latest.has_reason())
    state.set_reason(latest.reason());
  if (latest.has_timestamp())
    state.set_timestamp(latest.timestamp());
  if (latest.has_healthy())
    state.set_healthy(latest.healthy());
  if (latest.has_uuid() && latest.uuid().size() <= update_uuid_bytes)
    state.set_uuid(latest.uuid());
  if (latest.has_executor_id())
    state.mutable_executor_id()->set_value(latest.executor_id().value());
}

void add_held_tasks(const agent_books& books, session::AttachAgent& attach) {
  std::vector<const held_task*> listed;
  books.tasks.for_each([&](const held_task& task) {
    if (!task.stored || task.settling)
      return;
    describe_task(task, *attach.add_tasks());
    listed.push_back(&task);
  });
  // What would be good to have, the short things first, while there is room.
  auto bytes = books.tasks.attach_bytes() + books.executors.attach_bytes();
  auto fits = [&](size_t more) {
    more += 8; // its length
    if (bytes + more > books.options.limits.attach_bytes)
      return false;
    bytes += more;
    return true;
  };
  for (size_t at = 0; at < listed.size(); ++at) {
    auto text = cut(listed[at]->latest.message(), held_message_bytes);
    if (!text.empty() && fits(text.size()))
      attach.mutable_tasks(static_cast<int>(at))
        ->mutable_latest_status()
        ->set_message(std::move(text));
  }
  // Only orphans need it, and there are hardly any: better without than no
  // attach at all.
  for (size_t at = 0; at < listed.size(); ++at)
    if (fits(listed[at]->info.ByteSizeLong()))
      *attach.mutable_tasks(static_cast<int>(at))->mutable_info()
        = listed[at]->info;
}

} // namespace

epoch epoch_of(const session::Epoch& wire) {
  return {wire.generation(), wire.term()};
}

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
  add_held_tasks(books, attach);
  for (auto& [key, executor] : books.executors.all()) {
    if (executor.kind == executor_kind::command)
      continue;
    auto held = attach.add_executors();
    held->mutable_framework_id()->set_value(key.framework.text());
    // Masters know the rest, or do not care.
    held->mutable_info()->mutable_executor_id()->set_value(key.executor.text());
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
