// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/batch_reporter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

job_table::counts counts(size_t total, size_t running, size_t done,
                         size_t failed) {
  return {.total = total,
          .waiting = 0,
          .running = running,
          .active = running,
          .done = done,
          .failed = failed};
}

TEST(ProgressLine, ShowsCountsAndWhatIsLeft) {
  auto line = progress_line(counts(40, 4, 9, 1), 10s, 200);
  EXPECT_THAT(line, HasSubstr("[======>"));
  EXPECT_THAT(line, HasSubstr("9/40 done  4 running  1 failed"));
  EXPECT_THAT(line, HasSubstr("about 30.0 s left"));
}

TEST(ProgressLine, SaysNothingThatIsNotKnown) {
  auto line = progress_line(counts(40, 0, 0, 0), 10s, 200);
  EXPECT_THAT(line, Not(HasSubstr("left")));
  EXPECT_THAT(line, Not(HasSubstr("failed")));
  EXPECT_THAT(progress_line(counts(4, 0, 4, 0), 10s, 200),
              HasSubstr("[========================]"));
  EXPECT_THAT(progress_line(counts(0, 0, 0, 0), 0s, 200), HasSubstr("0/0"));
}

TEST(ProgressLine, FitsTheTerminal) {
  EXPECT_EQ(progress_line(counts(40, 4, 9, 1), 10s, 20).size(), 20u);
}

TEST(DurationText, IsForPeople) {
  EXPECT_EQ(duration_text(0ms), "0.0 s");
  EXPECT_EQ(duration_text(3249ms), "3.2 s");
  EXPECT_EQ(duration_text(250s), "4 min 10 s");
  EXPECT_EQ(duration_text(125min), "2 h 5 min");
}

TEST(SummaryJson, EscapesWhatItMust) {
  job what;
  what.name = "j1";
  what.command = "echo \"a\"\xff";
  job_table table{{what}};
  table.give_up("because", {});
  auto json = summary_json(table, "f1");
  EXPECT_THAT(json, HasSubstr(R"("framework_id":"f1")"));
  EXPECT_THAT(json, HasSubstr(R"(echo \"a\")"));
  EXPECT_THAT(json, HasSubstr(R"("result":"failed")"));
}

} // namespace
} // namespace agora
