// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/interrupt_watch.hpp"

#include "runtime/base/check.hpp"

#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <cstdint>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace agora {

interrupt_watch::interrupt_watch(std::function<void(int)> interrupted)
  : interrupted_(std::move(interrupted)) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  AGORA_CHECK(pthread_sigmask(SIG_BLOCK, &set, &before_) == 0);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  stop_ = eventfd(0, EFD_CLOEXEC);
  AGORA_CHECK(signals_ >= 0 && stop_ >= 0);
  thread_ = std::thread{[this] {
    run();
  }};
}

interrupt_watch::~interrupt_watch() {
  uint64_t one = 1;
  AGORA_CHECK(write(stop_, &one, sizeof one) == sizeof one);
  thread_.join();
  close(signals_);
  close(stop_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void interrupt_watch::run() {
  for (;;) {
    pollfd fds[] = {{stop_, POLLIN, 0}, {signals_, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0)
      continue; // EINTR is all that can happen to valid descriptors.
    if (fds[0].revents != 0)
      return;
    signalfd_siginfo info{};
    if (fds[1].revents != 0
        && read(signals_, &info, sizeof info) == sizeof info)
      interrupted_(static_cast<int>(info.ssi_signo));
  }
}

} // namespace agora
