// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/memory_store.hpp"

#include "runtime/base/check.hpp"
#include "storage/store/store_limits.hpp"

#include <algorithm>
#include <utility>

namespace agora {

namespace {

using contents = std::map<std::string, std::string, std::less<>>;

void write(contents& to, write_batch batch) {
  for (auto& operation : batch.operations()) {
    switch (operation.what) {
      case write_operation::kind::put:
        to.insert_or_assign(operation.key, operation.value);
        break;
      case write_operation::kind::erase:
        to.erase(operation.key);
        break;
      case write_operation::kind::erase_range:
        if (operation.key < operation.value)
          to.erase(to.lower_bound(operation.key),
                   to.lower_bound(operation.value));
    }
  }
}

result<std::optional<std::string>> get_from(const contents& from,
                                            std::string_view key) {
  auto found = from.find(key);
  if (found == from.end())
    return std::optional<std::string>{};
  return std::optional<std::string>{found->second};
}

status scan_in(const contents& in, std::string_view prefix,
               std::string_view from, const store_visitor& visitor) {
  for (auto at = in.lower_bound(std::max(prefix, from));
       at != in.end() && at->first.starts_with(prefix); ++at)
    if (visitor(at->first, at->second) == visit::stop)
      break;
  return {};
}

/// A frozen copy: simulations have little state.
class memory_view final : public store_reader {
public:
  explicit memory_view(contents frozen) : frozen_(std::move(frozen)) {
    // nop
  }

  result<std::optional<std::string>> get(std::string_view key) const override {
    return get_from(frozen_, key);
  }

  status scan(std::string_view prefix, std::string_view from,
              const store_visitor& visitor) const override {
    return scan_in(frozen_, prefix, from, visitor);
  }

private:
  contents frozen_;
};

} // namespace

memory_store::memory_store(mode how, store_limits limits, std::string kind,
                           std::string uid)
  : mode_(how), limits_(limits), identity_{std::move(kind), std::move(uid)} {
  // nop
}

size_t memory_store::persist(size_t count) {
  count = failure_ ? 0 : std::min(count, queue_.size());
  if (count == 0)
    return 0;
  if (planned_failure_) {
    failure_ = planned_failure_;
    if (listener_.failed)
      listener_.failed(failure_);
    return 0;
  }
  ticket newest = 0;
  for (size_t i = 0; i < count; ++i) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= next.batch.bytes();
    newest = next.t;
    write(contents_, std::move(next.batch));
  }
  if (listener_.persisted)
    listener_.persisted(newest);
  return count;
}

void memory_store::crash(size_t survivors) {
  survivors = std::min(survivors, queue_.size());
  for (size_t i = 0; i < survivors; ++i)
    write(contents_, std::move(queue_[i].batch));
  queue_.clear();
  queued_bytes_ = 0;
  newest_ = 0;
  listener_ = {};
  planned_failure_ = {};
  failure_ = {};
}

void memory_store::fail_next_write(status what) {
  planned_failure_ = std::move(what);
}

void memory_store::listen(listener who) {
  AGORA_CHECK(!listener_.persisted && newest_ == 0);
  listener_ = std::move(who);
  if (failure_ && listener_.failed)
    listener_.failed(failure_);
}

status memory_store::submit(write_batch&& batch, ticket t) {
  AGORA_CHECK(t > newest_);
  if (failure_)
    return fail(errc::io_failed, path_ + " has failed");
  if (auto bad = check_batch(batch, limits_))
    return bad;
  if (auto bad = check_queue(queued_bytes_, queue_.size(), limits_))
    return bad;
  newest_ = t;
  queued_bytes_ += batch.bytes();
  queue_.push_back({std::move(batch), t});
  if (mode_ == mode::immediate)
    persist();
  return {};
}

status memory_store::write_now(write_batch batch) {
  AGORA_CHECK(newest_ == 0);
  if (auto bad = check_batch(batch, limits_))
    return bad;
  if (planned_failure_) {
    failure_ = planned_failure_;
    return failure_;
  }
  write(contents_, std::move(batch));
  return {};
}

result<std::optional<std::string>>
memory_store::get(std::string_view key) const {
  return get_from(contents_, key);
}

status memory_store::scan(std::string_view prefix, std::string_view from,
                          const store_visitor& visitor) const {
  return scan_in(contents_, prefix, from, visitor);
}

result<std::unique_ptr<store_reader>> memory_store::view() const {
  return std::unique_ptr<store_reader>{new memory_view{contents_}};
}

const store_identity& memory_store::identity() const {
  return identity_;
}

const std::string& memory_store::path() const {
  return path_;
}

const store_limits& memory_store::limits() const {
  return limits_;
}

} // namespace agora
