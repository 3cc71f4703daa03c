// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/make_message.hpp>
#include <caf/none.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agora {

/// Everything that may fail because of the outside world: a peer, a user, a
/// disk. Broken invariants of our own are not here; they end the process
/// (AGORA_CHECK). Append only: the numbers travel between nodes.
enum class errc : uint8_t {
  none = 0,
  /// A value given by a user or a peer is wrong; the text names the field.
  invalid_argument,
  /// Resources are negative, too large, overlapping or of mixed kinds.
  invalid_resources,
  /// Bytes could not be parsed as what they claim to be.
  malformed_message,
  /// A message, value or file is larger than its named limit.
  too_large,
  /// A queue, list or table is at its named limit.
  limit_reached,
  /// No such thing, by its id or name; the text names it.
  not_found,
  /// The id is taken already; the text names it.
  already_exists,
  /// The thing exists, but its state forbids what was asked.
  conflict,
  /// The offer is not, or no longer, outstanding.
  unknown_offer,
  /// Another framework holds the offer.
  not_offer_owner,
  /// This node does not lead; ask the one that does.
  not_leader,
  /// The sender's epoch is older than one already seen.
  stale_epoch,
  /// A newer incarnation of the same agent or scheduler has taken over.
  stale_incarnation,
  /// The peer belongs to another cluster.
  wrong_cluster,
  /// The peer speaks another version of the protocol.
  version_mismatch,
  /// The session ended: peer lost, window overflow, or shut down.
  session_lost,
  /// No answer within the named time.
  timeout,
  /// The address cannot be resolved or reached.
  unreachable,
  /// A setting is unknown, mistyped or out of range; the text names it.
  invalid_config,
  /// Stored bytes are damaged; the text names the path.
  store_corrupt,
  /// The directory holds something that is not ours; the text names the path.
  store_foreign,
  /// Another process uses the directory; the text names the path.
  store_locked,
  /// The disk is full; the text names the path.
  store_full,
  /// Reading or writing the disk failed; the text names the path.
  io_failed,
  /// A process could not be started; the text says at which step.
  launch_failed,
  /// The operating system or a policy does not allow it.
  permission_denied,
  /// The process is shutting down.
  shutting_down,
  /// An operator has declared the agent gone: it must not go on.
  agent_gone,
};

/// The code with the name `name`, if there is one: peers send names.
std::optional<errc> parse_errc(std::string_view name);

/// The name of `code` as it stands above.
std::string to_string(errc code);

template <class T>
using result = caf::expected<T>;

/// Success, or what failed and where. A default-constructed value is success.
using status = caf::error;

/// Builds the error `code` whose text says what was wrong, and where.
status fail(errc code, std::string text);

/// One line for people: "invalid_argument: task_id is empty".
std::string describe(const status& what);

/// The text of `what` without its code, or the code's name if it has no text.
std::string text_of(const status& what);

/// The code of `what`, or nothing if it is not one of ours.
errc code_of(const status& what);

} // namespace agora

CAF_ERROR_CODE_ENUM(agora::errc, "agora")
