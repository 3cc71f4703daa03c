// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/line_pipe.hpp"

#include "runtime/json/json_codec.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace agora::load {

status write_line(int fd, const google::protobuf::Message& message) {
  auto text = to_json(message) + "\n";
  std::string_view rest{text};
  while (!rest.empty()) {
    auto written = ::write(fd, rest.data(), rest.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return fail(errc::io_failed, std::string{"cannot write to a pipe: "}
                                     + std::strerror(errno));
    rest.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

result<bool> line_reader::fill() {
  std::array<char, 65536> chunk{};
  auto count = ::read(fd_, chunk.data(), chunk.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN))
    return true;
  if (count < 0)
    return fail(errc::io_failed, std::string{"cannot read from a pipe: "}
                                   + std::strerror(errno));
  bytes_.append(chunk.data(), static_cast<size_t>(count));
  if (bytes_.size() > line_bytes_limit)
    return fail(errc::too_large, "a line of the load's is too long");
  return count != 0;
}

std::optional<std::string> line_reader::next() {
  auto end = bytes_.find('\n');
  if (end == std::string::npos)
    return std::nullopt;
  auto line = bytes_.substr(0, end);
  bytes_.erase(0, end + 1);
  return line;
}

} // namespace agora::load
