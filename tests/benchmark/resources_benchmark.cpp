// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// What the master and the allocator do with every task: sums of amounts.
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"

#include <benchmark/benchmark.h>

namespace agora {
namespace {

resources amount(const char* text) {
  return *parse_resources(text);
}

void scalars_add_and_subtract(benchmark::State& state) {
  auto total = amount("cpus:32;mem:65536;disk:100000");
  auto task = amount("cpus:1;mem:128");
  for (auto _ : state) {
    benchmark::DoNotOptimize(total.subtract(task));
    benchmark::DoNotOptimize(total.add(task));
  }
}
BENCHMARK(scalars_add_and_subtract);

void scalars_contain(benchmark::State& state) {
  auto total = amount("cpus:32;mem:65536;disk:100000");
  auto task = amount("cpus:1;mem:128");
  for (auto _ : state)
    benchmark::DoNotOptimize(total.contains(task));
}
BENCHMARK(scalars_contain);

// The argument is how many holes other tasks have left in the ports.
void ports_add_and_subtract(benchmark::State& state) {
  auto total = amount("cpus:32;mem:65536;ports:[31000-32000]");
  for (int64_t i = 0; i < state.range(0); ++i) {
    auto port = std::to_string(31'000 + i * 10);
    total -= amount(("ports:[" + port + "-" + port + "]").c_str());
  }
  auto task = amount("cpus:1;mem:128;ports:[31995-31996]");
  for (auto _ : state) {
    benchmark::DoNotOptimize(total.subtract(task));
    benchmark::DoNotOptimize(total.add(task));
  }
}
BENCHMARK(ports_add_and_subtract)->Arg(0)->Arg(10)->Arg(90);

void read_from_wire(benchmark::State& state) {
  auto wire = resources_to_wire(amount("cpus:1;mem:128;ports:[31995-31996]"));
  for (auto _ : state)
    benchmark::DoNotOptimize(resources_from_wire(wire));
}
BENCHMARK(read_from_wire);

void write_to_wire(benchmark::State& state) {
  auto task = amount("cpus:1;mem:128;ports:[31995-31996]");
  for (auto _ : state)
    benchmark::DoNotOptimize(resources_to_wire(task));
}
BENCHMARK(write_to_wire);

} // namespace
} // namespace agora
