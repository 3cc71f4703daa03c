// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace agora::load {

/// Tells people on standard error how far the load is: on a terminal in one
/// line that is written again, else a line now and then.
class progress_line {
public:
  progress_line();

  /// Ends the line.
  ~progress_line();

  /// What is going on; shown if enough time has passed.
  void show(const std::string& text);

  /// Says `text` for good.
  void say(const std::string& text);

private:
  using clock = std::chrono::steady_clock;

  bool terminal_;
  bool open_ = false;
  clock::time_point shown_at_;
};

} // namespace agora::load
