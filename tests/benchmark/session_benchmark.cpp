// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// One body on its way: the sender's rules, the frame as bytes, the receiver's
// rules. Without the network, and without what is in the body.
#include "actors/session/session_machine.hpp"

#include <benchmark/benchmark.h>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;

const session_machine::time_point start{1h};

session_frame through_bytes(const session_frame& frame) {
  std::vector<char> bytes;
  caf::binary_serializer out{nullptr, bytes};
  benchmark::DoNotOptimize(out(frame));
  session_frame copy;
  caf::binary_deserializer in{nullptr, bytes};
  benchmark::DoNotOptimize(in(copy));
  return copy;
}

void deliver(session_machine& from, session_machine& to) {
  for (auto& frame : from.take_frames())
    if (*to.receive(through_bytes(frame), start))
      to.consumed(start);
}

// The arguments: bytes of a body, and how many go before the other side gets
// a turn to acknowledge.
void body_across(benchmark::State& state) {
  session_machine left{1, {}, {1, 1}, start};
  session_machine right{1, {}, {}, start};
  const std::string body(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    for (int64_t i = 0; i < state.range(1); ++i)
      benchmark::DoNotOptimize(left.send(body, start));
    deliver(left, right);
    deliver(right, left);
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
  state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(body_across)
  ->ArgNames({"bytes", "together"})
  ->Args({200, 1})
  ->Args({200, 64})
  ->Args({20'000, 1})
  ->Args({1'000'000, 1});

} // namespace
} // namespace agora
