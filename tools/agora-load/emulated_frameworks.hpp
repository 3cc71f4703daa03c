// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/address.hpp"
#include "tools/agora-load/load_totals.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace agora::load {

struct launch_share;

/// Frameworks in one process: each is the framework's driver over the real
/// messages, with a load scheduler. Plain C++ outside; they end with the
/// process.
class emulated_frameworks {
public:
  /// @param connections To the master: each is an actor system of its own.
  emulated_frameworks(std::vector<node_address> masters, uint32_t connections);
  ~emulated_frameworks();

  void start(uint32_t count, const std::string& name);

  /// Has the framework `index` launch more. @pre It was started.
  void launch(size_t index, launch_share what);

  /// Has all of them ask for offers, and note the first.
  void watch_offers();

  size_t size() const;

  load_totals& totals();

private:
  struct actors;

  std::unique_ptr<actors> actors_;
};

} // namespace agora::load
