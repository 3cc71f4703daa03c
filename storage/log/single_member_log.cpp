// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/single_member_log.hpp"

#include "runtime/base/check.hpp"
#include "storage/log/log_storage.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

namespace agora {

namespace {

/// What the store's thread touches: everything else belongs to the owner. It
/// outlives the log, because the store may.
class commit_signal {
public:
  /// The owner, before it submits something that it wants to hear of.
  void expect(store::ticket t) noexcept {
    expected_ = t;
  }

  store::ticket persisted() const noexcept {
    return persisted_;
  }

  void listen(replicated_log::listener who) {
    std::lock_guard guard{mutex_};
    who_ = std::move(who);
    if (failure_ && who_.failed)
      who_.failed(failure_);
  }

  /// The store's thread.
  void note_persisted(store::ticket t) {
    persisted_ = t;
    // Applied states do not need a wake-up: without this each commit would
    // cause a second one.
    auto wanted = expected_ > reported_;
    reported_ = t;
    std::lock_guard guard{mutex_};
    if (wanted && who_.wake)
      who_.wake();
  }

  /// The store's thread.
  void note_failed(const status& what) {
    std::lock_guard guard{mutex_};
    failure_ = what;
    if (who_.failed)
      who_.failed(what);
  }

private:
  std::atomic<store::ticket> expected_ = 0;
  std::atomic<store::ticket> persisted_ = 0;
  /// The store's thread only.
  store::ticket reported_ = 0;
  std::mutex mutex_;
  replicated_log::listener who_;
  status failure_;
};

class single_member final : public replicated_log {
public:
  single_member(log_storage storage, log_settings settings,
                const log_storage::found& start)
    : storage_(std::move(storage)),
      settings_(settings),
      epoch_{start.last.generation, start.last.term + 1},
      first_(start.first_index),
      applied_(start.applied_index),
      taken_(start.applied_index),
      replay_end_(start.last_index),
      last_(start.last_index) {
    // nop
  }

  single_member(const single_member&) = delete;
  single_member& operator=(const single_member&) = delete;

  ~single_member() override {
    // Nobody hears of this log any more, though the store may live on.
    signal_->listen({});
  }

  /// Makes the new term durable: nobody may see it before.
  status begin_term() {
    write_batch batch;
    storage_.put_epoch(batch, epoch_);
    if (auto bad = storage_.where().write_now(std::move(batch)))
      return bad;
    storage_.where().listen({[signal = signal_](store::ticket t) {
                               signal->note_persisted(t);
                             },
                             [signal = signal_](const status& what) {
                               signal->note_failed(what);
                             }});
    return {};
  }

  void listen(listener who) override {
    signal_->listen(std::move(who));
  }

  result<uint64_t> propose(std::vector<std::string> payloads) override {
    if (auto bad = check_room(payloads))
      return bad;
    write_batch batch;
    std::vector<log_entry> entries;
    entries.reserve(payloads.size());
    for (auto& payload : payloads) {
      auto index = last_ + entries.size() + 1;
      entries.push_back({index, epoch_.term, std::move(payload)});
      storage_.put_entry(batch, entries.back());
    }
    signal_->expect(next_ticket_);
    if (auto bad = storage_.where().submit(std::move(batch), next_ticket_))
      return bad;
    auto first = last_ + 1;
    last_ += entries.size();
    waiting_.push_back({next_ticket_++, last_});
    for (auto& entry : entries) {
      inflight_bytes_ += entry.payload.size();
      unapplied_.push_back(entry.payload.size());
      untaken_.push_back(std::move(entry));
    }
    return first;
  }

  result<std::vector<log_entry>> take_committed(size_t max) override {
    if (auto bad = submit_deferred();
        bad && code_of(bad) != errc::limit_reached)
      return bad;
    auto entries
      = storage_.read(taken_ + 1, replay_end_, max, settings_.replay_bytes);
    if (!entries)
      return entries;
    taken_ += entries->size();
    // In memory is what comes behind the replayed.
    if (taken_ < replay_end_)
      return entries;
    auto commit = commit_index();
    while (!waiting_.empty() && waiting_.front().last_index <= commit)
      waiting_.pop_front();
    for (; taken_ < commit && entries->size() < max; ++taken_) {
      entries->push_back(std::move(untaken_.front()));
      untaken_.pop_front();
    }
    committed_ = commit;
    return entries;
  }

  status applied(uint64_t index, write_batch changes) override {
    AGORA_CHECK(applied_ < index && index <= taken_);
    storage_.place_in_state(changes);
    auto first = first_to_keep(index);
    if (first != first_)
      storage_.erase_entries(changes, first_, first);
    storage_.put_applied(changes, index, first);
    if (auto bad = check_batch(changes, storage_.where().limits()))
      return bad;
    first_ = first;
    forget_applied(index);
    deferred_.push_back(std::move(changes));
    auto bad = submit_deferred();
    return bad && code_of(bad) == errc::limit_reached ? status{} : bad;
  }

  uint64_t commit_index() const override {
    auto persisted = signal_->persisted();
    auto behind
      = std::partition_point(waiting_.begin(), waiting_.end(), [&](auto& one) {
          return one.t <= persisted;
        });
    if (behind == waiting_.begin())
      return std::max(committed_, replay_end_);
    return std::prev(behind)->last_index;
  }

  uint64_t applied_index() const override {
    return applied_;
  }

  uint64_t last_index() const override {
    return last_;
  }

  epoch current_epoch() const override {
    return epoch_;
  }

  result<std::optional<std::string>>
  get_state(std::string_view key) const override {
    return storage_.get_state(key);
  }

  result<uint64_t> for_each_state(const store_visitor& visitor) const override {
    return storage_.for_each_state(visitor);
  }

private:
  /// A proposal whose ticket is not yet known to be persisted.
  struct waiting {
    store::ticket t = 0;
    uint64_t last_index = 0;
  };

  status check_room(const std::vector<std::string>& payloads) {
    if (payloads.empty())
      return fail(errc::invalid_argument, "a proposal without entries");
    size_t bytes = 0;
    for (auto& payload : payloads) {
      if (payload.size() > settings_.payload_bytes)
        return fail(errc::too_large,
                    "a payload of " + std::to_string(payload.size())
                      + " bytes, payload_bytes is "
                      + std::to_string(settings_.payload_bytes));
      bytes += payload.size();
    }
    if (payloads.size() > settings_.inflight_entries
        || bytes > settings_.inflight_bytes)
      return fail(errc::too_large, "a proposal of "
                                     + std::to_string(payloads.size())
                                     + " entries and " + std::to_string(bytes)
                                     + " bytes can never be in flight");
    if (payloads.size() > settings_.inflight_entries - unapplied_.size()
        || bytes > settings_.inflight_bytes - inflight_bytes_)
      return fail(errc::limit_reached, std::to_string(unapplied_.size())
                                         + " entries of "
                                         + std::to_string(inflight_bytes_)
                                         + " bytes are in flight already");
    return submit_deferred();
  }

  /// Hands over the changes that the store had no room for. Proposals wait
  /// until it is done, so what waits here is bounded by what is in flight.
  status submit_deferred() {
    auto asked = false;
    while (!deferred_.empty()) {
      auto bad
        = storage_.where().submit(std::move(deferred_.front()), next_ticket_);
      if (!bad) {
        ++next_ticket_;
        deferred_.pop_front();
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

  /// The first entry to keep when `index` has been applied.
  uint64_t first_to_keep(uint64_t index) const {
    if (index < settings_.retained_entries)
      return first_;
    auto first = index - settings_.retained_entries + 1;
    return first >= first_ + settings_.trim_step ? first : first_;
  }

  void forget_applied(uint64_t index) {
    // Replayed entries are not counted as in flight.
    for (auto at = std::max(applied_, replay_end_); at < index; ++at) {
      inflight_bytes_ -= unapplied_.front();
      unapplied_.pop_front();
    }
    applied_ = index;
  }

  const log_storage storage_;
  const log_settings settings_;
  const epoch epoch_;
  const std::shared_ptr<commit_signal> signal_
    = std::make_shared<commit_signal>();

  /// first_ - 1 <= applied_ <= taken_ <= commit_index() <= last_, and
  /// replay_end_ <= commit_index().
  uint64_t first_ = 1;
  uint64_t applied_ = 0;
  uint64_t taken_ = 0;
  /// The last entry found at the start.
  uint64_t replay_end_ = 0;
  /// What commit_index() was when the proposals before waiting_ were dropped.
  uint64_t committed_ = 0;
  uint64_t last_ = 0;

  store::ticket next_ticket_ = 1;
  std::deque<waiting> waiting_;
  /// Proposed in this life, not yet taken.
  std::deque<log_entry> untaken_;
  /// The payload sizes of what was proposed in this life and not yet applied.
  std::deque<size_t> unapplied_;
  size_t inflight_bytes_ = 0;
  /// Applied, but the store's queue was full.
  std::deque<write_batch> deferred_;
};

} // namespace

result<std::unique_ptr<replicated_log>>
single_member_log::open(std::shared_ptr<store> where, std::string_view name,
                        log_settings settings) {
  log_storage storage{std::move(where), name};
  auto found = storage.load();
  if (!found)
    return found.error();
  auto opened
    = std::make_unique<single_member>(std::move(storage), settings, *found);
  if (auto bad = opened->begin_term())
    return bad;
  return std::unique_ptr<replicated_log>{std::move(opened)};
}

} // namespace agora
