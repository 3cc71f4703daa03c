// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// What a peer's connection may carry: frames as CAF reads them, into the rules
// of a session, which either takes them or ends; and bodies of every kind.
#include "actors/session/session_machine.hpp"
#include "runtime/base/check.hpp"
#include "runtime/validation/required_fields.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include "agora/session/agent.pb.h"
#include "agora/session/executor.pb.h"
#include "agora/session/scheduler.pb.h"
#include "agora/session/tool.pb.h"

#include <caf/binary_deserializer.hpp>

namespace agora {
namespace {

using namespace std::chrono_literals;

template <class Body>
void read_body(const std::string& bytes) {
  Body body;
  if (body.ParseFromString(bytes) && !check_required(body, "body"))
    AGORA_CHECK(body.IsInitialized());
}

void read_bodies(const std::string& bytes) {
  read_body<session::AgentToMaster>(bytes);
  read_body<session::MasterToAgent>(bytes);
  read_body<session::SchedulerToMaster>(bytes);
  read_body<session::MasterToScheduler>(bytes);
  read_body<session::ExecutorToAgent>(bytes);
  read_body<session::AgentToExecutor>(bytes);
  read_body<session::ToolRequests>(bytes);
  read_body<session::ToolResponses>(bytes);
}

session_limits small_limits() {
  session_limits limits;
  limits.window_messages = 4;
  limits.window_bytes = 1'000;
  limits.queue_messages = 8;
  limits.queue_bytes = 2'000;
  limits.body_bytes = 500;
  return limits;
}

} // namespace
} // namespace agora

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace agora;
  auto input = fuzz::text_of(data, size);
  // First, as a session that ends ends the rest.
  read_bodies(std::string{input});
  session_machine::time_point now{1h};
  const auto limits = small_limits();
  session_machine machine{1, limits, {1, 1}, now};
  size_t unconsumed = 0;
  while (!input.empty()) {
    switch (fuzz::take_choice(input, 4)) {
      case 0: {
        auto part = fuzz::take_part(input);
        session_frame frame;
        caf::binary_deserializer source{nullptr, part.data(), part.size()};
        if (source(frame))
          break; // CAF drops what it cannot read.
        auto body = machine.receive(std::move(frame), now);
        if (!body)
          return 0; // The session ends.
        if (*body) {
          AGORA_CHECK(++unconsumed <= limits.window_messages);
          AGORA_CHECK((*body)->size() <= limits.body_bytes);
          read_bodies(**body);
        }
        break;
      }
      case 1:
        if (unconsumed > 0) {
          --unconsumed;
          machine.consumed(now);
        }
        break;
      case 2:
        if (machine.send(std::string{fuzz::take_part(input)}, now))
          return 0;
        break;
      default:
        now += std::chrono::seconds{fuzz::take_choice(input, 100)};
        if (machine.tick(now))
          return 0;
        AGORA_CHECK(machine.next_tick() > now);
    }
    machine.take_frames();
  }
  return 0;
}
