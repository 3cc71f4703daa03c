// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"
#include "tools/agora/views.hpp"

#include <google/protobuf/message.h>

#include <chrono>
#include <string>
#include <vector>

namespace agora {

/// Exit codes of the admin tool, for scripts. `agora run` exits with its
/// command's own.
enum class tool_exit : int {
  ok = 0,
  /// The cluster refused, or something failed.
  failed = 1,
  /// The command line or a setting is wrong.
  usage = 2,
  /// No master answers.
  unreachable = 3,
  /// No such task, framework or agent.
  not_found = 4,
};

/// The settings of all commands.
struct tool_settings {
  std::vector<node_address> masters{{"127.0.0.1", 7050}};
  /// table or json.
  std::string output = "table";
  /// auto, always or never.
  std::string color = "auto";
  std::chrono::milliseconds timeout{10'000};

  bool json() const {
    return output == "json";
  }
};

/// How to show things now: in colour on a terminal unless NO_COLOR is set (see
/// no-color.org), with ages as of now.
view_style style_of(const tool_settings& settings);

/// Prints `answer` as JSON, for programs.
tool_exit print_json(const google::protobuf::Message& answer);

/// Prints text for people.
tool_exit print_text(const std::string& text);

/// Prints "agora: ..." on standard error; returns the exit code for `why`.
tool_exit report(const status& why);

} // namespace agora
