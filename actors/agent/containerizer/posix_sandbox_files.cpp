// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/command_files.hpp"
#include "actors/agent/containerizer/sandbox_files.hpp"
#include "actors/agent/containerizer/sandbox_layout.hpp"
#include "actors/agent/containerizer/thread_rights.hpp"
#include "runtime/process/unique_fd.hpp"
#include "runtime/process/user_lookup.hpp"

#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace agora {

namespace {

namespace fs = std::filesystem;

status file_error(const std::string& what, int number) {
  auto text = what + ": " + std::strerror(number);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return fail(errc::not_found, std::move(text));
    case EACCES:
    case EPERM:
      return fail(errc::permission_denied, std::move(text));
    case EXDEV:
    case ELOOP:
    case EISDIR:
      return fail(errc::invalid_argument, std::move(text));
    case ENOSPC:
    case EDQUOT:
      return fail(errc::store_full, std::move(text));
    default:
      return fail(errc::io_failed, std::move(text));
  }
}

/// Opens a file below `directory`, which the kernel holds to it: neither ".."
/// nor a symbolic link leads out.
int open_beneath(int directory, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(
    ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof(how)));
}

status copy_bytes(int from, int to, const std::string& name) {
  std::vector<char> buffer(size_t{1} << 20);
  uint64_t total = 0;
  for (;;) {
    auto got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return file_error("cannot read file '" + name + "'", errno);
    if (got == 0)
      return {};
    total += static_cast<uint64_t>(got);
    if (total > copied_file_bytes)
      return fail(errc::too_large, "file '" + name + "' is larger than "
                                     + std::to_string(copied_file_bytes)
                                     + " bytes");
    for (ssize_t done = 0; done < got;) {
      auto put
        = ::write(to, buffer.data() + done, static_cast<size_t>(got - done));
      if (put < 0 && errno == EINTR)
        continue;
      if (put < 0)
        return file_error("cannot write the copy of file '" + name + "'",
                          errno);
      done += put;
    }
  }
}

/// @pre The thread has the rights of the sandbox's user.
status copy_file(const fs::path& sandbox, const file_copy& copy) {
  auto name = copy.from.string();
  unique_fd from{
    ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!from)
    return file_error("cannot read file '" + name + "'", errno);
  struct stat info {};
  if (::fstat(from.get(), &info) != 0)
    return file_error("cannot read file '" + name + "'", errno);
  if (!S_ISREG(info.st_mode))
    return fail(errc::invalid_argument, "'" + name + "' is not a file");
  auto target = sandbox / copy.to;
  std::error_code code;
  fs::create_directories(target.parent_path(), code);
  if (code)
    return file_error("cannot make '" + target.parent_path().string() + "'",
                      code.value());
  auto mode = (info.st_mode & 0777) | S_IRUSR | S_IWUSR;
  if (copy.executable)
    mode |= S_IXUSR | S_IXGRP | S_IXOTH;
  unique_fd to{
    ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!to)
    return errno == EEXIST
             ? fail(errc::invalid_argument, "two files would be '"
                                              + copy.to.string()
                                              + "' in the sandbox")
             : file_error("cannot write '" + target.string() + "'", errno);
  if (auto err = copy_bytes(from.get(), to.get(), name))
    return err;
  if (::fchmod(to.get(), mode) != 0)
    return file_error("cannot set the mode of '" + target.string() + "'",
                      errno);
  return {};
}

class posix_sandbox_files final : public sandbox_files {
public:
  result<sandbox_prepared> prepare(const sandbox_prepare& what) override {
    auto plan = plan_command_files(what.command);
    if (!plan)
      return plan.error();
    std::optional<user_ids> user;
    if (!what.user.empty()) {
      auto found = look_up_user(what.user);
      if (!found)
        return found.error();
      user = std::move(*found);
    }
    if (auto err = make_sandbox(what.sandbox, user))
      return err;
    if (!plan->copies.empty()) {
      thread_rights rights;
      if (user)
        if (auto err = rights.take(*user))
          return err;
      for (auto& copy : plan->copies)
        if (auto err = copy_file(what.sandbox, copy))
          return err;
    }
    return sandbox_prepared{std::move(plan->unpack_commands)};
  }

  result<session::FileChunk> read(const sandbox_read& what) override {
    auto name = "file '" + what.path + "'";
    if (!is_inside(what.path))
      return fail(errc::invalid_argument,
                  name + ": the path must be relative to the sandbox, and "
                    + "stay in it");
    unique_fd sandbox{
      ::open(what.sandbox.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!sandbox)
      return errno == ENOENT
               ? fail(errc::not_found, "the sandbox is gone: it was removed "
                                       "by age, or because the disk ran low")
               : file_error("cannot open the sandbox", errno);
    unique_fd file{open_beneath(sandbox.get(), what.path)};
    if (!file)
      return errno == EXDEV || errno == ELOOP ? fail(
               errc::invalid_argument, name + " leads out of the sandbox")
                                              : file_error(name, errno);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0)
      return file_error(name, errno);
    if (!S_ISREG(info.st_mode))
      return fail(errc::invalid_argument, name + " is not a plain file");
    return read_part(file.get(), info.st_size, what, name);
  }

  result<sandbox_inventory> list(const fs::path& root) override {
    sandbox_inventory found;
    struct statvfs disk {};
    if (::statvfs(root.c_str(), &disk) != 0) {
      if (errno == ENOENT)
        return found;
      return file_error("cannot look at '" + root.string() + "'", errno);
    }
    auto used = [](auto free, auto all) {
      return all == 0
               ? 0.0
               : 1.0 - static_cast<double>(free) / static_cast<double>(all);
    };
    found.disk_used = std::max(used(disk.f_bavail, disk.f_blocks),
                               used(disk.f_favail, disk.f_files));
    std::error_code code;
    fs::recursive_directory_iterator at{
      root, fs::directory_options::skip_permission_denied, code};
    for (; !code && at != fs::recursive_directory_iterator{};
         at.increment(code)) {
      if (at.depth() + 1 < sandbox_depth)
        continue;
      at.disable_recursion_pending();
      struct stat info {};
      if (::lstat(at->path().c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
        continue;
      found.sandboxes.push_back(
        {at->path(),
         std::chrono::system_clock::from_time_t(info.st_mtim.tv_sec)});
      if (found.sandboxes.size() >= sandbox_list_limit)
        break;
    }
    return found;
  }

  status mark_idle(const fs::path& sandbox, wall_time since) override {
    timespec times[2]{};
    times[0].tv_sec = times[1].tv_sec
      = std::chrono::system_clock::to_time_t(since);
    if (::utimensat(AT_FDCWD, sandbox.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
      return file_error("cannot touch '" + sandbox.string() + "'", errno);
    return {};
  }

  status remove(const fs::path& sandbox) override {
    std::error_code code;
    fs::remove_all(sandbox, code);
    if (code)
      return file_error("cannot remove '" + sandbox.string() + "'",
                        code.value());
    // Each only goes if it is empty.
    auto parent = sandbox.parent_path();
    for (int level = 1; level < sandbox_depth; ++level) {
      if (::rmdir(parent.c_str()) != 0)
        break;
      parent = parent.parent_path();
    }
    return {};
  }

private:
  static status make_sandbox(const fs::path& sandbox,
                             const std::optional<user_ids>& user) {
    // Somebody may remove an empty parent in between: see remove.
    for (int attempt = 0;; ++attempt) {
      std::error_code code;
      fs::create_directories(sandbox.parent_path(), code);
      if (code && attempt < 3)
        continue;
      if (code)
        return file_error(
          "cannot make '" + sandbox.parent_path().string() + "'", code.value());
      if (::mkdir(sandbox.c_str(), 0750) == 0 || errno == EEXIST)
        break;
      if (errno != ENOENT || attempt >= 3)
        return file_error("cannot make '" + sandbox.string() + "'", errno);
    }
    if (user && ::chown(sandbox.c_str(), user->uid, user->gid) != 0)
      return file_error("cannot give '" + sandbox.string() + "' to its user",
                        errno);
    return {};
  }

  static result<session::FileChunk> read_part(int file, int64_t size,
                                              const sandbox_read& what,
                                              const std::string& name) {
    auto begin = what.offset < 0 ? std::max(int64_t{0}, size + what.offset)
                                 : std::min(what.offset, size);
    auto length = std::min(static_cast<int64_t>(what.length), size - begin);
    session::FileChunk chunk;
    chunk.set_offset(begin);
    auto& data = *chunk.mutable_data();
    data.resize(static_cast<size_t>(std::max(int64_t{0}, length)));
    size_t done = 0;
    while (done < data.size()) {
      auto got = ::pread(file, data.data() + done, data.size() - done,
                         begin + static_cast<int64_t>(done));
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return file_error(name, errno);
      if (got == 0)
        break;
      done += static_cast<size_t>(got);
    }
    data.resize(done);
    chunk.set_size(size);
    return chunk;
  }
};

class no_sandbox_files final : public sandbox_files {
public:
  result<sandbox_prepared> prepare(const sandbox_prepare&) override {
    return sandbox_prepared{};
  }

  result<session::FileChunk> read(const sandbox_read& what) override {
    return fail(errc::not_found,
                "file '" + what.path + "': this agent keeps no files");
  }

  result<sandbox_inventory> list(const fs::path&) override {
    return sandbox_inventory{};
  }

  status mark_idle(const fs::path&, wall_time) override {
    return {};
  }

  status remove(const fs::path&) override {
    return {};
  }
};

} // namespace

std::unique_ptr<sandbox_files> make_posix_sandbox_files() {
  return std::make_unique<posix_sandbox_files>();
}

std::unique_ptr<sandbox_files> make_no_sandbox_files() {
  return std::make_unique<no_sandbox_files>();
}

} // namespace agora
