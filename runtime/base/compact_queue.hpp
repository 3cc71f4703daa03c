// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace agora {

/// First in, first out, for queues that are many and mostly empty: an empty one
/// holds no memory to speak of, where std::deque holds half a KiB from its
/// construction on. Adding and removing take constant time on average.
template <class T>
class compact_queue {
public:
  compact_queue() = default;

  compact_queue(compact_queue&& other) noexcept
    : items_(std::exchange(other.items_, {})),
      head_(std::exchange(other.head_, 0)) {
    // nop
  }

  compact_queue& operator=(compact_queue&& other) noexcept {
    items_ = std::exchange(other.items_, {});
    head_ = std::exchange(other.head_, 0);
    return *this;
  }

  bool empty() const noexcept {
    return head_ == items_.size();
  }

  size_t size() const noexcept {
    return items_.size() - head_;
  }

  /// @pre It is not empty; so for all below.
  T& front() {
    return items_[head_];
  }

  const T& front() const {
    return items_[head_];
  }

  void push_back(T item) {
    items_.push_back(std::move(item));
  }

  void pop_front() {
    items_[head_] = T{};
    ++head_;
    if (empty())
      clear();
    else if (head_ * 2 >= items_.size())
      drop_removed();
  }

private:
  /// What an empty queue may keep, so that one that is used now and then does
  /// not allocate each time.
  static constexpr size_t kept_bytes = 256;

  void clear() {
    items_.clear();
    head_ = 0;
    if (items_.capacity() * sizeof(T) > kept_bytes)
      items_ = {};
  }

  /// Moves no more items than were removed since the last time.
  void drop_removed() {
    items_.erase(items_.begin(),
                 items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }

  std::vector<T> items_;
  size_t head_ = 0;
};

} // namespace agora
