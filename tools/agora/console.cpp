// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/console.hpp"

#include "runtime/base/wall_clock.hpp"
#include "runtime/json/json_codec.hpp"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace agora {

namespace {

bool wants_colour(const std::string& setting) {
  if (setting != "auto")
    return setting == "always";
  const auto* no_color = std::getenv("NO_COLOR");
  const auto* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1
         && (no_color == nullptr || *no_color == '\0')
         && (terminal == nullptr || std::string{terminal} != "dumb");
}

} // namespace

view_style style_of(const tool_settings& settings) {
  return {wants_colour(settings.color),
          to_nanoseconds(std::chrono::system_clock::now())};
}

tool_exit print_json(const google::protobuf::Message& answer) {
  return print_text(to_json_answer(answer) + "\n");
}

tool_exit print_text(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()
      || std::fflush(stdout) != 0)
    return report(fail(errc::io_failed, "cannot write to standard output"));
  return tool_exit::ok;
}

tool_exit report(const status& why) {
  std::fprintf(stderr, "agora: %s\n", text_of(why).c_str());
  switch (code_of(why)) {
    case errc::unreachable:
      return tool_exit::unreachable;
    case errc::not_found:
      return tool_exit::not_found;
    case errc::invalid_config:
      return tool_exit::usage;
    default:
      return tool_exit::failed;
  }
}

} // namespace agora
