// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/check.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>

namespace agora {

void check_failed(const char* condition, const char* file, int line) {
  spdlog::critical("check failed condition=\"{}\" at={}:{}", condition, file,
                   line);
  spdlog::shutdown();
  std::abort();
}

} // namespace agora
