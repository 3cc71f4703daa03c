// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// What the watcher does when shims speak, end, or are found after a restart.

#include "runtime/process/shim_protocol.hpp"
#include "runtime/process/shim_watcher.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace agora {
namespace {

/// How often records are read again, and leftovers swept, while there is
/// something to wait for. Both are rare, and short.
constexpr auto poll_interval = std::chrono::milliseconds{10};

/// How long a record may stay empty: its shim has been started a moment ago,
/// or has been killed between two system calls.
constexpr int max_polls_of_empty_record = 500;

/// After how many sweeps a task is reported as over although something of it
/// does not die (it hangs in the kernel).
constexpr int max_sweeps = 500;

int open_pidfd(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

} // namespace

// -- a shim that is our child -------------------------------------------------

void shim_watcher::read_report(entry& target, bool ended) {
  char bytes[shim::max_record_bytes];
  for (;;) {
    auto size = ::read(target.report.get(), bytes, sizeof(bytes));
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      break;
    if (target.report_text.size() < shim::max_record_bytes)
      target.report_text.append(bytes, static_cast<size_t>(size));
    if (static_cast<size_t>(size) < sizeof(bytes))
      break;
  }
  auto record = parse_shim_record(target.report_text);
  if (ended) {
    reap_child(target);
    // Killed between its two writes, it has told its file only.
    if (record && !record->failed && !record->ended) {
      auto path = shim_record_path(target.run_directory, target.key);
      if (auto kept = read_shim_record(path); kept && kept->shim)
        record = std::move(kept);
    }
    conclude(target, record);
  } else if (record && record->task) {
    tell_started(target, *record);
    // Of the rest, only the end matters, which epoll always tells.
    watch(EPOLL_CTL_MOD, target.report.get(), 0, target.number);
  }
}

void shim_watcher::reap_child(entry& target) {
  target.report.reset();
  target.died_watched = true;
  std::lock_guard guard{mutex_}; // nobody may signal a pid that is not its own
  siginfo_t ignored;
  ::waitid(P_PID, static_cast<id_t>(target.child), &ignored, WEXITED);
  target.child = 0;
}

// -- a shim of another launcher -----------------------------------------------

bool shim_watcher::search(entry& target) {
  auto path = shim_record_path(target.run_directory, target.key);
  auto record = read_shim_record(path);
  if (!record && code_of(record.error()) == errc::not_found)
    return search_missing(target);
  if (record && record->shim && record->shim->boot_id == options_.boot_id)
    return search_alive(target, *record);
  if (record && !record->shim && !record->abandoned && !record->failed
      && ++target.polls < max_polls_of_empty_record)
    return false;
  conclude(target, record);
  return true;
}

bool shim_watcher::search_missing(entry& target) {
  auto path = shim_record_path(target.run_directory, target.key);
  auto err = abandon_shim_record(path);
  if (err && code_of(err) == errc::already_exists)
    return false; // a shim was faster: look again
  shim_record record;
  record.abandoned = true;
  if (err)
    conclude(target, err);
  else
    conclude(target, record);
  return true;
}

bool shim_watcher::search_alive(entry& target, const shim_record& record) {
  if (!target.pidfd) {
    switch (follow(target, *record.shim)) {
      case follow_outcome::following:
        break;
      case follow_outcome::gone:
        // It may have ended since the record was read.
        conclude(target, read_shim_record(
                           shim_record_path(target.run_directory, target.key)));
        return true;
      case follow_outcome::later:
        return false;
    }
  }
  tell_started(target, record);
  return record.task || record.failed;
}

shim_watcher::follow_outcome
shim_watcher::follow(entry& target, const process_identity& shim) {
  unique_fd process{open_pidfd(shim.pid)};
  if (!process) {
    auto short_of_descriptors
      = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
    return short_of_descriptors ? follow_outcome::later : follow_outcome::gone;
  }
  // The descriptor stands for one process; now see whether it is the right one.
  auto found = read_process_stat(shim.pid);
  if (!found || found->start_ticks != shim.start_ticks)
    return follow_outcome::gone;
  watch(EPOLL_CTL_ADD, process.get(), EPOLLIN, target.number);
  std::lock_guard guard{mutex_};
  target.pidfd = std::move(process);
  if (target.pending)
    send_signal(target, *target.pending);
  return follow_outcome::following;
}

void shim_watcher::followed_ended(entry& target) {
  // Less than sure if it was a zombie already when we found it; but then it was
  // our own child, in this very process.
  target.died_watched = true;
  {
    std::lock_guard guard{mutex_};
    siginfo_t ignored; // it is our child only if we are its launcher's process
    ::waitid(P_PIDFD, static_cast<id_t>(target.pidfd.get()), &ignored,
             WEXITED | WNOHANG);
    target.pidfd.reset();
  }
  conclude(target, read_shim_record(
                     shim_record_path(target.run_directory, target.key)));
}

void shim_watcher::poll_searched() {
  next_poll_ = clock::now() + poll_interval;
  std::erase_if(searched_, [this](const entry_ptr& target) {
    return target->concluded || search(*target);
  });
}

// -- how things end -----------------------------------------------------------

void shim_watcher::conclude(entry& target, const result<shim_record>& record) {
  using cause = exit_status::cause;
  target.concluded = true;
  if (!record)
    return sweep_later(target, cause::record_lost);
  if (record->abandoned)
    return tell_failed(target, "launch", 0,
                       "the agent ended before it had started the task");
  if (record->failed) {
    target.foreign_record
      = record->failed->step == shim::start_step::create_record;
    return tell_over(
      target, explain_start_failure(target.key, *record->failed, target.story));
  }
  if (record->ended) {
    tell_started(target, *record);
    return tell_over(target, process_exited{target.key, *record->ended});
  }
  target.task = record->task;
  if (record->shim && record->shim->boot_id != options_.boot_id)
    return tell_over(
      target,
      process_exited{target.key, exit_status::make_unknown(cause::rebooted)});
  tell_started(target, *record);
  auto lost = target.reattached && !record->shim;
  sweep_later(target, lost ? cause::record_lost : cause::shim_died);
}

void shim_watcher::sweep_later(entry& target, exit_status::cause reason) {
  target.verdict = exit_status::make_unknown(reason);
  swept_.push_back(watched_.at(target.number));
}

void shim_watcher::sweep() {
  if (swept_.empty())
    return;
  std::vector<leftover_task> tasks;
  for (auto& target : swept_)
    tasks.push_back({target->key, target->task.value_or(process_identity{}),
                     target->died_watched, 0});
  kill_leftovers(tasks);
  std::vector<entry_ptr> again;
  std::vector<entry_ptr> done;
  for (size_t i = 0; i < swept_.size(); ++i) {
    auto& target = swept_[i];
    auto alive = tasks[i].killed > 0 && ++target->sweeps < max_sweeps;
    (alive ? again : done).push_back(std::move(target));
  }
  swept_ = std::move(again);
  for (auto& target : done) {
    if (target->reattached || target->told_started)
      tell_over(*target, process_exited{target->key, target->verdict});
    else
      tell_failed(*target, "start shim", 0,
                  "the shim was killed while it started the task");
  }
}

void shim_watcher::tell_started(entry& target, const shim_record& record) {
  if (!record.task || target.told_started)
    return;
  target.told_started = true;
  target.task = record.task;
  target.story = {};
  listener_(
    process_started{target.key, *record.shim, *record.task, target.reattached});
}

void shim_watcher::tell_failed(entry& target, std::string step,
                               int error_number, std::string text) {
  tell_over(target, process_start_failed{target.key, std::move(step),
                                         error_number, std::move(text)});
}

void shim_watcher::tell_over(entry& target, process_event event) {
  watched_.erase(target.number);
  {
    std::lock_guard guard{mutex_};
    target.over = true;
    target.pidfd.reset();
  }
  target.report_text = {};
  target.story = {};
  listener_(std::move(event));
}

} // namespace agora
