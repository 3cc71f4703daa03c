// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/shim_spawn.hpp"

#include "runtime/base/check.hpp"
#include "runtime/process/shim_protocol.hpp"
#include "runtime/process/shim_record.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace agora {
namespace {

template <class T>
void append_bytes(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void append_string(std::string& to, std::string_view text) {
  to.append(text);
  to.push_back('\0');
}

std::vector<std::string_view> argument_vector(const launch_spec& spec) {
  if (spec.shell)
    return {"sh", "-c", spec.command};
  if (spec.arguments.empty())
    return {spec.command};
  return {spec.arguments.begin(), spec.arguments.end()};
}

/// Appends the environment, the last value of each variable; returns how many.
uint32_t append_environment(std::string& to, const launch_spec& spec) {
  std::unordered_map<std::string_view, size_t> last;
  for (size_t i = 0; i < spec.environment.size(); ++i)
    last[spec.environment[i].first] = i;
  last.erase(task_key_variable);
  for (size_t i = 0; i < spec.environment.size(); ++i) {
    auto& [name, value] = spec.environment[i];
    auto found = last.find(name);
    if (found == last.end() || found->second != i)
      continue;
    to.append(name).append("=");
    append_string(to, value);
  }
  to.append(task_key_variable).append("=");
  append_string(to, spec.task_key);
  return static_cast<uint32_t>(last.size() + 1);
}

status step_failed(const std::string& step, int error) {
  return fail(errc::launch_failed, step + ": " + std::strerror(error));
}

/// Moves `fd` out of the range that the shim's own descriptors get.
bool move_above_shim_fds(unique_fd& fd) {
  if (fd && fd.get() <= shim::report_fd)
    fd.reset(::fcntl(fd.get(), F_DUPFD_CLOEXEC, shim::report_fd + 1));
  return static_cast<bool>(fd);
}

result<unique_fd> store_spec(const std::string& bytes) {
  unique_fd file{::memfd_create("agora-spec", MFD_CLOEXEC)};
  if (!move_above_shim_fds(file))
    return step_failed("create the specification", errno);
  for (size_t done = 0; done < bytes.size();) {
    auto written
      = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno != EINTR)
      return step_failed("write the specification", errno);
    done += written > 0 ? static_cast<size_t>(written) : 0;
  }
  return file;
}

/// What posix_spawn shall do for every shim; only descriptors differ.
class spawn_attributes {
public:
  spawn_attributes() {
    sigset_t all;
    sigfillset(&all);
    auto error = posix_spawnattr_init(&value_);
    // Blocked from its first instruction on: the shim awaits signals, and one
    // that came before it was ready would end it. Its task gets them unblocked.
    error += posix_spawnattr_setsigmask(&value_, &all);
    error += posix_spawnattr_setsigdefault(&value_, &all);
    error += posix_spawnattr_setflags(&value_, POSIX_SPAWN_SETSID
                                                 | POSIX_SPAWN_SETSIGMASK
                                                 | POSIX_SPAWN_SETSIGDEF);
    AGORA_CHECK(error == 0);
  }

  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;

  ~spawn_attributes() {
    posix_spawnattr_destroy(&value_);
  }

  const posix_spawnattr_t* get() const {
    return &value_;
  }

private:
  posix_spawnattr_t value_{};
};

class spawn_actions {
public:
  spawn_actions(int spec, int report) {
    error_ = posix_spawn_file_actions_init(&value_);
    error_ += posix_spawn_file_actions_adddup2(&value_, spec, shim::spec_fd);
    error_
      += posix_spawn_file_actions_adddup2(&value_, report, shim::report_fd);
    error_
      += posix_spawn_file_actions_addopen(&value_, 1, "/dev/null", O_WRONLY, 0);
    error_ += posix_spawn_file_actions_adddup2(&value_, 1, 2);
    // Libraries of ours do not all open with O_CLOEXEC.
    error_
      += posix_spawn_file_actions_addclosefrom_np(&value_, shim::report_fd + 1);
  }

  spawn_actions(const spawn_actions&) = delete;
  spawn_actions& operator=(const spawn_actions&) = delete;

  ~spawn_actions() {
    posix_spawn_file_actions_destroy(&value_);
  }

  bool good() const {
    return error_ == 0;
  }

  const posix_spawn_file_actions_t* get() const {
    return &value_;
  }

private:
  posix_spawn_file_actions_t value_{};
  int error_ = 0;
};

} // namespace

std::string encode_shim_spec(const launch_spec& spec,
                             const std::string& boot_id,
                             const std::optional<user_ids>& user) {
  auto arguments = argument_vector(spec);
  shim::spec_header header{};
  std::memcpy(header.magic, shim::spec_magic, sizeof(header.magic));
  header.limits = static_cast<uint32_t>(spec.limits.size());
  header.arguments = static_cast<uint32_t>(arguments.size());
  if (user) {
    header.switch_user = 1;
    header.uid = user->uid;
    header.gid = user->gid;
    header.groups = static_cast<uint32_t>(user->groups.size());
  }
  std::string bytes;
  append_bytes(bytes, header);
  for (auto& limit : spec.limits)
    append_bytes(bytes, shim::spec_limit{static_cast<uint64_t>(limit.resource),
                                         limit.soft, limit.hard});
  if (user)
    for (auto group : user->groups)
      append_bytes(bytes, group);
  append_string(bytes,
                shim_record_path(spec.run_directory, spec.task_key).native());
  append_string(bytes, spec.sandbox.native());
  append_string(bytes, boot_id);
  append_string(bytes, spec.shell ? "/bin/sh" : spec.command);
  for (auto& argument : arguments)
    append_string(bytes, argument);
  header.variables = append_environment(bytes, spec);
  header.bytes = bytes.size();
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

result<spawned_shim> spawn_shim(const std::filesystem::path& program,
                                const std::string& task_key,
                                const std::string& encoded_spec) {
  static const spawn_attributes attributes;
  auto spec = store_spec(encoded_spec);
  if (!spec)
    return std::move(spec.error());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return step_failed("create the shim's pipe", errno);
  unique_fd report{ends[0]};
  unique_fd shim_end{ends[1]};
  if (!move_above_shim_fds(shim_end))
    return step_failed("create the shim's pipe", errno);
  spawn_actions actions{spec->get(), shim_end.get()};
  if (!actions.good())
    return step_failed("prepare the shim", ENOMEM);
  std::string name = "agora-shim";
  auto key = task_key;
  char* arguments[] = {name.data(), key.data(), nullptr};
  char* environment[] = {nullptr};
  pid_t pid = 0;
  auto error = posix_spawn(&pid, program.c_str(), actions.get(),
                           attributes.get(), arguments, environment);
  if (error != 0)
    return step_failed("start the shim " + program.string(), error);
  return spawned_shim{pid, std::move(report)};
}

} // namespace agora
