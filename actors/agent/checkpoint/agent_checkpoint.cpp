// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/checkpoint/agent_checkpoint.hpp"

#include <string>
#include <string_view>

namespace agora {

namespace {

status damaged(const std::string& space) {
  return fail(errc::store_corrupt,
              "a record of this agent in '" + space
                + "' cannot be read; restore the work directory, or start with "
                  "an empty one and kill what the old one left running");
}

template <class Record>
status load_all(const store_reader& from, const std::string& space,
                std::vector<Record>& records) {
  auto readable = true;
  auto visitor = [&](std::string_view, std::string_view value) {
    readable = records.emplace_back().ParseFromArray(
      value.data(), static_cast<int>(value.size()));
    return readable ? visit::more : visit::stop;
  };
  if (auto err = from.scan(space, {}, visitor))
    return err;
  return readable ? status{} : damaged(space);
}

} // namespace

result<agent_checkpoint> load_agent_checkpoint(const store_reader& from,
                                               const checkpoint_keys& keys) {
  agent_checkpoint found;
  auto identity = from.get(keys.identity());
  if (!identity)
    return identity.error();
  if (*identity && !found.identity.ParseFromString(**identity))
    return damaged(keys.identity());
  if (auto err = load_all(from, keys.frameworks(), found.frameworks))
    return err;
  if (auto err = load_all(from, keys.executors(), found.executors))
    return err;
  if (auto err = load_all(from, keys.tasks(), found.tasks))
    return err;
  if (auto err = load_all(from, keys.statuses(), found.statuses))
    return err;
  return found;
}

} // namespace agora
