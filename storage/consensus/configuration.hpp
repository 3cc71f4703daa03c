// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Names a member of a log by its data directory: random, never 0. Votes and
/// acknowledgements count by it, because a number can be given to a machine
/// whose disk was wiped, which has forgotten what it voted.
struct member_uid {
  uint64_t value = 0;

  friend auto operator<=>(const member_uid&, const member_uid&) = default;
};

/// "m" and 16 hexadecimal digits.
std::string to_string(member_uid uid);

/// A member as the configuration has it.
struct log_member {
  member_uid uid;
  /// What people call it.
  uint32_t number = 0;
  /// Where others reach it.
  std::string address;
  /// Learners get all entries; they neither vote nor lead.
  bool learner = false;

  friend bool operator==(const log_member&, const log_member&) = default;
};

/// Who the members of a log are. Changes one member at a time: then any
/// majority before a change and any majority after it have a member in common
/// (Raft dissertation, 4.1).
class configuration {
public:
  /// So many members at most. Each costs its leader the whole stream of
  /// entries.
  static constexpr size_t members_limit = 15;

  configuration() = default;

  /// @returns errc::invalid_argument: no voter, or a uid of 0;
  ///          errc::already_exists: a uid, number or address twice;
  ///          errc::limit_reached.
  static result<configuration> make(std::vector<log_member> members);

  /// The form that entries carry.
  std::string encode() const;

  /// @returns errc::malformed_message, and as make.
  static result<configuration> decode(std::string_view payload);

  const std::vector<log_member>& members() const noexcept {
    return members_;
  }

  /// Null if there is none with this uid.
  const log_member* find(member_uid uid) const;

  bool is_voter(member_uid uid) const;

  size_t voters() const;

  /// How many votes decide.
  size_t quorum() const {
    return voters() / 2 + 1;
  }

  friend bool operator==(const configuration&, const configuration&) = default;

private:
  /// In the order of their uids.
  std::vector<log_member> members_;
};

/// One step from a configuration to the next.
struct configuration_change {
  enum class step : uint8_t {
    /// Takes `member` in; it learns first.
    add_learner,
    /// Gives the learner with `member.uid` a vote.
    promote,
    /// Takes the member with `member.uid` out.
    remove,
    /// `member.uid` is reached at `member.address` from now on.
    move,
  };

  step what = step::add_learner;
  log_member member;
};

/// The configuration after a change.
/// @returns errc::already_exists: the uid, number or address is taken;
///          errc::not_found: no such member; errc::conflict: it votes already,
///          or is the last voter; errc::invalid_argument, errc::limit_reached
///          as configuration::make.
result<configuration> changed(const configuration& from,
                              const configuration_change& how);

} // namespace agora
