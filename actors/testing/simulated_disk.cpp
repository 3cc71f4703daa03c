// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/simulated_disk.hpp"

namespace agora::simulation {

namespace {

/// How long a commit waits when its process is stopped.
constexpr std::chrono::milliseconds stopped_pause{50};

/// As new directories get one: another at each time.
std::string hexadecimal(random_source& random) {
  std::string uid;
  for (int i = 0; i < 32; ++i)
    uid += "0123456789abcdef"[random.below(16)];
  return uid;
}

} // namespace

simulated_disk::simulated_disk(world& sim, disk_settings settings,
                               std::string kind)
  : sim_(sim),
    settings_(settings),
    random_(sim.random().fork()),
    kind_(std::move(kind)) {
  wipe();
}

void simulated_disk::wipe() {
  where_ = std::make_unique<memory_store>(
    memory_store::mode::manual, store_limits{}, kind_, hexadecimal(random_));
}

void simulated_disk::used_by(process_number process) {
  user_ = process;
  armed_ = false;
}

void simulated_disk::crash() {
  user_ = no_process;
  armed_ = false;
  where_->crash(random_.below(where_->queued() + 1));
  if (on_durable_)
    on_durable_();
}

std::unique_ptr<simulated_disk> simulated_disk::clone() const {
  auto copy = std::make_unique<simulated_disk>(sim_, settings_, kind_);
  write_batch all;
  // A memory store's scan does not fail, and nothing waits in a new one.
  static_cast<void>(where_->scan({}, {}, [&](auto key, auto value) {
    all.put(std::string{key}, std::string{value});
    return visit::more;
  }));
  static_cast<void>(copy->where_->write_now(std::move(all)));
  return copy;
}

void simulated_disk::arm() {
  if (armed_ || where_->queued() == 0)
    return;
  armed_ = true;
  auto takes = random_.between(settings_.latency_least, settings_.latency_most);
  sim_.after(takes * slowness_, [this, process = user_] {
    commit(process);
  });
}

void simulated_disk::commit(process_number process) {
  if (process != user_)
    return;
  if (sim_.stopped(process)) {
    sim_.after(stopped_pause, [this, process] {
      commit(process);
    });
    return;
  }
  armed_ = false;
  // Often all of it, as a group commit does.
  auto count = random_.chance(0.5) ? where_->queued()
                                   : 1 + random_.below(where_->queued());
  sim_.mix(count);
  where_->persist(count);
  if (on_durable_)
    on_durable_();
  arm();
}

void simulated_disk::listen(listener who) {
  where_->listen(std::move(who));
}

status simulated_disk::submit(write_batch&& batch, ticket t) {
  auto bad = where_->submit(std::move(batch), t);
  arm();
  return bad;
}

status simulated_disk::write_now(write_batch batch) {
  auto bad = where_->write_now(std::move(batch));
  if (on_durable_)
    on_durable_();
  return bad;
}

result<std::optional<std::string>>
simulated_disk::get(std::string_view key) const {
  return where_->get(key);
}

status simulated_disk::scan(std::string_view prefix, std::string_view from,
                            const store_visitor& visitor) const {
  return where_->scan(prefix, from, visitor);
}

result<std::unique_ptr<store_reader>> simulated_disk::view() const {
  return where_->view();
}

const store_identity& simulated_disk::identity() const {
  return where_->identity();
}

const std::string& simulated_disk::path() const {
  return where_->path();
}

const store_limits& simulated_disk::limits() const {
  return where_->limits();
}

} // namespace agora::simulation
