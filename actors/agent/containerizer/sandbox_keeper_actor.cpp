// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/sandbox_keeper_actor.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace agora {

namespace {

template <class T>
caf::result<T> answer(result<T> value) {
  if (!value)
    return std::move(value.error());
  return std::move(*value);
}

} // namespace

sandbox_keeper_actor::behavior_type sandbox_keeper(
  sandbox_keeper_actor::stateful_pointer<sandbox_keeper_state> self,
  std::shared_ptr<sandbox_files> files) {
  self->state.files = std::move(files);
  return {
    [self](const sandbox_prepare& what) -> caf::result<sandbox_prepared> {
      return answer(self->state.files->prepare(what));
    },
    [self](const sandbox_read& what) -> caf::result<session::FileChunk> {
      return answer(self->state.files->read(what));
    },
    [self](const sandbox_list& what) -> caf::result<sandbox_inventory> {
      return answer(self->state.files->list(what.root));
    },
    [self](const sandbox_remove& what) {
      for (auto& sandbox : what.sandboxes)
        if (auto err = self->state.files->remove(sandbox))
          spdlog::warn("sandbox not removed path={} reason={}",
                       sandbox.string(), describe(err));
    },
    [self](const sandboxes_idle& what) {
      for (auto& sandbox : what.sandboxes)
        if (auto err = self->state.files->mark_idle(sandbox, what.since))
          spdlog::debug("sandbox not touched path={} reason={}",
                        sandbox.string(), describe(err));
    },
  };
}

} // namespace agora
