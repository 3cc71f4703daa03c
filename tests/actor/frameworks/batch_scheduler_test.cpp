// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/batch_scheduler_actor.hpp"
#include "tests/support/scheduler_fixture.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using v1::scheduler::Call;

std::string read_file(const std::string& path) {
  std::ifstream file{path};
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class BatchScheduler : public test::scheduler_fixture {
protected:
  void start(const std::string& list, unsigned retries = 0) {
    job defaults;
    defaults.retries = retries;
    options_.jobs = *parse_jobs(list, defaults);
    options_.output_folder = folder_.path();
    options_.quiet = true;
    auto reader = [this](caf::actor_system&, const caf::strong_actor_ptr&) {
      return spawn(test::fake_sandbox_reader, files_);
    };
    scheduler_is(spawn(batch_scheduler, driver_, options_,
                       reader_factory{reader}, outcome_));
    send_subscribed();
  }

  scratch_directory folder_;
  batch_options options_;
  std::map<std::string, std::string> files_;
  std::shared_ptr<batch_outcome> outcome_ = std::make_shared<batch_outcome>();
};

TEST_F(BatchScheduler, RunsItsJobsAndCapturesTheirOutput) {
  files_ = {{"job-1.1/stdout", "one\n"},
            {"job-1.1/stderr", ""},
            {"job-2.1/stdout", "two\n"},
            {"job-2.1/stderr", "oops\n"}};
  start("echo one\necho two; echo oops >&2");
  send_offers({make_offer("o1", 1, 100)});
  ASSERT_THAT(take_calls(), ElementsAre(Call::ACCEPT, Call::SUPPRESS));
  auto tasks = launched();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].command().value(), "echo one");
  EXPECT_EQ(tasks[0].agent_id().value(), "agent-of-o1");
  EXPECT_EQ(tasks[0].task_id().value(), "job-1.1");
  send_update("job-1.1", v1::TASK_RUNNING);
  send_update("job-1.1", v1::TASK_FINISHED);
  send_update("job-2.1", v1::TASK_FINISHED);
  EXPECT_THAT(take_calls(), ElementsAre(Call::TEARDOWN));
  ASSERT_TRUE(end_);
  EXPECT_EQ(*end_, caf::exit_reason::normal);
  ASSERT_TRUE(outcome_->table);
  EXPECT_EQ(outcome_->table->totals().done, 2u);
  EXPECT_EQ(read_file(folder_.file("job-1.out")), "one\n");
  EXPECT_EQ(read_file(folder_.file("job-2.out")), "two\n");
  EXPECT_EQ(read_file(folder_.file("job-2.err")), "oops\n");
}

TEST_F(BatchScheduler, DeclinesWhatItCannotUseAndAsksAgainWhenItCan) {
  options_.parallelism = 1;
  start("true\ntrue", 1);
  send_offers({make_offer("o1", 0.01, 100)});
  EXPECT_THAT(take_calls(), ElementsAre(Call::DECLINE));
  send_offers({make_offer("o2", 1, 100)});
  EXPECT_THAT(take_calls(), ElementsAre(Call::ACCEPT));
  EXPECT_EQ(launched().size(), 1u);
  send_update("job-1.1", v1::TASK_FAILED, "exited with status 1");
  EXPECT_THAT(take_calls(), ElementsAre(Call::REVIVE));
  send_offers({make_offer("o3", 1, 100)});
  take_calls();
  ASSERT_EQ(launched().size(), 1u);
  EXPECT_EQ(launched()[0].task_id().value(), "job-1.2");
}

TEST_F(BatchScheduler, AJobThatFailsForGoodIsInTheSummary) {
  start("false");
  send_offers({make_offer("o1", 1, 100)});
  send_update("job-1.1", v1::TASK_FAILED, "exited with status 1");
  ASSERT_TRUE(end_);
  EXPECT_EQ(outcome_->table->totals().failed, 1u);
  EXPECT_THAT(summary_json(*outcome_->table, outcome_->framework),
              HasSubstr("exited with status 1"));
}

TEST_F(BatchScheduler, AnInterruptKillsWhatRunsAndStartsNothing) {
  options_.parallelism = 1;
  start("sleep 1000\ntrue", 3);
  send_offers({make_offer("o1", 1, 100)});
  send_update("job-1.1", v1::TASK_RUNNING);
  take_calls();
  tell(caf::actor_cast<batch_actor>(scheduler_), caf::close_atom::value);
  settle();
  ASSERT_THAT(take_calls(), ElementsAre(Call::KILL));
  EXPECT_EQ(taken_[0].kill().task_id().value(), "job-1.1");
  send_update("job-1.1", v1::TASK_KILLED);
  EXPECT_THAT(take_calls(), ElementsAre(Call::TEARDOWN));
  ASSERT_TRUE(end_);
  EXPECT_TRUE(outcome_->interrupted);
  EXPECT_EQ(outcome_->table->totals().failed, 2u);
}

TEST_F(BatchScheduler, TimeAloneChangesNothing) {
  start("true");
  advance(1h);
  EXPECT_THAT(take_calls(), IsEmpty());
  EXPECT_FALSE(end_);
}

} // namespace
} // namespace agora
