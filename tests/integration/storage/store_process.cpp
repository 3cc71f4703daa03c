// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// A process that uses a store, for tests that kill it or take things away from
// it. Each command prints one line; its first word is the verdict.
#include "storage/store/rocksdb_store.hpp"
#include "tests/support/store_report.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace {

using namespace agora;

/// The user nobody on Debian.
constexpr uid_t unprivileged = 65534;

[[noreturn]] void end(const std::string& line, int code) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  ::_exit(code);
}

std::unique_ptr<store> open_or_end(const std::string& path) {
  rocksdb_settings settings;
  // Small, so that a full disk shows in flushes, too.
  settings.write_buffer_bytes = 256 << 10;
  auto opened = open_rocksdb_store(path, settings);
  if (!opened)
    end(describe(opened.error()), 2);
  return std::move(*opened);
}

write_batch one_key(uint64_t number, size_t value_bytes) {
  char key[32];
  std::snprintf(key, sizeof(key), "key%06llu",
                static_cast<unsigned long long>(number));
  write_batch batch;
  batch.put(key, std::string(value_bytes, 'v'));
  return batch;
}

/// Writes `count` keys, each in a group of its own, and dies as by kill -9, so
/// that nothing but the write-ahead log has them.
void write_and_die(const std::string& path, uint64_t count) {
  store_report report;
  auto opened = open_or_end(path);
  opened->listen(report.listener());
  for (uint64_t t = 1; t <= count; ++t)
    if (opened->submit(one_key(t, 20), t) || !report.wait_for(t))
      end("not persisted", 1);
  std::printf("written %llu\n", static_cast<unsigned long long>(count));
  std::fflush(stdout);
  std::raise(SIGKILL);
}

/// Writes without waiting, and dies as by kill -9 in the middle of it: right
/// after a report that covers `enough` keys.
void burst_and_die(const std::string& path, uint64_t enough) {
  auto opened = open_or_end(path);
  opened->listen({[enough](store::ticket t) {
                    if (t < enough)
                      return;
                    std::printf("%llu\n", static_cast<unsigned long long>(t));
                    std::fflush(stdout);
                    std::raise(SIGKILL);
                  },
                  nullptr});
  // Refusals mean that the queue is full, and stays so for a moment.
  for (uint64_t t = 1;;)
    if (!opened->submit(one_key(t, 100), t))
      ++t;
}

/// Writes until the disk fails, and says how many keys were reported before.
void fill(const std::string& path) {
  store_report report;
  auto opened = open_or_end(path);
  opened->listen(report.listener());
  uint64_t t = 1;
  while (report.failures() == 0) {
    if (opened->submit(one_key(t, 1000), t))
      break;
    // Not faster than the disk, or the queue fills before it does.
    if (++t % 64 == 0)
      report.wait_for_or_failure(t - 1);
  }
  auto what = report.wait_for_failure();
  auto tickets = report.tickets();
  // A failed store can be ended in good order, too.
  opened.reset();
  end(std::to_string(tickets.empty() ? 0 : tickets.back()) + " "
        + describe(what),
      3);
}

/// Writes until the disk fails, and listens only then, as a start does that
/// meets a full disk.
void fill_first(const std::string& path) {
  store_report report;
  auto opened = open_or_end(path);
  status failed;
  for (uint64_t number = 1; !failed; ++number)
    failed = opened->write_now(one_key(number, 10'000));
  opened->listen(report.listener());
  auto heard = report.wait_for_failure();
  opened.reset();
  end(describe(heard), code_of(heard) == code_of(failed) ? 3 : 1);
}

void count(const std::string& path) {
  auto opened = open_or_end(path);
  uint64_t keys = 0;
  auto bad = opened->scan("key", {}, [&](auto, auto) {
    ++keys;
    return visit::more;
  });
  if (bad)
    end(describe(bad), 2);
  opened.reset();
  end("counted " + std::to_string(keys), 0);
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3)
    return 64;
  std::string command = argv[1];
  std::string path = argv[2];
  if (command == "write" && argc == 4)
    write_and_die(path, std::strtoull(argv[3], nullptr, 10));
  else if (command == "burst" && argc == 4)
    burst_and_die(path, std::strtoull(argv[3], nullptr, 10));
  else if (command == "fill")
    fill(path);
  else if (command == "fill-first")
    fill_first(path);
  else if (command == "count")
    count(path);
  else if (command == "count-unprivileged"
           && (::geteuid() != 0 || ::setuid(unprivileged) == 0))
    count(path);
  return 64;
}
