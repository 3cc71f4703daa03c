// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/store/store.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace agora {

/// A store whose disk is a map, and whose time is its owner's: for tests and
/// simulations. Nothing is persisted until told, so that a crash between
/// submit and persisted can be put at any place. Not for threads: everything
/// happens in the caller's.
class memory_store final : public store {
public:
  enum class mode {
    /// Nothing happens until `persist`.
    manual,
    /// Each submit is persisted, and reported, before it returns.
    immediate,
  };

  /// @param uid See store_identity; 32 hex digits.
  explicit memory_store(mode how = mode::manual, store_limits limits = {},
                        std::string kind = "master",
                        std::string uid = std::string(32, '0'));

  /// Makes the oldest `count` queued batches durable and reports them in one
  /// call, as a group commit does.
  /// @returns how many there were to persist.
  size_t persist(size_t count = SIZE_MAX);

  /// The process dies: what is queued is lost, except that the oldest
  /// `survivors` batches had reached the disk without being reported. The
  /// object is then like a store opened anew: no listener, no tickets.
  void crash(size_t survivors = 0);

  /// The next write fails with `what`, and the store has failed then.
  void fail_next_write(status what);

  /// How many batches are queued.
  size_t queued() const noexcept {
    return queue_.size();
  }

  void listen(listener who) override;
  status submit(write_batch&& batch, ticket t) override;
  status write_now(write_batch batch) override;
  result<std::optional<std::string>> get(std::string_view key) const override;
  status scan(std::string_view prefix, std::string_view from,
              const store_visitor& visitor) const override;
  result<std::unique_ptr<store_reader>> view() const override;
  const store_identity& identity() const override;
  const std::string& path() const override;
  const store_limits& limits() const override;

private:
  using contents = std::map<std::string, std::string, std::less<>>;

  struct queued_batch {
    write_batch batch;
    ticket t = 0;
  };

  mode mode_;
  store_limits limits_;
  store_identity identity_;
  std::string path_ = "(memory)";
  contents contents_;
  std::deque<queued_batch> queue_;
  size_t queued_bytes_ = 0;
  ticket newest_ = 0;
  listener listener_;
  status planned_failure_;
  status failure_;
};

} // namespace agora
