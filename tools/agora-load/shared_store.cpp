// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/shared_store.hpp"

#include <map>
#include <utility>

namespace agora::load {

/// What one owner sees: the common store, but for its own tickets.
class shared_store::share : public store {
public:
  explicit share(shared_store& all) : all_(all) {
    // nop
  }

  result<std::optional<std::string>> get(std::string_view key) const override {
    return all_.disk_.get(key);
  }

  status scan(std::string_view prefix, std::string_view from,
              const store_visitor& visitor) const override {
    return all_.disk_.scan(prefix, from, visitor);
  }

  void listen(listener who) override {
    if (auto failure = all_.set_listener(*this, std::move(who)))
      tell_failed(failure);
  }

  status submit(write_batch&& batch, ticket t) override {
    return all_.submit(*this, std::move(batch), t);
  }

  status write_now(write_batch batch) override {
    return all_.disk_.write_now(std::move(batch));
  }

  result<std::unique_ptr<store_reader>> view() const override {
    return all_.disk_.view();
  }

  const store_identity& identity() const override {
    return all_.disk_.identity();
  }

  const std::string& path() const override {
    return all_.disk_.path();
  }

  const store_limits& limits() const override {
    return all_.disk_.limits();
  }

  /// Under the lock of all, once.
  void set_listener(listener who) {
    listener_ = std::move(who);
    listens_ = true;
  }

  /// Under the lock of all; a listener that is there stays as it is.
  bool listens() const {
    return listens_;
  }

  void tell_persisted(ticket up_to) {
    if (listener_.persisted)
      listener_.persisted(up_to);
  }

  void tell_failed(const status& why) {
    if (listener_.failed)
      listener_.failed(why);
  }

private:
  shared_store& all_;
  listener listener_;
  bool listens_ = false;
};

shared_store::shared_store(store& disk) : disk_(disk) {
  disk_.listen({
    [this](store::ticket up_to) {
      persisted(up_to);
    },
    [this](const status& why) {
      failed(why);
    },
  });
}

shared_store::~shared_store() = default;

store& shared_store::add_share() {
  return *shares_.emplace_back(std::make_unique<share>(*this));
}

status shared_store::submit(share& owner, write_batch&& batch,
                            store::ticket own) {
  // Under the lock: the common tickets must reach the disk in their order.
  std::lock_guard guard{mutex_};
  if (auto err = disk_.submit(std::move(batch), last_ + 1))
    return err;
  waiting_.push_back({++last_, &owner, own});
  return {};
}

void shared_store::persisted(store::ticket up_to) {
  std::map<share*, store::ticket> newest;
  {
    std::lock_guard guard{mutex_};
    while (!waiting_.empty() && waiting_.front().common <= up_to) {
      newest[waiting_.front().owner] = waiting_.front().own;
      waiting_.pop_front();
    }
  }
  for (auto& [owner, ticket] : newest)
    owner->tell_persisted(ticket);
}

status shared_store::set_listener(share& owner, store::listener who) {
  std::lock_guard guard{mutex_};
  owner.set_listener(std::move(who));
  return failure_;
}

void shared_store::failed(const status& why) {
  std::vector<share*> listening;
  {
    std::lock_guard guard{mutex_};
    failure_ = why;
    for (auto& each : shares_)
      if (each->listens())
        listening.push_back(each.get());
  }
  for (auto* each : listening)
    each->tell_failed(why);
}

} // namespace agora::load
