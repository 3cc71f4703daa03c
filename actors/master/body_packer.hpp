// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace agora {

/// What one body should hold: large enough to spread its costs, small enough
/// for the peer's window to move.
inline constexpr size_t packed_body_bytes = size_t{2} << 20;

/// Packs messages, in order, into as few bodies as fit packed_body_bytes; one
/// that is larger alone travels alone.
/// @param slot Gives the repeated field of a body.
template <class Body, class Message, class Slot>
std::vector<std::string> pack_bodies(std::vector<Message> messages, Slot slot) {
  std::vector<std::string> bodies;
  Body body;
  size_t bytes = 0;
  auto seal = [&] {
    if (bytes == 0)
      return;
    bodies.push_back(body.SerializeAsString());
    body.Clear();
    bytes = 0;
  };
  for (auto& message : messages) {
    // The tag and the length come on top.
    auto size = message.ByteSizeLong() + 8;
    if (bytes + size > packed_body_bytes)
      seal();
    *slot(body)->Add() = std::move(message);
    bytes += size;
  }
  seal();
  return bodies;
}

} // namespace agora
