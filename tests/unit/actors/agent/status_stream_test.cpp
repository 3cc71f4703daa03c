// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/status_stream/status_stream.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using time_point = status_stream::time_point;

v1::TaskStatus update_of(const std::string& task, v1::TaskState state,
                         const std::string& uuid, double timestamp = 1) {
  v1::TaskStatus made;
  made.mutable_task_id()->set_value(task);
  made.set_state(state);
  made.set_uuid(uuid);
  made.set_timestamp(timestamp);
  return made;
}

std::vector<uint64_t> numbers_of(const stream_change& change) {
  std::vector<uint64_t> numbers;
  for (auto& record : change.put)
    numbers.push_back(record.number());
  return numbers;
}

class StatusStreamTest : public ::testing::Test {
protected:
  /// Records and persists.
  stream_change add(v1::TaskStatus what) {
    auto change = stream_.record(std::move(what));
    stream_.persisted(numbers_of(change), now_);
    return change;
  }

  stream_change acknowledge(const std::string& task, const std::string& uuid) {
    return stream_.acknowledge({task_id{task}, uuid}, now_);
  }

  std::vector<std::string> due() {
    std::vector<std::string> uuids;
    for (auto& entry : stream_.take_due(now_))
      uuids.push_back(entry.status().uuid());
    return uuids;
  }

  time_point now_{};
  status_stream stream_{framework_id{"f"}, {10s, 60s, 3}};
};

using uuids = std::vector<std::string>;

TEST_F(StatusStreamTest, NothingIsSentBeforeItIsPersisted) {
  stream_.attach({}, now_);
  auto change = stream_.record(update_of("t", v1::TASK_RUNNING, "a"));
  EXPECT_EQ(due(), uuids{});
  EXPECT_EQ(stream_.persisted(numbers_of(change), now_).size(), 1u);
  EXPECT_EQ(due(), uuids{"a"});
}

TEST_F(StatusStreamTest, NothingIsSentWithoutAMaster) {
  add(update_of("t", v1::TASK_RUNNING, "a"));
  EXPECT_EQ(due(), uuids{});
  EXPECT_FALSE(stream_.next_deadline());
  stream_.attach({}, now_);
  EXPECT_EQ(due(), uuids{"a"});
  stream_.detach();
  now_ += 1h;
  EXPECT_EQ(due(), uuids{});
}

TEST_F(StatusStreamTest, BackoffDoublesUpToItsLimitAndStartsAnewOnAttach) {
  stream_.attach({}, now_);
  add(update_of("t", v1::TASK_RUNNING, "a"));
  EXPECT_EQ(due(), uuids{"a"});
  for (auto wait : {10s, 20s, 40s, 60s, 60s}) {
    EXPECT_EQ(stream_.next_deadline(), now_ + wait);
    now_ += wait;
    EXPECT_EQ(due(), uuids{"a"});
  }
  stream_.attach({}, now_);
  EXPECT_EQ(due(), uuids{"a"});
  EXPECT_EQ(stream_.next_deadline(), now_ + 10s);
}

TEST_F(StatusStreamTest, DuplicatesAndLateUpdatesChangeNothing) {
  add(update_of("t", v1::TASK_STARTING, "a", 1));
  add(update_of("t", v1::TASK_RUNNING, "b", 2));
  EXPECT_TRUE(add(update_of("t", v1::TASK_RUNNING, "b", 2)).empty());
  acknowledge("t", "a");
  acknowledge("t", "b");
  // "a" is not known any more, but older than what is.
  auto late = add(update_of("t", v1::TASK_STARTING, "a", 1));
  EXPECT_TRUE(late.empty());
  EXPECT_TRUE(late.known);
  // A terminal one is taken whatever its clock says.
  EXPECT_FALSE(add(update_of("t", v1::TASK_FAILED, "c", 0)).empty());
  EXPECT_TRUE(add(update_of("t", v1::TASK_FINISHED, "d", 9)).empty());
}

TEST_F(StatusStreamTest, TerminalAcknowledgementSettlesTheTask) {
  stream_.attach({}, now_);
  auto change = add(update_of("t", v1::TASK_FINISHED, "a"));
  due();
  EXPECT_TRUE(acknowledge("t", "other").empty());
  auto done = acknowledge("t", "a");
  EXPECT_EQ(done.erase, numbers_of(change));
  EXPECT_EQ(done.settled, std::vector<task_id>{task_id{"t"}});
  EXPECT_TRUE(stream_.empty());
}

TEST_F(StatusStreamTest, EndThatTheLogKnowsAlreadySettlesAllBeforeIt) {
  add(update_of("t", v1::TASK_STARTING, "a", 1));
  add(update_of("t", v1::TASK_RUNNING, "b", 2));
  add(update_of("t", v1::TASK_FINISHED, "c", 3));
  EXPECT_TRUE(acknowledge("t", "b").empty()) << "not sent yet, and no end";
  auto done = acknowledge("t", "c");
  EXPECT_EQ(done.erase.size(), 3u);
  EXPECT_EQ(done.settled.size(), 1u);
  EXPECT_TRUE(stream_.empty());
}

TEST_F(StatusStreamTest, NewestStateStaysStoredAfterItsAcknowledgement) {
  add(update_of("t", v1::TASK_RUNNING, "a"));
  auto kept = acknowledge("t", "a");
  ASSERT_EQ(kept.put.size(), 1u);
  EXPECT_TRUE(kept.put[0].acknowledged());
  auto next = add(update_of("t", v1::TASK_FINISHED, "b", 2));
  EXPECT_EQ(next.erase, std::vector<uint64_t>{kept.put[0].number()});
}

TEST_F(StatusStreamTest, QueueIsBoundedAndTerminalUpdatesAlwaysFit) {
  stream_.attach({}, now_);
  for (int i = 0; i < 10; ++i)
    add(update_of("t", v1::TASK_RUNNING, "r" + std::to_string(i), i));
  add(update_of("t", v1::TASK_FINISHED, "end", 99));
  uuids sent;
  for (auto news = due(); !news.empty(); news = due()) {
    sent.insert(sent.end(), news.begin(), news.end());
    acknowledge("t", news[0]);
  }
  EXPECT_EQ(sent, (uuids{"r0", "r1", "r9", "end"}));
}

TEST_F(StatusStreamTest, HeldTasksWait) {
  add(update_of("t", v1::TASK_RUNNING, "a"));
  add(update_of("u", v1::TASK_RUNNING, "b"));
  stream_.attach({task_id{"t"}}, now_);
  EXPECT_EQ(due(), uuids{"b"});
  stream_.release(task_id{"t"}, now_);
  EXPECT_EQ(due(), uuids{"a"});
}

// Property: whatever is recorded, lost, sent and acknowledged in whatever
// order, with restarts in between, each task's updates reach the framework in
// the order in which they were recorded, none is skipped, and nothing is
// stored in the end.
TEST(StatusStreamProperty, InOrderNothingLostNothingLeft) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 rng{seed};
    status_stream_settings settings{10s, 60s, 1000};
    std::map<uint64_t, checkpoint::PendingStatus> disk;
    std::map<std::string, uuids> recorded;
    std::map<std::string, uuids> received;
    std::set<std::string> ended;
    auto now = time_point{};
    status_stream stream{framework_id{"f"}, settings};
    stream.attach({}, now);
    auto apply = [&](const stream_change& change) {
      for (auto& record : change.put)
        disk[record.number()] = record;
      for (auto number : change.erase)
        disk.erase(number);
      stream.persisted(numbers_of(change), now);
    };
    int counter = 0;
    auto deliver = [&] {
      for (auto& entry : stream.take_due(now)) {
        auto task = entry.status().task_id().value();
        auto uuid = entry.status().uuid();
        auto& seen = received[task];
        if (seen.empty() || seen.back() != uuid)
          seen.push_back(uuid);
        if (rng() % 3 != 0)
          apply(stream.acknowledge({task_id{task}, uuid}, now));
      }
    };
    for (int step = 0; step < 300; ++step) {
      auto task = "t" + std::to_string(rng() % 5);
      switch (rng() % 6) {
        case 0:
        case 1: {
          if (ended.contains(task))
            break;
          auto last = rng() % 8 == 0;
          auto uuid = "u" + std::to_string(++counter);
          apply(stream.record(update_of(
            task, last ? v1::TASK_FINISHED : v1::TASK_RUNNING, uuid, counter)));
          recorded[task].push_back(uuid);
          if (last)
            ended.insert(task);
          break;
        }
        case 2: {
          status_stream fresh{framework_id{"f"}, settings};
          for (auto& [number, record] : disk)
            fresh.recover(record);
          stream = std::move(fresh);
          stream.attach({}, now);
          break;
        }
        default:
          now += std::chrono::seconds(rng() % 30);
          deliver();
      }
    }
    for (int id = 0; id < 5; ++id) {
      auto task = "t" + std::to_string(id);
      if (ended.insert(task).second) {
        auto uuid = "u" + std::to_string(++counter);
        apply(stream.record(update_of(task, v1::TASK_FAILED, uuid, counter)));
        recorded[task].push_back(uuid);
      }
    }
    for (int round = 0; round < 2000 && !stream.empty(); ++round) {
      now += 60s;
      deliver();
    }
    EXPECT_TRUE(stream.empty());
    EXPECT_TRUE(disk.empty());
    EXPECT_EQ(received, recorded);
  }
}

} // namespace
} // namespace agora
