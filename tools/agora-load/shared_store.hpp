// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/store/store.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace agora::load {

/// Lets several owners, each with tickets of its own, submit to one store, so
/// that they share its group commits: CAF keeps one connection between two
/// actor systems, so a process with several connections has several systems,
/// and each has a checkpoint writer of its own.
class shared_store {
public:
  /// @param disk Must outlive this object, and have no listener yet.
  explicit shared_store(store& disk);
  ~shared_store();

  /// A store for one more owner. Must outlive its writer, and not this object.
  /// All shares must be made and listen before the first submit.
  store& add_share();

private:
  class share;

  struct submitted {
    store::ticket common;
    share* owner;
    store::ticket own;
  };

  status submit(share& owner, write_batch&& batch, store::ticket own);
  void persisted(store::ticket up_to);
  /// Returns why the disk has failed already, if it has.
  status set_listener(share& owner, store::listener who);
  void failed(const status& why);

  store& disk_;
  std::mutex mutex_;
  store::ticket last_ = 0;
  status failure_;
  /// Not persisted yet, in order; bounded by the store's own queue.
  std::deque<submitted> waiting_;
  std::vector<std::unique_ptr<share>> shares_;
};

} // namespace agora::load
