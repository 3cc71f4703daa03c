// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agora/v1/resources.pb.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

// Values as people read them.

namespace agora {

/// "12s", "3m 5s", "2h 10m", "4d 3h": the two largest units; "0s" for a
/// negative one, which clocks that differ can cause.
std::string human_duration(std::chrono::nanoseconds value);

/// How long ago, at `now_ns`, `then_ns` was; both in nanoseconds since the Unix
/// epoch. "-" if `then_ns` is zero: unknown.
std::string human_age(int64_t then_ns, int64_t now_ns);

/// "2026-11-22 13:04:05Z", or "-" for zero.
std::string human_time(int64_t ns);

/// MiB, as resources count memory and disk: "512 MiB", "1.5 GiB".
std::string human_mib(double mib);

/// "0.5", "2", "1,500" never: at most three decimals, no zeros at the end.
std::string human_number(double value);

using resource_list = google::protobuf::RepeatedPtrField<v1::Resource>;

/// The sum of the scalars of that name; 0 if there is none.
double scalar_of(const resource_list& list, std::string_view name);

/// "cpus 0.5, mem 64 MiB, ports 31000-31003".
std::string human_resources(const resource_list& list);

} // namespace agora
