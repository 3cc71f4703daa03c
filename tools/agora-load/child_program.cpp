// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/child_program.hpp"

#include "runtime/json/json_codec.hpp"
#include "tools/agora-load/load_totals.hpp"
#include "tools/agorad/child.hpp"

#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace agora::load {

child_program::child_program(std::string name, std::string log_file, pid_t pid)
  : name_(std::move(name)), log_file_(std::move(log_file)), pid_(pid) {
  // nop
}

child_program::child_program(child_program&& other) noexcept
  : name_(std::move(other.name_)),
    log_file_(std::move(other.log_file_)),
    pid_(std::exchange(other.pid_, -1)) {
  // nop
}

child_program& child_program::operator=(child_program&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(log_file_, other.log_file_);
  std::swap(pid_, other.pid_);
  return *this;
}

child_program::~child_program() {
  kill();
}

result<child_program>
child_program::start(std::string name, const std::string& program,
                     const std::vector<std::string>& arguments,
                     const std::string& log_file) {
  child_start what;
  what.program = program;
  what.arguments = arguments;
  what.log_file = log_file;
  auto pid = spawn_child(what);
  if (!pid)
    return pid.error();
  return child_program{std::move(name), log_file, *pid};
}

void child_program::kill() {
  if (pid_ <= 0)
    return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    // nop
  }
  pid_ = -1;
}

std::optional<std::string> child_program::end() {
  int how = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &how, WNOHANG) != pid_)
    return std::nullopt;
  pid_ = -1;
  return name_ + " " + describe_end(how) + ": " + last_line(log_file_);
}

load_worker::load_worker(child_program process, unique_fd orders,
                         unique_fd reports)
  : process_(std::move(process)),
    orders_(std::move(orders)),
    reports_(std::move(reports)),
    lines_(reports_.get()) {
  // nop
}

result<load_worker>
load_worker::start(std::string name, const std::vector<std::string>& arguments,
                   const std::string& log_file) {
  std::array<int, 2> orders{};
  std::array<int, 2> reports{};
  if (::pipe2(orders.data(), O_CLOEXEC) != 0
      || ::pipe2(reports.data(), O_CLOEXEC) != 0)
    return fail(errc::io_failed,
                std::string{"cannot make a pipe: "} + std::strerror(errno));
  unique_fd orders_in{orders[0]};
  unique_fd orders_out{orders[1]};
  unique_fd reports_in{reports[0]};
  unique_fd reports_out{reports[1]};
  child_start what;
  what.arguments = arguments;
  what.log_file = log_file;
  what.input = orders_in.get();
  what.output = reports_out.get();
  auto pid = spawn_child(what);
  if (!pid)
    return pid.error();
  return load_worker{child_program{std::move(name), log_file, *pid},
                     std::move(orders_out), std::move(reports_in)};
}

status load_worker::send(Order order) {
  order.set_id(++sent_);
  return write_line(orders_.get(), order);
}

status load_worker::receive() {
  auto more = lines_.fill();
  if (!more)
    return more.error();
  while (auto line = lines_.next()) {
    Report news;
    if (auto err = from_json(*line, news))
      return err;
    take_newer(report_, std::move(news));
    if (report_.has_done())
      answered_ = report_.done();
    if (report_.has_error())
      return fail(errc::launch_failed,
                  process_.name_ + " cannot do its part: " + report_.error());
  }
  if (!*more) {
    // Its end of the pipe closes when it ends: it is gone in a moment.
    std::optional<std::string> how;
    constexpr int tries = 1'000;
    for (int i = 0; i < tries && !how; ++i) {
      how = process_.end();
      ::usleep(1'000);
    }
    return fail(errc::launch_failed, how.value_or("a process of the load has "
                                                  "closed its output"));
  }
  return {};
}

} // namespace agora::load
