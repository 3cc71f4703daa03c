// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"
#include "tools/agora-load/child_program.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace agora::load {

/// The masters of a run's own cluster, each a process that may be killed and
/// started again on its port and data.
class own_masters {
public:
  /// Chooses their ports. Fails: errc::io_failed.
  static result<own_masters> choose(std::filesystem::path directory,
                                    uint32_t count, uint64_t sessions);

  /// Where they listen, in their order.
  const std::vector<node_address>& addresses() const noexcept {
    return addresses_;
  }

  size_t size() const noexcept {
    return addresses_.size();
  }

  /// Starts one that does not run. Fails: as spawn_child.
  status start(size_t which);

  /// Whether it has said that it listens, since it was started.
  bool listens(size_t which) const;

  /// Ends it at once with SIGKILL.
  void kill(size_t which);

  /// How one of them has ended by itself, if one has.
  std::optional<std::string> end();

  /// @pre It runs.
  pid_t pid(size_t which) const;

private:
  own_masters(std::filesystem::path directory, uint64_t sessions,
              std::vector<node_address> addresses);

  std::string name_of(size_t which) const;
  std::string log_of(size_t which) const;

  std::filesystem::path directory_;
  uint64_t sessions_;
  std::vector<node_address> addresses_;
  std::vector<std::optional<child_program>> programs_;
};

/// The program of that name in this program's directory.
std::string beside_this_program(const std::string& name);

} // namespace agora::load
