// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/replication/member_change.hpp"

#include "runtime/messaging/address.hpp"

#include <algorithm>
#include <utility>

namespace agora {

using change_case = session::ChangeMasters;

member_change::member_change(session::ChangeMasters what, promise answer,
                             time_point deadline)
  : what_(std::move(what)), answer_(std::move(answer)), deadline_(deadline) {
  // nop
}

bool member_change::answer(status failed) {
  if (failed)
    answer_.deliver(std::move(failed));
  else
    answer_.deliver(session::Done{});
  return true;
}

std::string member_change::new_address() const {
  return what_.has_add() && !entry_ ? what_.add().address() : std::string{};
}

bool member_change::is_done(const replicated_log& log) const {
  auto& machine = log.machine();
  if (successor_)
    return machine.leader() == *successor_;
  return entry_ && machine.log().commit_index() >= entry_->index
         && machine.log().has(*entry_);
}

bool member_change::proceed(replicated_log& log, const peer_sessions& peers,
                            time_point now) {
  if (!entry_ && !successor_) {
    auto failed = begin(log, peers);
    // What is not ready yet may be soon.
    if (failed && code_of(failed) != errc::unreachable
        && code_of(failed) != errc::conflict)
      return answer(std::move(failed));
    if (failed && now >= deadline_)
      return answer(std::move(failed));
    if (failed)
      return false;
  }
  if (is_done(log))
    return answer({});
  if (now >= deadline_)
    return answer(
      fail(errc::timeout, successor_ ? "the master did not take over in time"
                                     : "the change was not committed in time: "
                                       "whether it will be is not known"));
  // Another leader may still commit the entry: who asks has to look.
  if (log.machine().leads() == nullptr && entry_)
    return answer(fail(errc::timeout, "this master does not lead any more: "
                                      "whether the change is done is not "
                                      "known"));
  return false;
}

status member_change::begin(replicated_log& log, const peer_sessions& peers) {
  auto& members = log.machine().log().members();
  if (what_.has_add())
    return begin_add(log, peers);
  auto number
    = what_.has_remove() ? what_.remove().number() : what_.transfer().to();
  auto* member = member_with_number(members, number);
  if (member == nullptr)
    return check_change(what_, members);
  if (what_.has_transfer()) {
    auto uid = member->uid;
    if (auto bad = log.transfer(uid))
      return bad;
    successor_ = uid;
    return {};
  }
  configuration_change how{configuration_change::step::remove, *member};
  auto index = log.change(how);
  if (!index)
    return std::move(index.error());
  entry_ = {log.machine().term(), *index};
  return {};
}

status member_change::begin_add(replicated_log& log,
                                const peer_sessions& peers) {
  auto& add = what_.add();
  auto who = peers.with_number(add.number());
  if (!who)
    return fail(errc::unreachable, "no master " + std::to_string(add.number())
                                     + " answers at " + add.address()
                                     + ": start it with --id "
                                     + std::to_string(add.number())
                                     + " and an empty data directory");
  if (!who->cluster_id.empty() && who->cluster_id != log.cluster_id())
    return fail(errc::wrong_cluster, "master " + std::to_string(add.number())
                                       + " belongs to cluster "
                                       + who->cluster_id);
  configuration_change how{configuration_change::step::add_learner,
                           {who->uid, add.number(), add.address(), true}};
  auto index = log.change(how);
  if (!index)
    return std::move(index.error());
  entry_ = {log.machine().term(), *index};
  return {};
}

status check_change(const session::ChangeMasters& what,
                    const configuration& members) {
  auto missing = [](uint32_t number) {
    return fail(errc::not_found, "there is no master " + std::to_string(number)
                                   + "; see 'agora masters'");
  };
  switch (what.change_case()) {
    case change_case::kAdd: {
      auto& add = what.add();
      if (add.number() == 0)
        return fail(errc::invalid_argument, "a master's number is at least 1");
      if (auto address = parse_address(add.address()); !address)
        return std::move(address.error());
      for (auto& member : members.members())
        if (member.number == add.number() || member.address == add.address())
          return fail(errc::already_exists, "master "
                                              + std::to_string(member.number)
                                              + " is at " + member.address);
      return {};
    }
    case change_case::kRemove: {
      auto* member = member_with_number(members, what.remove().number());
      if (member == nullptr)
        return missing(what.remove().number());
      if (!member->learner && members.voters() == 1)
        return fail(errc::conflict,
                    "master " + std::to_string(member->number)
                      + " is the last one that votes: without it nothing would "
                        "be left of the cluster");
      return {};
    }
    case change_case::kTransfer:
      if (member_with_number(members, what.transfer().to()) == nullptr)
        return missing(what.transfer().to());
      return {};
    default:
      return fail(errc::invalid_argument,
                  "a change that this version does not know");
  }
}

const log_member* member_with_number(const configuration& members,
                                     uint32_t number) {
  auto& all = members.members();
  auto found = std::find_if(all.begin(), all.end(), [&](auto& member) {
    return member.number == number;
  });
  return found == all.end() ? nullptr : &*found;
}

void promote_learners(replicated_log& log) {
  auto* leads = log.machine().leads();
  auto& view = log.machine().log();
  if (leads == nullptr || view.members_index() > view.commit_index())
    return;
  for (auto& member : view.members().members()) {
    auto* progress = leads->progress_of(member.uid);
    if (!member.learner || progress == nullptr || progress->match() == 0)
      continue;
    // One at a time, and what is not possible yet is tried again.
    if (log.change({configuration_change::step::promote, member}))
      return;
  }
}

session::MasterList list_members(const replicated_log& log,
                                 const peer_sessions& peers) {
  session::MasterList list;
  auto& machine = log.machine();
  auto& view = machine.log();
  list.set_cluster_id(log.cluster_id());
  list.set_term(machine.term());
  list.set_commit_index(view.commit_index());
  list.set_applied_index(log.applied_index());
  list.set_first_index(view.base().index + 1);
  list.set_last_index(view.last_index());
  auto members = view.members().members();
  std::sort(members.begin(), members.end(), [](auto& left, auto& right) {
    return left.number < right.number;
  });
  for (auto& member : members) {
    auto& entry = *list.add_masters();
    entry.set_number(member.number);
    entry.set_address(member.address);
    entry.set_uid(to_string(member.uid));
    entry.set_learner(member.learner);
    auto is_self = member.uid == machine.self();
    entry.set_connected(is_self || peers.session_with(member.uid) != nullptr);
    if (is_self)
      list.set_answered_by(member.number);
    if (member.uid == machine.leader())
      list.set_leader(member.number);
    if (auto* leads = machine.leads()) {
      auto* progress = leads->progress_of(member.uid);
      entry.set_match_index(is_self               ? view.persisted_index()
                            : progress == nullptr ? 0
                                                  : progress->match());
    }
  }
  return list;
}

} // namespace agora
