// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/log_setup.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace agora {

status set_up_log(const log_output& settings) {
  auto level = spdlog::level::from_str(settings.level);
  // from_str answers "off" to what it does not know.
  if (level == spdlog::level::off)
    return fail(errc::invalid_config,
                "log-level: \"" + settings.level
                  + "\" is not one of error, warn, info, debug");
  spdlog::sink_ptr sink;
  if (settings.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file);
    } catch (const spdlog::spdlog_ex& err) {
      return fail(errc::io_failed, std::string{"log-file: "} + err.what());
    }
  }
  auto logger = std::make_shared<spdlog::logger>("agora", std::move(sink));
  logger->set_level(level);
  // A process that is killed must not take its last lines with it.
  logger->flush_on(spdlog::level::info);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                      spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

} // namespace agora
