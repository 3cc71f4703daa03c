// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>
#include <utility>

namespace agora {

/// Owns one file descriptor and closes it.
class unique_fd {
public:
  unique_fd() = default;

  explicit unique_fd(int fd) : fd_{fd} {
    // nop
  }

  unique_fd(unique_fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {
    // nop
  }

  unique_fd& operator=(unique_fd&& other) noexcept {
    if (this != &other)
      reset(std::exchange(other.fd_, -1));
    return *this;
  }

  ~unique_fd() {
    reset();
  }

  explicit operator bool() const {
    return fd_ >= 0;
  }

  int get() const {
    return fd_;
  }

  void reset(int fd = -1) {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = fd;
  }

private:
  int fd_ = -1;
};

} // namespace agora
