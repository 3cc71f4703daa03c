// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/checkpoint/checkpoint_keys.hpp"

#include "storage/store/store_keys.hpp"

#include <utility>

namespace agora {

namespace {

/// `space`, then `first` behind its length, so that no two pairs meet.
std::string pair_key(std::string space, const std::string& first,
                     const std::string& second) {
  store_keys::append_number(space, first.size());
  space += first;
  space += second;
  return space;
}

} // namespace

checkpoint_keys::checkpoint_keys(std::string prefix)
  : prefix_(std::move(prefix)) {
  // nop
}

std::string checkpoint_keys::identity() const {
  return prefix_ + "identity";
}

std::string checkpoint_keys::framework(const framework_id& id) const {
  return frameworks() + id.text();
}

std::string checkpoint_keys::executor(const executor_key& key) const {
  return pair_key(executors(), key.framework.text(), key.executor.text());
}

std::string checkpoint_keys::task(const task_key& key) const {
  return pair_key(tasks(), key.framework.text(), key.task.text());
}

std::string checkpoint_keys::status(const framework_id& id,
                                    uint64_t number) const {
  auto key = pair_key(statuses(), id.text(), {});
  store_keys::append_number(key, number);
  return key;
}

std::string checkpoint_keys::frameworks() const {
  return prefix_ + "frameworks/";
}

std::string checkpoint_keys::executors() const {
  return prefix_ + "executors/";
}

std::string checkpoint_keys::tasks() const {
  return prefix_ + "tasks/";
}

std::string checkpoint_keys::statuses() const {
  return prefix_ + "statuses/";
}

} // namespace agora
