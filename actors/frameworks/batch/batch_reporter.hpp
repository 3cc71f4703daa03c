// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/frameworks/batch/job_table.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace agora {

/// "[=====>    ] 12/40 done  4 running  1 failed  about 35 s left", cut to
/// `columns`.
std::string progress_line(const job_table::counts& counts,
                          std::chrono::milliseconds elapsed, size_t columns);

/// "3.2 s", "4 min 10 s", "2 h 5 min".
std::string duration_text(std::chrono::milliseconds time);

/// How the batch went, as one JSON object with a list of its jobs.
std::string summary_json(const job_table& table, const std::string& framework);

/// Prints a batch's progress on stderr: a bar that is drawn over and over on a
/// terminal, lines otherwise. Not more than its own process has one of these.
class batch_reporter {
public:
  /// @param quiet Prints failures only.
  explicit batch_reporter(bool quiet);

  ~batch_reporter();

  batch_reporter(const batch_reporter&) = delete;
  batch_reporter& operator=(const batch_reporter&) = delete;

  /// A line that stays. `always` prints it even if the reporter is quiet.
  void line(const std::string& text, bool always = false);

  /// What a job wrote, for stdout and stderr.
  void output(const std::string& out, const std::string& err);

  /// Draws the bar, if there is one.
  void progress(const job_table::counts& counts,
                std::chrono::milliseconds elapsed);

private:
  void clear_bar();

  bool quiet_;
  bool terminal_;
  bool bar_shown_ = false;
};

} // namespace agora
