// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/executor/executor_program.hpp"
#include "actors/frameworks/word_count/run_word_count.hpp"
#include "actors/frameworks/word_count/word_count_executor_actor.hpp"

#include <caf/actor_system.hpp>

namespace agora {

int run_word_count_executor() {
  return run_executor(
    [](caf::actor_system& system, const executor_driver_actor& driver) {
      return executor_actor{
        system.spawn<caf::detached>(word_count_executor, driver)};
    });
}

} // namespace agora
