// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/messaging/address.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace agora {

/// What is counted if nobody says what: the license texts that Debian
/// installs, and so has on every machine.
inline constexpr const char* default_texts = "/usr/share/common-licenses";

struct word_count_options {
  std::vector<node_address> masters{{"127.0.0.1", 7050}};

  /// Files and folders, see find_files(). Agents must see the same files under
  /// the same names.
  std::vector<std::string> paths{default_texts};

  /// Files that one task counts; at least 1.
  size_t files_per_task = 2;

  /// The program of the custom executor, as agents see it; absolute.
  std::string executor;
};

/// Where agora-word-count-executor lies if it was installed beside this
/// program.
std::string executor_beside_this_program();

/// Counts words as a framework in this process, and prints "count word" lines,
/// in the order of bytes of the words, on stdout.
/// @returns 0 if the count is complete, 1 otherwise.
int run_word_count(word_count_options options);

/// Runs the custom executor in this process, which an agent has started.
/// @returns as run_executor.
int run_word_count_executor();

} // namespace agora
