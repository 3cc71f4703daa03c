// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace agora {

/// A name of one kind of thing. Two kinds never mix by accident; the text
/// itself is opaque.
template <class Tag>
class strong_id {
public:
  strong_id() = default;

  explicit strong_id(std::string text) : text_(std::move(text)) {
    // nop
  }

  const std::string& text() const noexcept {
    return text_;
  }

  bool empty() const noexcept {
    return text_.empty();
  }

  friend auto operator<=>(const strong_id&, const strong_id&) = default;

private:
  std::string text_;
};

using agent_id = strong_id<struct agent_id_tag>;
using framework_id = strong_id<struct framework_id_tag>;
using task_id = strong_id<struct task_id_tag>;
using executor_id = strong_id<struct executor_id_tag>;
using offer_id = strong_id<struct offer_id_tag>;

/// Task ids are unique within their framework only.
struct task_key {
  framework_id framework;
  task_id task;

  friend auto operator<=>(const task_key&, const task_key&) = default;
};

/// Executor ids are unique within their framework and agent only.
struct executor_key {
  framework_id framework;
  executor_id executor;

  friend auto operator<=>(const executor_key&, const executor_key&) = default;
};

/// The strong id of a wire id such as v1::TaskID.
template <class Id, class WireId>
Id id_of(const WireId& wire) {
  return Id{wire.value()};
}

/// Copies the name, and nothing that a peer may have put beside it: what goes
/// into the log has the size that was checked.
template <class WireId>
void copy_id(WireId* to, const WireId& from) {
  to->set_value(from.value());
}

/// For logs and messages: "framework/task".
inline std::string to_string(const task_key& key) {
  return key.framework.text() + "/" + key.task.text();
}

} // namespace agora

template <class Tag>
struct std::hash<agora::strong_id<Tag>> {
  size_t operator()(const agora::strong_id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.text());
  }
};

template <>
struct std::hash<agora::task_key> {
  size_t operator()(const agora::task_key& key) const noexcept {
    auto seed = std::hash<std::string>{}(key.framework.text());
    return seed * 31 + std::hash<std::string>{}(key.task.text());
  }
};

template <>
struct std::hash<agora::executor_key> {
  size_t operator()(const agora::executor_key& key) const noexcept {
    auto seed = std::hash<std::string>{}(key.framework.text());
    return seed * 31 + std::hash<std::string>{}(key.executor.text());
  }
};
