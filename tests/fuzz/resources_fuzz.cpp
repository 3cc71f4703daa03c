// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Resource and attribute strings, and what they become on the wire: what was
// read is the same after a round trip, and its algebra holds.
#include "runtime/base/check.hpp"
#include "runtime/resources/attributes.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace agora {
namespace {

void check_amount(const resources& amount) {
  auto from_text = parse_resources(to_string(amount));
  AGORA_CHECK(from_text && *from_text == amount);
  auto from_wire = resources_from_wire(resources_to_wire(amount));
  AGORA_CHECK(from_wire && *from_wire == amount);
  AGORA_CHECK(amount.contains(amount));
  auto nothing = amount;
  AGORA_CHECK(!nothing.subtract(amount) && nothing.empty());
  AGORA_CHECK(amount.intersected(amount) == amount);
  // Too much of something is refused, and changes nothing.
  auto twice = amount;
  if (twice.add(amount))
    AGORA_CHECK(twice == amount);
  else
    AGORA_CHECK(twice.contains(amount));
}

} // namespace
} // namespace agora

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace agora;
  auto text = fuzz::text_of(data, size);
  if (auto amount = parse_resources(text))
    check_amount(*amount);
  if (auto setting = parse_resources_setting(text))
    check_amount(setting->value);
  if (auto attributes = parse_attributes(text)) {
    AGORA_CHECK(!check_attributes(*attributes));
    AGORA_CHECK(parse_attributes(to_string(*attributes)).engaged());
  }
  google::protobuf::RepeatedPtrField<v1::Resource> wire;
  for (auto rest = text; !rest.empty() && wire.size() < 10;)
    if (!wire.Add()->ParseFromString(std::string{fuzz::take_part(rest)}))
      wire.RemoveLast();
  if (auto amount = resources_from_wire(wire))
    check_amount(*amount);
  return 0;
}
