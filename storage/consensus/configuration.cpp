// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/consensus/configuration.hpp"

#include "agora/log/configuration.pb.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <utility>

namespace agora {

namespace {

status not_there(member_uid uid) {
  return fail(errc::not_found, "there is no member " + to_string(uid));
}

log_member* find_in(std::vector<log_member>& members, member_uid uid) {
  auto found = std::find_if(members.begin(), members.end(), [&](auto& member) {
    return member.uid == uid;
  });
  return found == members.end() ? nullptr : &*found;
}

/// That no two members share what names one.
status check_names(const std::vector<log_member>& members) {
  std::set<member_uid> uids;
  std::set<uint32_t> numbers;
  std::set<std::string_view> addresses;
  for (auto& member : members) {
    if (!uids.insert(member.uid).second)
      return fail(errc::already_exists,
                  to_string(member.uid) + " is a member already");
    if (!numbers.insert(member.number).second)
      return fail(errc::already_exists,
                  "number " + std::to_string(member.number)
                    + " is another member's; a machine whose disk was wiped is "
                      "a new member: remove the old one first");
    if (!member.address.empty() && !addresses.insert(member.address).second)
      return fail(errc::already_exists,
                  "address " + member.address + " is another member's");
  }
  return {};
}

} // namespace

std::string to_string(member_uid uid) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "m%016llx",
                static_cast<unsigned long long>(uid.value));
  return text.data();
}

result<configuration> configuration::make(std::vector<log_member> members) {
  if (members.size() > members_limit)
    return fail(errc::limit_reached, std::to_string(members.size())
                                       + " members are more than "
                                       + std::to_string(members_limit));
  for (auto& member : members)
    if (member.uid == member_uid{})
      return fail(errc::invalid_argument,
                  "member " + std::to_string(member.number) + " has no uid");
  if (auto err = check_names(members))
    return err;
  configuration made;
  made.members_ = std::move(members);
  std::sort(made.members_.begin(), made.members_.end(), [](auto& a, auto& b) {
    return a.uid < b.uid;
  });
  if (made.voters() == 0)
    return fail(errc::invalid_argument, "no member has a vote");
  return made;
}

std::string configuration::encode() const {
  log::Configuration wire;
  for (auto& member : members_) {
    auto& to = *wire.add_members();
    to.set_uid(member.uid.value);
    to.set_number(member.number);
    to.set_address(member.address);
    to.set_learner(member.learner);
  }
  return wire.SerializeAsString();
}

result<configuration> configuration::decode(std::string_view payload) {
  log::Configuration wire;
  if (!wire.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
    return fail(errc::malformed_message, "this is no configuration of a log");
  std::vector<log_member> members;
  for (auto& from : wire.members())
    members.push_back(
      {member_uid{from.uid()}, from.number(), from.address(), from.learner()});
  return make(std::move(members));
}

const log_member* configuration::find(member_uid uid) const {
  auto found = std::lower_bound(members_.begin(), members_.end(), uid,
                                [](auto& member, member_uid value) {
                                  return member.uid < value;
                                });
  return found == members_.end() || found->uid != uid ? nullptr : &*found;
}

bool configuration::is_voter(member_uid uid) const {
  auto* member = find(uid);
  return member != nullptr && !member->learner;
}

size_t configuration::voters() const {
  return static_cast<size_t>(
    std::count_if(members_.begin(), members_.end(), [](auto& member) {
      return !member.learner;
    }));
}

result<configuration> changed(const configuration& from,
                              const configuration_change& how) {
  using step = configuration_change::step;
  auto members = from.members();
  auto uid = how.member.uid;
  if (how.what == step::add_learner) {
    members.push_back(how.member);
    members.back().learner = true;
    return configuration::make(std::move(members));
  }
  auto* member = find_in(members, uid);
  if (member == nullptr)
    return not_there(uid);
  if (how.what == step::move) {
    member->address = how.member.address;
  } else if (how.what == step::promote) {
    if (!member->learner)
      return fail(errc::conflict, to_string(uid) + " has a vote already");
    member->learner = false;
  } else {
    if (!member->learner && from.voters() == 1)
      return fail(errc::conflict,
                  to_string(uid) + " is the last member with a vote");
    std::erase_if(members, [&](auto& other) {
      return other.uid == uid;
    });
  }
  return configuration::make(std::move(members));
}

} // namespace agora
