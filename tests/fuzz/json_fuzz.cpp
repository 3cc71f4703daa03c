// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON of clients: what was read and written again is stable.
#include "runtime/base/check.hpp"
#include "runtime/json/json_codec.hpp"
#include "runtime/validation/required_fields.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include "agora/v1/scheduler/scheduler.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace agora;
  v1::scheduler::Call call;
  if (from_json(fuzz::text_of(data, size), call))
    return 0;
  auto missing = check_required(call, "call");
  auto written = to_json(call);
  v1::scheduler::Call again;
  AGORA_CHECK(!from_json(written, again));
  AGORA_CHECK(to_json(again) == written);
  AGORA_CHECK(!check_required(again, "call") == !missing);
  return 0;
}
