// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/process_usage.hpp"

#include <sys/resource.h>
#include <sys/wait.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <sstream>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace agora::load {

namespace {

std::string contents(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::chrono::microseconds cpu_of(const rusage& usage) {
  auto micros = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec}
           + std::chrono::microseconds{time.tv_usec};
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

std::chrono::microseconds from_ticks(int64_t ticks) {
  return std::chrono::microseconds{ticks * 1'000'000 / ::sysconf(_SC_CLK_TCK)};
}

} // namespace

result<process_usage> read_usage(pid_t pid) {
  auto folder = "/proc/" + std::to_string(pid);
  auto stat = contents(folder + "/stat");
  // The name of the program may hold anything; what follows it is numbers.
  auto name_end = stat.rfind(')');
  if (name_end == std::string::npos)
    return fail(errc::not_found, "there is no process " + std::to_string(pid));
  std::istringstream fields{stat.substr(name_end + 1)};
  std::vector<std::string> words{std::istream_iterator<std::string>{fields},
                                 {}};
  // See proc(5): the state, field 3, is the first here.
  constexpr size_t first_field = 3;
  constexpr size_t utime_field = 14;
  if (words.size() <= utime_field + 3 - first_field)
    return fail(errc::not_found, folder + "/stat cannot be read");
  auto ticks = [&](size_t field) {
    return std::stoll(words[field - first_field]);
  };
  process_usage usage;
  usage.cpu = from_ticks(ticks(utime_field) + ticks(utime_field + 1));
  usage.children_cpu
    = from_ticks(ticks(utime_field + 2) + ticks(utime_field + 3));
  std::istringstream memory{contents(folder + "/statm")};
  uint64_t total_pages = 0;
  uint64_t resident_pages = 0;
  memory >> total_pages >> resident_pages;
  usage.resident_bytes
    = resident_pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  return usage;
}

std::chrono::microseconds children_cpu() {
  rusage children{};
  ::getrusage(RUSAGE_CHILDREN, &children);
  return cpu_of(children);
}

std::chrono::microseconds own_cpu() {
  rusage own{};
  rusage children{};
  ::getrusage(RUSAGE_SELF, &own);
  ::getrusage(RUSAGE_CHILDREN, &children);
  return cpu_of(own) + cpu_of(children);
}

result<double> spawn_cpu_us(const std::string& command, int runs) {
  std::string shell = "/bin/sh";
  std::string flag = "-c";
  auto text = command;
  std::vector<char*> argv{shell.data(), flag.data(), text.data(), nullptr};
  auto before = own_cpu();
  for (int i = 0; i < runs; ++i) {
    pid_t pid = -1;
    auto failed = posix_spawn(&pid, shell.c_str(), nullptr, nullptr,
                              argv.data(), environ);
    if (failed != 0)
      return fail(errc::launch_failed,
                  "cannot start " + shell + ": " + std::strerror(failed));
    ::waitpid(pid, nullptr, 0);
  }
  return static_cast<double>((own_cpu() - before).count()) / runs;
}

} // namespace agora::load
