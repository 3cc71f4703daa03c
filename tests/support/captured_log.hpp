// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cstddef>
#include <memory>
#include <sstream>
#include <string>

namespace agora::test {

/// What is logged while it lives, instead of where it goes otherwise: for tests
/// of how often something is said. Lines are "[warning] text".
class captured_log {
public:
  captured_log() : before_(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    auto logger = std::make_shared<spdlog::logger>("captured", std::move(sink));
    logger->set_pattern("[%l] %v");
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
  }

  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;

  ~captured_log() {
    spdlog::set_default_logger(before_);
  }

  /// How often `what` stands in it.
  size_t count(const std::string& what) const {
    auto text = text_.str();
    size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos;
         at = text.find(what, at + what.size()))
      ++found;
    return found;
  }

private:
  std::shared_ptr<spdlog::logger> before_;
  std::ostringstream text_;
};

} // namespace agora::test
