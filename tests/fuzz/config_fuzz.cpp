// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Configuration files, and the values in them: whatever is read can be
// written, and means the same when it is read again.
#include "runtime/base/check.hpp"
#include "runtime/node/config_file.hpp"
#include "runtime/node/setting_values.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace agora {
namespace {

template <class T>
void read_write_read(std::string_view text) {
  using codec = setting_codec<T>;
  auto value = codec::parse(text);
  if (!value)
    return;
  auto written = codec::render(*value);
  auto again = codec::parse(written);
  AGORA_CHECK(again.engaged());
  AGORA_CHECK(codec::render(*again) == written);
}

void read_values(std::string_view text) {
  read_write_read<bool>(text);
  read_write_read<uint16_t>(text);
  read_write_read<int64_t>(text);
  read_write_read<double>(text);
  read_write_read<std::chrono::nanoseconds>(text);
  read_write_read<std::chrono::seconds>(text);
  read_write_read<byte_size>(text);
  read_write_read<node_address>(text);
  read_write_read<listen_address>(text);
  read_write_read<std::vector<node_address>>(text);
}

} // namespace
} // namespace agora

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto text = agora::fuzz::text_of(data, size);
  agora::read_values(text);
  if (auto lines = agora::parse_config(text, "fuzz.conf"))
    for (auto& line : *lines) {
      AGORA_CHECK(line.line > 0 && !line.name.empty());
      agora::read_values(line.value);
    }
  return 0;
}
