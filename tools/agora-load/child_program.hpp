// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/process/unique_fd.hpp"
#include "tools/agora-load/line_pipe.hpp"

#include "agora/load/load.pb.h"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agora::load {

/// A process that this one has started; killed with this object.
class child_program {
public:
  /// @param program A path. @param log_file Gets its output.
  /// Fails: as spawn_child.
  static result<child_program> start(std::string name,
                                     const std::string& program,
                                     const std::vector<std::string>& arguments,
                                     const std::string& log_file);

  child_program(child_program&& other) noexcept;
  child_program& operator=(child_program&& other) noexcept;
  ~child_program();

  pid_t pid() const noexcept {
    return pid_;
  }

  /// Kills it at once, and waits until it is gone.
  void kill();

  /// How it ended, with the last line that it logged, if it has.
  std::optional<std::string> end();

private:
  friend class load_worker;

  child_program(std::string name, std::string log_file, pid_t pid);

  std::string name_;
  std::string log_file_;
  pid_t pid_ = -1;
};

/// A process of the load's own, `agora-load emulate`, that takes orders.
class load_worker {
public:
  /// Fails: as spawn_child, errc::io_failed.
  static result<load_worker> start(std::string name,
                                   const std::vector<std::string>& arguments,
                                   const std::string& log_file);

  /// Sends an order, whose number is filled in. Fails: errc::io_failed.
  status send(Order order);

  /// Whether it has not answered every order yet.
  bool busy() const noexcept {
    return answered_ != sent_;
  }

  /// Reads what it has reported; call it when poll(2) says that descriptor()
  /// can be read. Fails with what the worker says went wrong, or with how it
  /// ended.
  status receive();

  /// To poll.
  int descriptor() const noexcept {
    return reports_.get();
  }

  const Report& report() const noexcept {
    return report_;
  }

  pid_t pid() const noexcept {
    return process_.pid();
  }

private:
  load_worker(child_program process, unique_fd orders, unique_fd reports);

  child_program process_;
  unique_fd orders_;
  unique_fd reports_;
  line_reader lines_;
  Report report_;
  uint64_t sent_ = 0;
  uint64_t answered_ = 0;
};

} // namespace agora::load
