// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/validation/task_states.hpp"

#include "agora/v1/scheduler/scheduler.pb.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

// The calls of the scheduler API, and the messages inside them, in one line
// each. A scheduler sends them to its driver, which fills in the framework id:
//
//     self->send(driver, calls::accept(offer, {calls::launch({task})}));
//
// They only fill in fields; whatever they leave out can be set on the result.

namespace agora::calls {

/// Resources that `refuse_for` declined offers are not offered again within;
/// unset means the master's default of 5 s.
using refusal = std::optional<std::chrono::milliseconds>;

/// Accepts offers, which must be of one agent, with operations applied in
/// order. What they leave over is offered again.
v1::scheduler::Call accept(const std::vector<v1::OfferID>& offers,
                           std::vector<v1::Offer::Operation> operations,
                           refusal refuse_for = {});

/// Accepts one offer with one LAUNCH.
v1::scheduler::Call accept(const v1::Offer& offer,
                           std::vector<v1::TaskInfo> tasks,
                           refusal refuse_for = {});

v1::scheduler::Call decline(const std::vector<v1::OfferID>& offers,
                            refusal refuse_for = {});

v1::scheduler::Call decline(const v1::Offer& offer, refusal refuse_for = {});

/// Ends a task: the agent asks it first, and kills it after the grace period
/// of its kill policy.
v1::scheduler::Call kill(const v1::TaskID& task);

/// Asks for offers again: ends suppression and decline filters. No roles: all
/// of the framework's.
v1::scheduler::Call revive(const std::vector<std::string>& roles = {});

/// Stops offers. No roles: all of the framework's.
v1::scheduler::Call suppress(const std::vector<std::string>& roles = {});

/// Asks for the state of every task of the framework. (The driver asks after
/// the tasks it knows by itself, whenever it had to subscribe again.)
v1::scheduler::Call reconcile();

/// Asks for the state of some tasks.
v1::scheduler::Call reconcile(const std::vector<v1::TaskID>& tasks);

/// Acknowledges a status update that has a uuid. Drivers do that by
/// themselves; this is for schedulers that told them not to.
v1::scheduler::Call acknowledge(const v1::TaskStatus& status);

/// The same for the status of an operation.
v1::scheduler::Call acknowledge(const v1::OperationStatus& status);

/// Sends bytes to an executor; best effort.
v1::scheduler::Call message(const v1::AgentID& agent,
                            const v1::ExecutorID& executor, std::string data);

/// Ends an executor and its tasks.
v1::scheduler::Call shutdown(const v1::AgentID& agent,
                             const v1::ExecutorID& executor);

/// Ends the framework and all of its tasks.
v1::scheduler::Call teardown();

// -- what goes into them ------------------------------------------------------

v1::Offer::Operation launch(std::vector<v1::TaskInfo> tasks);

v1::Offer::Operation launch_group(v1::ExecutorInfo executor,
                                  std::vector<v1::TaskInfo> tasks);

/// An amount of a divisible resource, such as {"cpus", 0.5}, {"mem", 64}
/// (MiB).
v1::Resource scalar(const std::string& name, double amount);

/// A task that runs `command` in a shell on the offer's agent.
v1::TaskInfo shell_task(const v1::Offer& offer, const std::string& id,
                        const std::string& command, double cpus,
                        double mem_mib);

/// How much of a divisible resource `offer` has, over all reservations.
double amount_of(const v1::Offer& offer, const std::string& name);

using agora::is_terminal;

} // namespace agora::calls
