// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/shim_record.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

namespace agora {
namespace {

constexpr auto first = "agora-shim 1 3f2a-boot 17 4711\n";

shim_record parse(const std::string& text) {
  auto record = parse_shim_record(text);
  if (record)
    return *record;
  ADD_FAILURE() << describe(record.error());
  return {};
}

TEST(ShimRecordTest, EachStageIsRead) {
  EXPECT_FALSE(parse("").shim);
  auto record = parse(first);
  EXPECT_EQ(record.shim, (process_identity{"3f2a-boot", 17, 4711}));
  EXPECT_FALSE(record.task);
  auto with_task = first + std::string{"task 18 4712\n"};
  record = parse(with_task);
  EXPECT_EQ(record.task, (process_identity{"3f2a-boot", 18, 4712}));
  EXPECT_FALSE(record.ended);
  EXPECT_EQ(parse(with_task + "exited 255\n").ended,
            exit_status::make_exited(255));
  EXPECT_EQ(parse(with_task + "signaled 9 0\n").ended,
            exit_status::make_signaled(SIGKILL));
  EXPECT_EQ(parse(with_task + "signaled 11 1\n").ended,
            exit_status::make_signaled(SIGSEGV, true));
  record = parse(first + std::string{"failed execute 2\n"});
  ASSERT_TRUE(record.failed);
  EXPECT_EQ(record.failed->step, shim::start_step::execute);
  EXPECT_EQ(record.failed->error_number, 2);
  EXPECT_TRUE(parse("failed create-record 17\n").failed);
  EXPECT_TRUE(parse("abandoned\n").abandoned);
}

TEST(ShimRecordTest, LineCountsOnlyWithItsNewline) {
  auto whole = first + std::string{"task 18 4712\nexited 25\n"};
  auto first_end = std::string{first}.size();
  auto second_end = whole.find("exited");
  for (size_t size = 0; size < whole.size(); ++size) {
    auto record = parse(whole.substr(0, size));
    EXPECT_EQ(record.shim.has_value(), size >= first_end) << size;
    EXPECT_EQ(record.task.has_value(), size >= second_end) << size;
    EXPECT_FALSE(record.ended) << size;
  }
}

TEST(ShimRecordTest, AnythingElseIsRefused) {
  auto with_task = first + std::string{"task 18 4712\n"};
  for (auto& text : {std::string{"\n"},
                     std::string{"nonsense\n"},
                     std::string{"agora-shim 2 boot 17 4711\n"},
                     std::string{"agora-shim 1  17 4711\n"},
                     std::string{"agora-shim 1 boot 0 4711\n"},
                     std::string{"agora-shim 1 boot 99999999 1\n"},
                     std::string{"agora-shim 1 boot 17 4711 1\n"},
                     std::string{"task 18 4712\n"},
                     first + std::string{first},
                     first + std::string{"exited 0\n"},
                     first + std::string{"failed dance 2\n"},
                     first + std::string{"failed execute 2\ntask 18 1\n"},
                     first + std::string{"abandoned\n"},
                     with_task + "task 19 4712\n",
                     with_task + "exited 256\n",
                     with_task + "exited -1\n",
                     with_task + "exited\n",
                     with_task + "signaled 9 2\n",
                     with_task + "exited 0\nexited 0\n",
                     with_task + "failed execute 2\n"}) {
    auto record = parse_shim_record(text);
    EXPECT_FALSE(record) << text;
  }
}

TEST(ShimRecordTest, FileIsReadOrItsTroubleNamed) {
  scratch_directory scratch;
  std::filesystem::path path = scratch.file("k.state");
  EXPECT_EQ(shim_record_path(scratch.path(), "k"), path);
  EXPECT_EQ(code_of(read_shim_record(path).error()), errc::not_found);
  std::ofstream{path} << first;
  ASSERT_TRUE(read_shim_record(path));
  std::ofstream{path} << "nonsense\n";
  EXPECT_EQ(code_of(read_shim_record(path).error()), errc::store_corrupt);
  std::ofstream{path} << std::string(shim::max_record_bytes + 1, '\n');
  EXPECT_EQ(code_of(read_shim_record(path).error()), errc::too_large);
}

TEST(ShimRecordTest, RecordIsAbandonedOnlyIfThereIsNone) {
  scratch_directory scratch;
  std::filesystem::path path = scratch.file("new/run/k.state");
  EXPECT_FALSE(abandon_shim_record(path));
  auto record = read_shim_record(path);
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->abandoned);
  EXPECT_EQ(abandon_shim_record(path), errc::already_exists);
  std::ofstream{scratch.file("file")} << "in the way";
  EXPECT_EQ(abandon_shim_record(scratch.file("file") + "/k.state"),
            errc::io_failed);
}

TEST(ShimRecordTest, StepsHaveNamesForPeople) {
  EXPECT_EQ(to_string(shim::start_step::enter_sandbox), "enter sandbox");
  EXPECT_EQ(std::size(shim::step_names),
            static_cast<size_t>(shim::start_step::execute) + 1);
}

} // namespace
} // namespace agora
