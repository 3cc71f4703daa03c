// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/shim_watcher.hpp"

#include "runtime/base/check.hpp"
#include "runtime/process/shim_protocol.hpp"
#include "runtime/process/shim_spawn.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <unistd.h>

namespace agora {
namespace {

/// How many commands are carried out before events are looked at again: a
/// burst of launches must not hold up the news of tasks for long.
constexpr size_t max_commands_in_a_row = 16;

constexpr int max_events_at_once = 64;

/// How long a user that was found is not looked up again: every task of a
/// framework runs as the same few, and a look-up reads several files.
constexpr auto user_lifetime = std::chrono::seconds{10};
constexpr size_t max_cached_users = 64;

/// Stands for the eventfd in epoll; entries are numbered from 1.
constexpr uint64_t wake_number = 0;

} // namespace

shim_watcher::shim_watcher(options settings, launcher::listener on_event)
  : options_{std::move(settings)}, listener_{std::move(on_event)} {
  // nop
}

shim_watcher::~shim_watcher() = default;

status shim_watcher::open() {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_ || !wake_)
    return fail(errc::io_failed, std::string{"cannot create an event queue: "}
                                   + std::strerror(errno));
  watch(EPOLL_CTL_ADD, wake_.get(), EPOLLIN, wake_number);
  return {};
}

// -- from any thread ----------------------------------------------------------

status shim_watcher::launch(launch_spec spec) {
  auto target = std::make_shared<entry>();
  target->key = spec.task_key;
  target->run_directory = spec.run_directory;
  target->story = story_of(spec);
  return add_entry(target, {command::kind::launch, target, std::move(spec)});
}

status shim_watcher::reattach(std::string key,
                              std::filesystem::path run_directory) {
  auto target = std::make_shared<entry>();
  target->key = std::move(key);
  target->run_directory = std::move(run_directory);
  target->reattached = true;
  return add_entry(target, {command::kind::reattach, target, std::nullopt});
}

status shim_watcher::add_entry(entry_ptr target, command first) {
  std::lock_guard guard{mutex_};
  if (stopping_)
    return fail(errc::shutting_down, "the launcher is shutting down");
  if (keys_.contains(target->key))
    return fail(errc::already_exists, "task key " + target->key + " is in use");
  if (keys_.size() >= options_.max_keys)
    return fail(errc::limit_reached, "the launcher knows "
                                       + std::to_string(options_.max_keys)
                                       + " tasks, which is its limit");
  target->number = ++last_number_;
  keys_.emplace(target->key, std::move(target));
  enqueue(std::move(first));
  return {};
}

void shim_watcher::enqueue(command what) {
  commands_.push_back(std::move(what));
  if (commands_.size() > 1)
    return; // the loop is on its way
  uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(wake_.get(), &one, sizeof(one));
}

status shim_watcher::signal(const std::string& key, kill_mode mode) {
  std::lock_guard guard{mutex_};
  auto found = keys_.find(key);
  if (found == keys_.end())
    return fail(errc::not_found, "no task has the key " + key);
  auto& target = *found->second;
  if (target.over)
    return {};
  if (target.child != 0 || target.pidfd)
    send_signal(target, mode);
  else
    target.pending = std::max(target.pending.value_or(mode), mode);
  return {};
}

void shim_watcher::send_signal(entry& target, kill_mode mode) {
  auto number
    = mode == kill_mode::kill ? shim::kill_signal : shim::terminate_signal;
  // A shim that ends meanwhile takes no signal, nor needs one.
  if (target.child != 0)
    ::kill(target.child, number);
  else if (target.pidfd)
    ::syscall(SYS_pidfd_send_signal, target.pidfd.get(), number, nullptr, 0);
}

void shim_watcher::forget(const std::string& key) {
  std::lock_guard guard{mutex_};
  auto found = keys_.find(key);
  if (found != keys_.end() && found->second->over)
    enqueue({command::kind::forget, found->second, std::nullopt});
}

void shim_watcher::stop() {
  std::lock_guard guard{mutex_};
  stopping_ = true;
  uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(wake_.get(), &one, sizeof(one));
}

// -- the loop -----------------------------------------------------------------

void shim_watcher::run() {
  epoll_event events[max_events_at_once];
  auto more = false;
  for (;;) {
    auto timeout = more ? 0 : wait_milliseconds();
    auto count
      = ::epoll_wait(epoll_.get(), events, max_events_at_once, timeout);
    AGORA_CHECK(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; ++i)
      handle(events[i].data.u64, events[i].events);
    {
      std::lock_guard guard{mutex_};
      if (stopping_)
        return;
    }
    more = run_commands();
    if (searched_.empty() && swept_.empty())
      continue;
    if (clock::now() >= next_poll_) {
      poll_searched();
      sweep();
    }
  }
}

int shim_watcher::wait_milliseconds() const {
  if (searched_.empty() && swept_.empty())
    return -1;
  auto left
    = std::chrono::ceil<std::chrono::milliseconds>(next_poll_ - clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1000));
}

void shim_watcher::watch(int operation, int fd, uint32_t events,
                         uint64_t number) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = number;
  AGORA_CHECK(::epoll_ctl(epoll_.get(), operation, fd, &event) == 0);
}

void shim_watcher::handle(uint64_t number, uint32_t events) {
  if (number == wake_number) {
    uint64_t count = 0;
    [[maybe_unused]] auto size = ::read(wake_.get(), &count, sizeof(count));
    return;
  }
  auto found = watched_.find(number);
  if (found == watched_.end())
    return;
  auto target = found->second; // outlives its removal
  if (target->report)
    read_report(*target, (events & (EPOLLHUP | EPOLLERR)) != 0);
  else
    followed_ended(*target);
}

bool shim_watcher::run_commands() {
  std::vector<command> taken;
  auto more = false;
  {
    std::lock_guard guard{mutex_};
    auto count = std::min(commands_.size(), max_commands_in_a_row);
    auto end = commands_.begin() + static_cast<std::ptrdiff_t>(count);
    taken.assign(std::make_move_iterator(commands_.begin()),
                 std::make_move_iterator(end));
    commands_.erase(commands_.begin(), end);
    more = !commands_.empty();
  }
  for (auto& next : taken) {
    switch (next.what) {
      case command::kind::launch:
        watched_.emplace(next.target->number, next.target);
        start(*next.target, *next.spec);
        break;
      case command::kind::reattach:
        watched_.emplace(next.target->number, next.target);
        if (!search(*next.target))
          searched_.push_back(next.target);
        break;
      case command::kind::forget:
        remove(*next.target);
        break;
    }
  }
  return more;
}

// -- starting and forgetting --------------------------------------------------

void shim_watcher::start(entry& target, const launch_spec& spec) {
  auto user = resolve_user(spec.user);
  if (!user) {
    auto denied = code_of(user.error()) == errc::permission_denied;
    return tell_failed(target, denied ? "switch user" : "look up user",
                       denied ? EPERM : 0, text_of(user.error()));
  }
  if (auto err = ensure_directory(spec.run_directory))
    return tell_failed(target, "make run directory", 0, text_of(err));
  auto spawned = spawn_shim(options_.shim_program, spec.task_key,
                            encode_shim_spec(spec, options_.boot_id, *user));
  if (!spawned)
    return tell_failed(target, "start shim", 0, text_of(spawned.error()));
  target.report = std::move(spawned->report);
  watch(EPOLL_CTL_ADD, target.report.get(), EPOLLIN, target.number);
  std::lock_guard guard{mutex_};
  target.child = spawned->pid;
  if (target.pending)
    send_signal(target, *target.pending);
}

result<std::optional<user_ids>>
shim_watcher::resolve_user(const std::string& name) {
  if (name.empty())
    return std::optional<user_ids>{};
  auto now = clock::now();
  auto cached = users_.find(name);
  if (cached == users_.end()
      || now - cached->second.looked_up >= user_lifetime) {
    auto found = look_up_user(name);
    if (!found)
      return std::move(found.error());
    if (users_.size() >= max_cached_users)
      users_.clear();
    cached = users_.insert_or_assign(name, cached_user{std::move(*found), now})
               .first;
  }
  if (::geteuid() == 0)
    return std::optional<user_ids>{cached->second.ids};
  if (::geteuid() == cached->second.ids.uid)
    return std::optional<user_ids>{};
  return fail(errc::permission_denied,
              "only an agent that runs as root can run tasks as user \"" + name
                + "\"");
}

status shim_watcher::ensure_directory(const std::filesystem::path& directory) {
  if (directory == last_directory_)
    return {};
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return fail(errc::io_failed, "cannot make the run directory "
                                   + directory.string() + ": "
                                   + error.message());
  last_directory_ = directory;
  return {};
}

void shim_watcher::remove(entry& target) {
  if (!target.foreign_record)
    ::unlink(shim_record_path(target.run_directory, target.key).c_str());
  std::lock_guard guard{mutex_};
  keys_.erase(target.key);
}

} // namespace agora
