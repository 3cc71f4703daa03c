// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace agora {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view text,
                     const job_list_limits& limits = {}) {
  auto jobs = parse_jobs(text, {}, limits);
  return jobs ? "" : describe(jobs.error());
}

TEST(ParseJobs, OneCommandALine) {
  auto jobs
    = parse_jobs("# a comment\n\n  echo one  \r\n\techo \"# two\"\n", {});
  ASSERT_TRUE(jobs);
  ASSERT_EQ(jobs->size(), 2u);
  EXPECT_EQ(jobs->at(0).command, "echo one");
  EXPECT_EQ(jobs->at(0).name, "job-3");
  EXPECT_EQ(jobs->at(1).command, "echo \"# two\"");
  EXPECT_EQ(jobs->at(1).name, "job-4");
}

TEST(ParseJobs, DefaultsCount) {
  job defaults;
  defaults.size = {2000, 64'000};
  defaults.retries = 3;
  defaults.env = {{"A", "1"}};
  auto jobs = parse_jobs("true\n{\"command\":\"x\",\"cpus\":0.5,\"retries\":0,"
                         "\"env\":{\"B\":\"2\"}}",
                         defaults);
  ASSERT_TRUE(jobs);
  EXPECT_EQ(jobs->at(0).size, (job_size{2000, 64'000}));
  EXPECT_EQ(jobs->at(0).retries, 3u);
  EXPECT_EQ(jobs->at(1).size, (job_size{500, 64'000}));
  EXPECT_EQ(jobs->at(1).retries, 0u);
  EXPECT_EQ(jobs->at(1).env.size(), 2u);
}

TEST(ParseJobs, AnObjectALine) {
  auto jobs = parse_jobs(
    R"({"name":"big.one","command":"make","cpus":4,"mem":1024.5})", {});
  ASSERT_TRUE(jobs) << describe(jobs.error());
  EXPECT_EQ(jobs->at(0).name, "big.one");
  EXPECT_EQ(jobs->at(0).size, (job_size{4000, 1'024'500}));
}

TEST(ParseJobs, AShellGroupIsNoObject) {
  auto jobs = parse_jobs("{ echo a; echo b; }", {});
  ASSERT_TRUE(jobs);
  EXPECT_EQ(jobs->at(0).command, "{ echo a; echo b; }");
}

TEST(ParseJobs, NonsenseIsNamedWithItsLine) {
  EXPECT_THAT(error_of("true\n{\"command\":"), HasSubstr("line 2: not a JSON"));
  EXPECT_THAT(error_of("{}"), HasSubstr("line 1: there is no command"));
  EXPECT_THAT(error_of(R"({"comand":"x"})"),
              HasSubstr("\"comand\" is unknown"));
  EXPECT_THAT(error_of(R"({"command":7})"), HasSubstr("must be a string"));
  EXPECT_THAT(error_of(R"({"command":"x","cpus":"1"})"), HasSubstr("a number"));
  for (auto amount : {"0", "-1", "1e18", "0.0001"})
    EXPECT_THAT(
      error_of(R"({"command":"x","cpus":)" + std::string{amount} + "}"),
      HasSubstr("\"cpus\" must be from"))
      << amount;
  for (auto retries : {"-1", "0.5", "1e9", "\"3\""})
    EXPECT_THAT(
      error_of(R"({"command":"x","retries":)" + std::string{retries} + "}"),
      HasSubstr("\"retries\" must be a whole number"))
      << retries;
  EXPECT_THAT(error_of(R"({"command":"x","env":[]})"), HasSubstr("an object"));
  EXPECT_THAT(error_of(R"({"command":"x","env":{"A":1}})"), HasSubstr("env.A"));
  EXPECT_THAT(error_of(R"({"command":"x","env":{"A=B":"1"}})"),
              HasSubstr("variable's name"));
  EXPECT_THAT(error_of(R"({"command":"x","name":"../etc"})"),
              HasSubstr("cannot be a job's name"));
  EXPECT_THAT(error_of(R"({"command":"a\u0000b"})"), HasSubstr("zero byte"));
  EXPECT_THAT(error_of("true\necho \xff\n"), HasSubstr("line 2: "));
}

TEST(ParseJobs, NamesAreUnique) {
  EXPECT_THAT(error_of("{\"command\":\"x\",\"name\":\"job-2\"}\ntrue"),
              HasSubstr("line 2: there is another job \"job-2\""));
}

TEST(ParseJobs, EmptyListsAreRefused) {
  EXPECT_THAT(error_of(""), HasSubstr("no jobs"));
  EXPECT_THAT(error_of("\n# nothing\n"), HasSubstr("no jobs"));
}

TEST(ParseJobs, LimitsHold) {
  EXPECT_THAT(error_of("a\nb\nc", {.jobs = 2}), HasSubstr("more than 2 jobs"));
  EXPECT_THAT(error_of("a\n" + std::string(9, 'x'), {.line_bytes = 8}),
              HasSubstr("line 2 is longer than 8 bytes"));
}

TEST(ToMilli, RefusesWhatIsNoAmount) {
  for (auto amount : {0.0, -1.0, 1e18, std::numeric_limits<double>::infinity(),
                      std::numeric_limits<double>::quiet_NaN()})
    EXPECT_FALSE(to_milli(amount, "cpus")) << amount;
  EXPECT_EQ(to_milli(0.001, "cpus"), 1);
  EXPECT_EQ(to_milli(1e6, "cpus"), 1'000'000'000);
}

TEST(JobName, CanNameAFile) {
  for (auto good : {"a", "job-1", "A_b.c"})
    EXPECT_TRUE(is_job_name(good)) << good;
  for (auto bad : {"", ".", "..", ".a", "a/b", "a b", "\xc3\xa4"})
    EXPECT_FALSE(is_job_name(bad)) << bad;
  EXPECT_FALSE(is_job_name(std::string(101, 'a')));
}

} // namespace
} // namespace agora
