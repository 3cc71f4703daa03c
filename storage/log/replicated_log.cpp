// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/replicated_log.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace agora {

namespace {

constexpr size_t uid_digits = 16;

} // namespace

member_uid member_of(const store_identity& directory) {
  uint64_t value = 0;
  auto& uid = directory.uid;
  auto digits = std::min(uid.size(), uid_digits);
  std::from_chars(uid.data(), uid.data() + digits, value, 16);
  return {std::max(value, uint64_t{1})};
}

// -- start --------------------------------------------------------------------

result<std::unique_ptr<replicated_log>>
replicated_log::open(std::shared_ptr<store> where, std::string_view name,
                     const log_settings& settings, uint64_t seed) {
  log_storage storage{std::move(where), name};
  auto found = storage.load();
  if (!found)
    return found.error();
  return std::unique_ptr<replicated_log>{
    new replicated_log{std::move(storage), settings, seed, std::move(*found)}};
}

replicated_log::replicated_log(log_storage storage,
                               const log_settings& settings, uint64_t seed,
                               log_storage::found from)
  : storage_(std::move(storage)),
    settings_(settings),
    seed_(seed),
    self_(member_of(storage_.where().identity())),
    retention_(settings, from.member.log.base.index) {
  restart(std::move(from));
}

replicated_log::~replicated_log() {
  // Nobody hears of this log any more, though the store may live on.
  signal_->listen({});
}

void replicated_log::restart(log_storage::found from) {
  cluster_id_ = std::move(from.cluster_id);
  stored_ = applied_ = taken_ = from.applied_index;
  retention_.restart(from.member.log.base.index);
  if (applied_ > from.member.log.base.index)
    retention_.applied(applied_, from.entry_bytes);
  machine_ = std::make_unique<consensus_machine>(self_, std::move(from.member),
                                                 settings_.consensus, seed_);
  // Alone it has nobody to wait for.
  auto& members = machine_->log().members();
  if (members.voters() == 1 && members.is_voter(self_))
    machine_->campaign();
}

void replicated_log::listen(log_listener who) {
  AGORA_CHECK(!std::exchange(listening_, true));
  signal_->listen(std::move(who));
  storage_.where().listen({[signal = signal_](store::ticket t) {
                             signal->note_persisted(t);
                           },
                           [signal = signal_](const status& what) {
                             signal->note_failed(what);
                           }});
  write_batch leftovers;
  storage_.erase_staged(leftovers);
  enqueue({std::move(leftovers)});
}

status replicated_log::found(std::string_view cluster_id,
                             const configuration& members) {
  AGORA_CHECK(!listening_ && next_ticket_ == 1 && pending_.empty());
  AGORA_CHECK(cluster_id_.empty() && machine_->log().last_index() == 0);
  AGORA_CHECK(machine_->vote() == vote_record{});
  write_batch batch;
  storage_.put_cluster(batch, cluster_id);
  storage_.put_vote(batch, {1, {}});
  storage_.put_entry(batch,
                     {1, 1, members.encode(), entry_kind::configuration});
  if (auto bad = storage_.where().write_now(std::move(batch)))
    return bad;
  auto again = storage_.load();
  if (!again)
    return again.error();
  restart(std::move(*again));
  return {};
}

void replicated_log::adopt_cluster(std::string id) {
  AGORA_CHECK(cluster_id_.empty());
  cluster_id_ = std::move(id);
  write_batch batch;
  storage_.put_cluster(batch, cluster_id_);
  enqueue({std::move(batch)});
}

// -- proposing ----------------------------------------------------------------

status replicated_log::check_room(const std::vector<std::string>& payloads) {
  if (payloads.empty())
    return fail(errc::invalid_argument, "a proposal without entries");
  size_t bytes = 0;
  for (auto& payload : payloads) {
    if (payload.size() > settings_.payload_bytes)
      return fail(errc::too_large, "a payload of "
                                     + std::to_string(payload.size())
                                     + " bytes, payload_bytes is "
                                     + std::to_string(settings_.payload_bytes));
    bytes += payload.size();
  }
  if (payloads.size() > settings_.inflight_entries
      || bytes > settings_.proposal_bytes)
    return fail(errc::too_large, "a proposal of "
                                   + std::to_string(payloads.size())
                                   + " entries and " + std::to_string(bytes)
                                   + " bytes can never be taken");
  auto inflight = machine_->log().last_index() - applied_;
  if (payloads.size() + inflight > settings_.inflight_entries)
    return fail(errc::limit_reached,
                std::to_string(inflight) + " entries are in flight already");
  return submit_pending();
}

result<uint64_t> replicated_log::propose(std::vector<std::string> payloads) {
  if (machine_->leads() != nullptr)
    if (auto bad = check_room(payloads))
      return bad;
  return machine_->propose(std::move(payloads));
}

// -- the disk -----------------------------------------------------------------

void replicated_log::enqueue(pending_batch next) {
  pending_.push_back(std::move(next));
}

/// Hands over what waits. Proposals wait until it is done, and what a leader
/// sends is bounded by its window: so is this.
status replicated_log::submit_pending() {
  auto asked = false;
  while (!pending_.empty()) {
    auto& next = pending_.front();
    if (next.wake)
      signal_->expect(next_ticket_);
    auto bad = storage_.where().submit(std::move(next.batch), next_ticket_);
    if (!bad) {
      if (next.machine_ticket != 0 || next.applied != 0)
        open_.push_back({next_ticket_, next.machine_ticket, next.applied});
      ++next_ticket_;
      pending_.pop_front();
      continue;
    }
    if (asked || code_of(bad) != errc::limit_reached)
      return bad;
    // Asks to be woken, and tries again: if the queue is still full then, a
    // report is yet to come.
    signal_->expect(next_ticket_);
    asked = true;
  }
  return {};
}

void replicated_log::note_persisted() {
  auto persisted = signal_->persisted();
  uint64_t ticket = 0;
  while (!open_.empty() && open_.front().t <= persisted) {
    ticket = std::max(ticket, open_.front().machine_ticket);
    stored_ = std::max(stored_, open_.front().applied);
    open_.pop_front();
  }
  if (ticket == 0)
    return;
  if (install_ticket_ && *install_ticket_ <= ticket) {
    install_ticket_.reset();
    installed_ = applied_;
  }
  machine_->persisted(ticket);
}

/// In parts if there is much: that the first entries are on the disk without
/// the last is as if there had been no more. The rest of an order goes with the
/// first part.
void replicated_log::persist(persist_order& order) {
  write_batch batch;
  if (order.vote)
    storage_.put_vote(batch, *order.vote);
  if (order.install) {
    storage_.install_staged(batch, *order.install);
    applied_ = taken_ = order.install->last.index;
    taken_bytes_ = 0;
    retention_.restart(applied_);
    installed_.reset();
    install_ticket_ = order.ticket;
    installs_ = false;
  }
  if (order.truncate_from != 0)
    storage_.erase_entries_from(batch, order.truncate_from);
  size_t bytes = 0;
  for (auto& entry : order.entries) {
    if (bytes >= settings_.batch_bytes) {
      enqueue({std::exchange(batch, {})});
      bytes = 0;
    }
    storage_.put_entry(batch, *entry);
    bytes += entry->payload.size();
  }
  enqueue({std::move(batch), order.ticket, order.install ? applied_ : 0, true});
}

status replicated_log::answer_read(const read_order& order) {
  auto entries = storage_.read(order.first, order.last, SIZE_MAX, order.bytes);
  if (!entries)
    return std::move(entries.error());
  machine_->entries_read(order.for_member, *entries);
  return {};
}

result<replicated_log::orders> replicated_log::carry_on() {
  orders todo;
  note_persisted();
  for (;;) {
    auto ready = machine_->take_ready();
    if (ready.empty())
      break;
    if (ready.persist)
      persist(*ready.persist);
    std::move(ready.send.begin(), ready.send.end(),
              std::back_inserter(todo.send));
    todo.snapshots.insert(todo.snapshots.end(), ready.snapshots.begin(),
                          ready.snapshots.end());
    todo.permits.insert(todo.permits.end(), ready.permits.begin(),
                        ready.permits.end());
    for (auto& order : ready.reads)
      if (auto bad = answer_read(order))
        return bad;
  }
  if (auto bad = submit_pending(); bad && code_of(bad) != errc::limit_reached)
    return bad;
  return todo;
}

// -- the state ----------------------------------------------------------------

result<std::vector<entry_ptr>> replicated_log::take_committed(size_t max) {
  std::vector<entry_ptr> entries;
  auto& log = machine_->log();
  if (installs_ || install_ticket_ || installed_)
    return entries;
  // The state must not reach the disk before its entries.
  auto known = std::min(log.commit_index(), log.handed_out_index());
  if (known <= taken_)
    return entries;
  auto until = taken_ + std::min<uint64_t>(known - taken_, max);
  auto in_memory = std::max(log.tail_first(), taken_ + 1);
  if (taken_ < until && taken_ + 1 < in_memory) {
    auto read = storage_.read(taken_ + 1, std::min(until, in_memory - 1), max,
                              settings_.replay_bytes);
    if (!read)
      return read;
    entries = std::move(*read);
  } else {
    for (auto at = taken_ + 1; at <= until; ++at)
      entries.push_back(log.find(at));
  }
  taken_ += entries.size();
  for (auto& entry : entries)
    taken_bytes_ += entry->payload.size();
  return entries;
}

status replicated_log::applied(uint64_t index, write_batch changes) {
  if (index <= applied_)
    return {};
  AGORA_CHECK(index <= taken_);
  storage_.place_in_state(changes);
  storage_.put_applied(changes, index);
  if (auto bad = check_batch(changes, storage_.where().limits()))
    return bad;
  applied_ = index;
  enqueue({std::move(changes), 0, index});
  retention_.applied(index, std::exchange(taken_bytes_, 0));
  auto& log = machine_->log();
  remove_entries(
    retention_.removable(std::min(stored_, log.persisted_index())));
  auto bad = submit_pending();
  return bad && code_of(bad) == errc::limit_reached ? status{} : bad;
}

void replicated_log::remove_entries(uint64_t until) {
  auto& log = machine_->log();
  auto base = log.base().index;
  if (until <= base)
    return;
  write_batch changes;
  storage_.put_base(changes,
                    {{*log.term_at(until), until}, log.members_at(until)});
  storage_.erase_entries(changes, base + 1, until + 1);
  machine_->compact_to(until);
  retention_.removed(until);
  enqueue({std::move(changes)});
}

void replicated_log::compact(uint64_t keep) {
  if (applied_ > keep)
    remove_entries(
      std::min({applied_ - keep, stored_, machine_->log().persisted_index()}));
}

std::optional<uint64_t> replicated_log::take_installed() {
  return std::exchange(installed_, std::nullopt);
}

result<uint64_t>
replicated_log::for_each_state(const store_visitor& visitor) const {
  auto frozen = storage_.where().view();
  if (!frozen)
    return frozen.error();
  if (auto bad = storage_.scan_state(**frozen, {}, visitor))
    return bad;
  return storage_.applied_index(**frozen);
}

status replicated_log::visit_all(const store_visitor& visitor) const {
  return storage_.visit_all(visitor);
}

// -- snapshots ----------------------------------------------------------------

result<log_snapshot> replicated_log::snapshot() const {
  auto& log = machine_->log();
  if (log.members().members().empty())
    return fail(errc::conflict, "this member was not taken into the log yet");
  if (install_ticket_ || installs_)
    return fail(errc::conflict,
                "a snapshot that arrived is not on the disk yet; try again");
  auto frozen = storage_.where().view();
  if (!frozen)
    return frozen.error();
  auto index = storage_.applied_index(**frozen);
  if (!index)
    return index.error();
  auto term = log.term_at(*index);
  if (!term)
    return fail(errc::conflict,
                "the disk is behind what was removed from the log; try again");
  return log_snapshot{
    storage_, std::move(*frozen), {{*term, *index}, log.members_at(*index)}};
}

void replicated_log::begin_staging() {
  AGORA_CHECK(!installs_);
  write_batch leftovers;
  storage_.erase_staged(leftovers);
  enqueue({std::move(leftovers)});
}

status replicated_log::stage(write_batch&& records) {
  AGORA_CHECK(!installs_);
  if (auto bad = submit_pending())
    return bad;
  storage_.place_in_staged(records);
  if (auto bad = check_batch(records, storage_.where().limits()))
    return bad;
  enqueue({std::move(records), 0, 0, true});
  auto bad = submit_pending();
  return bad && code_of(bad) == errc::limit_reached ? status{} : bad;
}

bool replicated_log::install(const snapshot_mark& mark, member_uid from,
                             uint64_t term) {
  auto needed = machine_->install(mark, from, term);
  installs_ = installs_ || needed;
  if (!installs_)
    begin_staging(); // It would stay until the next one, or the next start.
  return needed;
}

} // namespace agora
