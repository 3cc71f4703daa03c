// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/testing/world.hpp"
#include "storage/store/memory_store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace agora::simulation {

struct disk_settings {
  /// Of one group commit.
  std::chrono::nanoseconds latency_least{std::chrono::microseconds{200}};
  std::chrono::nanoseconds latency_most{std::chrono::milliseconds{3}};
};

/// A disk with a database on it, which outlives the processes that use it: what
/// is submitted becomes durable some virtual time later, in groups of random
/// size. One process uses it at a time.
class simulated_disk final : public store {
public:
  simulated_disk(world& sim, disk_settings settings, std::string kind);

  /// Who uses it from now on.
  void used_by(process_number process);

  /// That process has died: what was not durable is lost, but for a random
  /// part that had reached the disk without being reported.
  void crash();

  /// A copy of what is durable.
  std::unique_ptr<simulated_disk> clone() const;

  /// Nothing is on it any more.
  void wipe();

  /// Makes each commit that begins from now on take `factor` times as long.
  void slow_down(int64_t factor) {
    slowness_ = factor;
  }

  /// The next commit fails, and with it the process that uses it.
  void fail_next() {
    where_->fail_next_write(fail(errc::io_failed, "the disk has failed"));
  }

  /// It is as fast and as good as new.
  void repair() {
    slowness_ = 1;
    where_->fail_next_write({});
  }

  /// Called whenever something became durable.
  void on_durable(std::function<void()> what) {
    on_durable_ = std::move(what);
  }

  bool idle() const {
    return where_->queued() == 0;
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
  void arm();
  void commit(process_number process);

  world& sim_;
  disk_settings settings_;
  random_source random_;
  std::string kind_;
  std::unique_ptr<memory_store> where_;
  process_number user_ = no_process;
  bool armed_ = false;
  int64_t slowness_ = 1;
  std::function<void()> on_durable_;
};

} // namespace agora::simulation
