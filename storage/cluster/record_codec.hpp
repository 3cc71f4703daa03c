// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "storage/cluster/cluster_records.hpp"

#include "agora/cluster/records.pb.h"

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Between the records in memory and their stored form.

namespace agora {

/// Serialized so that equal messages are equal bytes, maps included.
std::string stable_bytes(const google::protobuf::MessageLite& what);

cluster::AgentRecord to_stored(const agent_record& agent);

cluster::FrameworkRecord to_stored(const framework_record& framework);

/// What the task is: all that never changes.
cluster::TaskRecord to_stored(const task_record& task);

/// How it is doing.
cluster::TaskStateRecord state_to_stored(const task_record& task);

/// What the history keeps of it; not larger than `bytes_limit` and the ids of
/// what it names.
cluster::TaskRecord ended_to_stored(const task_record& task,
                                    uint64_t end_number, size_t bytes_limit);

cluster::TaskGroupRecord to_stored(const framework_id& framework,
                                   const task_group& group);

cluster::ExecutorRecord to_stored(const executor_record& executor);

/// The first `bytes` of a text, or less: no character of UTF-8 is cut in two.
std::string_view cut_text(std::string_view text, size_t bytes);

/// The newest status as a task keeps it: without what the task knows anyway.
std::string compact_status(v1::TaskStatus what);

/// Fills in what a record says of the agent itself: id to boot_id, and total.
/// @returns errc::invalid_resources, errc::invalid_argument.
result<agent_record> agent_from_stored(cluster::AgentRecord from);

/// @returns errc::invalid_argument.
result<framework_record> framework_from_stored(cluster::FrameworkRecord from);

/// Fills in what never changes but framework, agent, id and group; moves the
/// long fields out of `from`.
/// @returns errc::invalid_resources, errc::invalid_argument.
result<task_record> task_from_stored(cluster::TaskRecord& from,
                                     string_pool& strings);

/// Fills in the rest; moves the long fields out of `from`.
/// @returns errc::invalid_argument.
status state_from_stored(cluster::TaskStateRecord& from, task_record& to);

} // namespace agora
