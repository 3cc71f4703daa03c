// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/agent_books.hpp"

#include "actors/agent/containerizer/sandbox_layout.hpp"
#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace agora {

bool has_capability(const v1::FrameworkInfo& framework,
                    v1::FrameworkInfo::Capability::Type what) {
  auto& list = framework.capabilities();
  return std::any_of(list.begin(), list.end(), [&](auto& capability) {
    return capability.type() == what;
  });
}

agent_books::agent_books(agent_options with, std::string random)
  : options(std::move(with)),
    keys(options.key_prefix),
    random_(std::move(random)) {
  AGORA_CHECK(random_.size() == 16);
}

container_id agent_books::next_container() {
  // Unique on this machine by the agent's uid, for good by its incarnation.
  return container_id{identity.uid() + "."
                      + std::to_string(identity.incarnation()) + "."
                      + std::to_string(++containers_)};
}

void agent_books::group_seen(uint64_t number) {
  groups_ = std::max(groups_, number);
}

std::string agent_books::next_uuid() {
  auto uuid = random_;
  auto number = ++uuids_;
  for (size_t at = 8; at < 16; ++at) {
    uuid[at] = static_cast<char>(uuid[at] ^ static_cast<char>(number & 0xff));
    number >>= 8;
  }
  return uuid;
}

v1::TaskStatus agent_books::make_status(const held_task& task,
                                        v1::TaskState state,
                                        v1::TaskStatus::Reason reason,
                                        std::string text, moment now) {
  v1::TaskStatus news;
  news.set_state(state);
  news.set_source(v1::TaskStatus::SOURCE_AGENT);
  news.set_reason(reason);
  news.set_message(std::move(text));
  complete(task, news, now);
  return news;
}

void agent_books::complete(const held_task& task, v1::TaskStatus& news,
                           moment now) {
  *news.mutable_task_id() = task.info.task_id();
  news.mutable_agent_id()->set_value(identity.agent_id());
  // As in the field, a command's executor is named after its task.
  auto& executor = task.executor.executor;
  news.mutable_executor_id()->set_value(executor.empty() ? task.key.task.text()
                                                         : executor.text());
  if (!news.has_source())
    news.set_source(v1::TaskStatus::SOURCE_EXECUTOR);
  if (!news.has_timestamp())
    news.set_timestamp(
      std::max(static_cast<double>(to_nanoseconds(now.wall)) / 1e9,
               task.latest.timestamp()));
  if (news.uuid().empty())
    news.set_uuid(next_uuid());
}

void agent_books::record(held_task& task, v1::TaskStatus news,
                         agent_effects& out) {
  AGORA_CHECK(task.phase != task_phase::storing && !task.ended());
  task.latest = news;
  out.now.push_back(record_status{task.key.framework, std::move(news)});
}

bool agent_books::capable(const framework_id& framework,
                          v1::FrameworkInfo::Capability::Type what) const {
  auto found = frameworks.find(framework);
  return found != frameworks.end() && has_capability(found->second, what);
}

void agent_books::drop_if_unused(const framework_id& framework,
                                 agent_effects& out) {
  if (!frameworks.contains(framework) || tasks.has_framework(framework)
      || !executors.of_framework(framework).empty())
    return;
  frameworks.erase(framework);
  out.batch.erase(keys.framework(framework));
  out.now.push_back(drop_framework{framework});
}

void agent_books::store_identity(agent_effects& out) const {
  out.batch.put(keys.identity(), identity.SerializeAsString());
}

std::filesystem::path sandbox_path(const agent_books& books,
                                   const framework_id& framework,
                                   const std::string& task_or_executor,
                                   const container_id& container) {
  return sandbox_root(books.options.work_dir)
         / path_element(books.identity.agent_id())
         / path_element(framework.text()) / path_element(task_or_executor)
         / path_element(container.text());
}

} // namespace agora
