// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace agora::allocation_limits {

/// An agent is offered if at least this much of either is free. Less is of no
/// use to any task, and would only cost messages; what else is free does not
/// count, as in Mesos.
inline constexpr int64_t offerable_cpus_milli = 10;
inline constexpr int64_t offerable_mem_milli = 32'000; // of MiB

/// The shortest time for which resources can be refused. Shorter, or none,
/// means this: nothing else keeps a framework that refuses everything at once
/// from being offered it again as fast as the machine can. In the field it is
/// the interval between two allocations that does this, and it is as long.
inline constexpr std::chrono::seconds refusal_shortest{1};

/// The longest time for which resources can be refused. Longer means this.
inline constexpr std::chrono::hours filter_longest{365 * 24};

/// Filters of one framework in one role, over all agents. The oldest goes
/// first. More than a cluster has agents (50,000), so that a framework which
/// refuses everything is not offered everything again and again.
inline constexpr size_t filters_per_client = 100'000;

/// Filters of one framework in one role on one agent, which differ in amount
/// and end. The oldest goes first.
inline constexpr size_t filters_per_pair = 8;

/// Kinds of scalars that count towards shares. Agents may invent names; those
/// beyond are offered and used as any other, but nobody's share grows by them.
inline constexpr size_t share_names = 256;

/// Agents that one explanation lists, and holders that it names of each.
inline constexpr size_t explained_agents = 100;
inline constexpr size_t explained_holders = 3;

/// Filters end together that end within this time: one plan, one message.
inline constexpr std::chrono::milliseconds tick_spacing{10};

} // namespace agora::allocation_limits
