// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/file_cursor.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;

session::FileChunk chunk(int64_t offset, const std::string& data, int64_t size,
                         bool ended = false) {
  session::FileChunk result;
  result.set_offset(offset);
  result.set_data(data);
  result.set_size(size);
  result.set_ended(ended);
  return result;
}

file_request following(int64_t offset = 0) {
  file_request request;
  request.offset = offset;
  request.follow = true;
  return request;
}

int64_t next_offset(const file_cursor& cursor) {
  return cursor.next_request().read_file().offset();
}

TEST(FileCursor, ReadsToTheEnd) {
  file_cursor cursor{{}};
  auto step = cursor.received(chunk(0, "abc", 5));
  EXPECT_EQ(step.next, file_step::read);
  EXPECT_EQ(step.pause, 0ms);
  EXPECT_EQ(next_offset(cursor), 3);
  EXPECT_EQ(cursor.received(chunk(3, "de", 5)).next, file_step::finished);
}

TEST(FileCursor, AnEmptyFileHasAnEnd) {
  file_cursor cursor{{}};
  EXPECT_EQ(cursor.received(chunk(0, "", 0)).next, file_step::finished);
}

TEST(FileCursor, FollowsUntilTheTaskHasEnded) {
  file_cursor cursor{following()};
  auto step = cursor.received(chunk(0, "abc", 3));
  EXPECT_EQ(step.next, file_step::read);
  EXPECT_EQ(step.pause, 50ms);
  step = cursor.received(chunk(3, "", 3));
  EXPECT_EQ(step.pause, 100ms);
  step = cursor.received(chunk(3, "d", 4));
  EXPECT_EQ(step.pause, 50ms) << "it grows: look again soon";
  EXPECT_EQ(cursor.received(chunk(4, "", 4, true)).next, file_step::finished);
}

TEST(FileCursor, AnEndedTaskIsReadToTheEnd) {
  file_cursor cursor{following()};
  EXPECT_EQ(cursor.received(chunk(0, "a", 3, true)).next, file_step::read);
  EXPECT_EQ(cursor.received(chunk(1, "bc", 3, true)).next, file_step::finished);
}

TEST(FileCursor, BeginsNearTheEnd) {
  file_cursor cursor{following(-10)};
  EXPECT_EQ(next_offset(cursor), -10);
  cursor.received(chunk(90, "0123456789", 100));
  EXPECT_EQ(next_offset(cursor), 100);
}

TEST(FileCursor, AFileThatWasCutIsReadFromItsBegin) {
  file_cursor cursor{following()};
  cursor.received(chunk(0, "abc", 3));
  EXPECT_EQ(cursor.received(chunk(0, "", 0)).next, file_step::read);
  EXPECT_EQ(next_offset(cursor), 0);
}

TEST(FileCursor, FailuresThatMayPassAreTriedAgainUpToALimit) {
  auto request = following();
  request.failures_limit = 2;
  file_cursor cursor{request};
  auto lost = fail(errc::session_lost, "gone");
  EXPECT_EQ(cursor.failed(lost).next, file_step::read);
  EXPECT_EQ(cursor.failed(fail(errc::not_found, "no")).next, file_step::read);
  auto step = cursor.failed(lost);
  EXPECT_EQ(step.next, file_step::failed);
  EXPECT_EQ(code_of(step.reason), errc::session_lost);
}

TEST(FileCursor, OtherFailuresAreFinal) {
  file_cursor follower{following()};
  EXPECT_EQ(follower.failed(fail(errc::invalid_argument, "..")).next,
            file_step::failed);
  file_cursor reader{{}};
  EXPECT_EQ(reader.failed(fail(errc::not_found, "no")).next, file_step::failed);
}

} // namespace
} // namespace agora
