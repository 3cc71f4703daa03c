// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/chunk_table.hpp"

#include "actors/scheduler/scheduler_calls.hpp"
#include "runtime/base/check.hpp"

#include <utility>

namespace agora {

chunk_table::chunk_table(std::vector<file_chunk_list> chunks) {
  for (auto& files : chunks)
    waiting_.push_back({std::move(files)});
}

chunk_table::task chunk_table::launch() {
  AGORA_CHECK(!waiting_.empty());
  auto id = task_id{"count-" + std::to_string(++launched_)};
  auto files = waiting_.front().files;
  active_.emplace(id, std::move(waiting_.front()));
  waiting_.pop_front();
  return {id, std::move(files)};
}

status chunk_table::updated(const v1::TaskStatus& news) {
  auto ended
    = calls::is_terminal(news.state()) || news.state() == v1::TASK_UNKNOWN;
  auto found = active_.find(id_of<task_id>(news.task_id()));
  if (!ended || found == active_.end())
    return {};
  auto what = std::move(found->second);
  active_.erase(found);
  if (news.state() != v1::TASK_FINISHED)
    return try_again(std::move(what), news);
  auto counts = decode_counts(news.data());
  if (!counts) {
    auto bad = news;
    bad.set_message(text_of(counts.error()));
    return try_again(std::move(what), bad);
  }
  counts_.merge(*counts);
  ++finished_;
  return {};
}

status chunk_table::try_again(chunk what, const v1::TaskStatus& news) {
  auto never_ran = news.state() == v1::TASK_DROPPED
                   || news.reason() == v1::TaskStatus::REASON_INVALID_OFFERS;
  auto& tries = never_ran ? what.drops : what.attempts;
  ++tries;
  if (tries >= (never_ran ? drops_limit : attempts_limit))
    return fail(errc::limit_reached,
                "task " + news.task_id().value() + ", the last of "
                  + std::to_string(tries) + " tries for " + what.files.front()
                  + " and " + std::to_string(what.files.size() - 1)
                  + " more files, ended with "
                  + v1::TaskState_Name(news.state()) + ": " + news.message());
  waiting_.push_back(std::move(what));
  return {};
}

} // namespace agora
