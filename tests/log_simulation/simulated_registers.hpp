// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace agora::log_simulation {

constexpr size_t registers = 3;
constexpr size_t clients = 4;

/// What a client asks for. A retry has the same client and number.
struct command {
  uint32_t client = 0;
  uint64_t number = 0;
  uint32_t which = 0;
  /// Write only if the register holds this.
  std::optional<uint64_t> expected;
  uint64_t value = 0;

  std::string encode() const;
  static command decode(const std::string& payload);
};

/// The state machine of the log: registers, and of each client the last command
/// with its result, so that a retry is applied once.
class simulated_registers {
public:
  struct outcome {
    /// False for a retry of what was applied before.
    bool effective = false;
    /// Whether the register was written.
    bool written = false;
  };

  outcome apply(const command& what);

  uint64_t value(uint32_t which) const {
    return values_[which];
  }

  /// Of everything that it has taken in.
  uint64_t digest() const noexcept {
    return digest_;
  }

private:
  struct last_of_client {
    uint64_t number = 0;
    bool written = false;
  };

  std::array<uint64_t, registers> values_{};
  std::array<last_of_client, clients> last_{};
  uint64_t digest_ = 0;
};

/// A number that depends on all of `text` and on `before`.
uint64_t mix(uint64_t before, const std::string& text);

} // namespace agora::log_simulation
