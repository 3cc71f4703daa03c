// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/store/store.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

namespace agora {

/// Who hears of a log that its disk has got further.
struct log_listener {
  /// There may be something to do. Comes from the store's thread and once for
  /// a whole group commit; send yourself a message and return. Spurious calls
  /// happen; a call is never missing.
  std::function<void()> wake;
  /// The disk failed: the process has to end. See store::listener.
  std::function<void(const status&)> failed;
};

/// What a log and the store's thread share: everything else belongs to the
/// log's owner. It outlives the log, because the store may.
class commit_signal {
public:
  /// The owner, before it submits something that it wants to hear of.
  void expect(store::ticket t) noexcept {
    expected_ = t;
  }

  store::ticket persisted() const noexcept {
    return persisted_;
  }

  void listen(log_listener who) {
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
  log_listener who_;
  status failure_;
};

} // namespace agora
