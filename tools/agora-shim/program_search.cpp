// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-shim/program_search.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace agora::shim {
namespace {

/// Where programs are looked for without a PATH.
constexpr std::string_view default_path = "/usr/local/bin:/usr/bin:/bin";

/// A longer path does not exist for the kernel.
constexpr size_t max_path = 4096;

/// How many arguments a script without "#!" may have: they are copied.
constexpr size_t max_script_arguments = 1024;

std::string_view path_of(char** environment) {
  constexpr std::string_view name = "PATH=";
  for (; *environment != nullptr; ++environment) {
    std::string_view variable{*environment};
    if (variable.starts_with(name))
      return variable.substr(name.size());
  }
  return default_path;
}

/// Executes the file `path`, or as a script for the shell if the kernel does
/// not know its format.
void execute_file(char* path, char** arguments, char** environment) {
  execve(path, arguments, environment);
  if (errno != ENOEXEC)
    return;
  char shell[] = "/bin/sh";
  char* with_shell[max_script_arguments + 3] = {shell, path};
  size_t count = 2;
  // Its name for itself gives way to its path.
  for (auto next = arguments + (*arguments != nullptr ? 1 : 0);
       *next != nullptr; ++next) {
    if (count > max_script_arguments) {
      errno = E2BIG;
      return;
    }
    with_shell[count++] = *next;
  }
  with_shell[count] = nullptr;
  execve(shell, with_shell, environment);
}

/// Whether another directory may still have it.
bool goes_on_after(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR
         || error_number == EACCES;
}

} // namespace

void execute_program(const char* program, char** arguments,
                     char** environment) {
  std::string_view name{program};
  char path[max_path];
  if (name.size() >= sizeof(path)) {
    errno = ENAMETOOLONG;
    return;
  }
  if (std::memchr(program, '/', name.size()) != nullptr) {
    std::memcpy(path, program, name.size() + 1);
    return execute_file(path, arguments, environment);
  }
  auto directories = path_of(environment);
  auto denied = false;
  for (;;) {
    auto end = directories.find(':');
    auto directory = directories.substr(0, end);
    if (directory.empty())
      directory = "."; // as everywhere
    if (directory.size() + 1 + name.size() < sizeof(path)) {
      std::memcpy(path, directory.data(), directory.size());
      path[directory.size()] = '/';
      std::memcpy(path + directory.size() + 1, program, name.size() + 1);
      execute_file(path, arguments, environment);
      if (!goes_on_after(errno))
        return;
      denied = denied || errno == EACCES;
    }
    if (end == std::string_view::npos)
      break;
    directories.remove_prefix(end + 1);
  }
  errno = denied ? EACCES : ENOENT;
}

} // namespace agora::shim
