// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/load_totals.hpp"

#include <gtest/gtest.h>

namespace agora::load {
namespace {

Report report_of(const load_totals& totals, bool with_latencies) {
  Report report;
  totals.fill(report, with_latencies);
  return report;
}

uint64_t latencies_in(const Report& report) {
  latency_histogram all;
  all.add(report.accept_to_running());
  return all.count();
}

TEST(load_totals, latencies_of_the_last_answer_stand_until_the_next) {
  load_totals totals;
  totals.running(std::chrono::milliseconds{5});
  Report last;
  take_newer(last, report_of(totals, true));
  totals.running(std::chrono::milliseconds{5});
  take_newer(last, report_of(totals, false));
  EXPECT_EQ(last.tasks_running(), 2u);
  EXPECT_EQ(latencies_in(last), 1u);
  take_newer(last, report_of(totals, true));
  EXPECT_EQ(latencies_in(last), 2u);
}

} // namespace
} // namespace agora::load
