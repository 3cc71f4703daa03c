// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/log_entry.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace agora {

/// How much a leader sends to one member before it hears from it.
struct append_window {
  size_t messages = 64;
  size_t bytes = size_t{8} << 20;
};

/// What a leader knows of one member's log, and what is on its way to it.
///
///                 accepted
///      probe ----------------> replicate
///       ^  ^ <---------------- |
///       |     refused, lost    | what it needs is gone
///       | ended                v
///       +------------------ snapshot   (also from probe)
///
/// - probe: the leader looks for the place up to which both logs agree, one
///   request at a time.
/// - replicate: entries stream within the window.
/// - snapshot: the state is sent by others; nothing goes out meanwhile.
class member_progress {
public:
  enum class phase : uint8_t { probe, replicate, snapshot };

  /// `next`: where to begin to look.
  explicit member_progress(uint64_t next, append_window window = {});

  phase in() const noexcept {
    return phase_;
  }

  /// All up to here is on the member's disk, as the leader has it.
  uint64_t match() const noexcept {
    return match_;
  }

  /// What is sent next.
  uint64_t next() const noexcept {
    return next_;
  }

  /// Whether entries, or a probe, may be sent now.
  bool may_send() const;

  /// A request with the entries [next, last] and so many bytes went out; `last`
  /// is next - 1 for one without entries.
  void sent(uint64_t last, size_t bytes);

  /// The member has everything up to `index`.
  /// @returns whether that is news.
  bool accepted(uint64_t index);

  /// The member does not have the leader's entry at `index`; the logs may agree
  /// up to `agree`.
  /// @returns false if the answer is an old one, and nothing changes.
  bool refused(uint64_t index, uint64_t agree);

  /// An answer to a heartbeat shows that it is there: a probe that was lost is
  /// sent again.
  void alive();

  /// What was under way is lost.
  void lost();

  /// What it needs is not in the log any more.
  void needs_snapshot();

  /// Sending the snapshot has ended. `arrived`: up to where it goes, if the
  /// member has got it, and 0 if not: then nothing is tried before the member
  /// is heard again.
  void snapshot_ended(uint64_t arrived);

  /// The entries that it needs are being read from the disk.
  bool is_reading() const noexcept {
    return reading_;
  }

  void reading(bool value) noexcept {
    reading_ = value;
  }

  /// Heard from since the leader last counted who is there.
  bool recently_heard = false;

  /// The newest round of reads that it has answered.
  uint64_t read_round = 0;

  /// What it was told to be committed.
  uint64_t commit_told = 0;

private:
  struct request {
    uint64_t last = 0;
    size_t bytes = 0;
  };

  void become(phase to);
  void free_up_to(uint64_t index);

  append_window window_;
  phase phase_ = phase::probe;
  uint64_t match_ = 0;
  uint64_t next_ = 1;
  bool probe_sent_ = false;
  bool reading_ = false;
  std::deque<request> under_way_;
  size_t bytes_under_way_ = 0;
};

} // namespace agora
