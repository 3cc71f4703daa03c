// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/agent/agent_books.hpp"

#include "agora/v1/executor/executor.pb.h"

#include <chrono>

namespace agora {

/// The process of a custom executor, with what its contract promises in the
/// environment: the variables that the field's executors expect, and
/// AGORA_AGENT (HOST:PORT), AGORA_FRAMEWORK_ID and AGORA_EXECUTOR_ID for the
/// executor driver.
container_start executor_process(const agent_books& books,
                                 const held_executor& executor);

/// The SUBSCRIBED event for this executor.
v1::executor::Event subscribed_event(const agent_books& books,
                                     const held_executor& executor);

/// For how long the executor may take to end after SHUTDOWN.
std::chrono::nanoseconds shutdown_grace(const agent_books& books,
                                        const held_executor& executor);

} // namespace agora
