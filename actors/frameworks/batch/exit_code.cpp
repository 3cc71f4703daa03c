// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/exit_code.hpp"

#include <charconv>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace agora {

namespace {

constexpr int first_after_signal = 128;

/// What follows the last `mark` in `text`, up to the next space or the like.
std::optional<std::string_view> word_after(std::string_view text,
                                           std::string_view mark) {
  auto at = text.rfind(mark);
  if (at == std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(at + mark.size());
  return text.substr(0, text.find_first_of(" \t\n.,;:()"));
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  auto end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || value < 0 || value > 255)
    return std::nullopt;
  return value;
}

std::optional<int> signal_number(std::string_view name) {
  if (auto value = number(name))
    return value;
  if (name.starts_with("SIG"))
    name.remove_prefix(3);
  for (int signal = 1; signal < NSIG; ++signal)
    if (auto known = sigabbrev_np(signal); known != nullptr && name == known)
      return signal;
  return std::nullopt;
}

} // namespace

int exit_code_of(const v1::TaskStatus& end) {
  if (end.state() == v1::TASK_FINISHED)
    return 0;
  auto& message = end.message();
  if (auto word = word_after(message, "with status "))
    if (auto code = number(*word); code && *code != 0)
      return *code;
  if (auto word = word_after(message, "signal "))
    if (auto signal = signal_number(*word))
      return first_after_signal + *signal;
  if (end.has_reason()
      && end.reason() == v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED)
    return exit_not_run;
  switch (end.state()) {
    case v1::TASK_FAILED:
      return 1;
    case v1::TASK_KILLED:
      return first_after_signal + SIGTERM;
    case v1::TASK_ERROR:
    case v1::TASK_DROPPED:
      return exit_not_run;
    default:
      return exit_lost;
  }
}

} // namespace agora
