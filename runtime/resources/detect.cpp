// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/detect.hpp"

#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#include <cerrno>
#include <memory>
#include <sched.h>
#include <string>
#include <system_error>

namespace agora {

namespace {

/// Machines larger than this are told their number of processors by hand.
constexpr size_t processors_limit = 64 * 1024;

status failed(const std::string& what) {
  return fail(errc::io_failed,
              what + ": " + std::generic_category().message(errno));
}

/// The processors on which the scheduler may put this process, which are
/// online by that: taskset and cpusets count, quotas do not.
result<uint32_t> usable_processors() {
  // The kernel refuses a mask shorter than its own, whose length it only says
  // so: try larger ones.
  for (size_t size = 1024; size <= processors_limit; size *= 2) {
    auto bytes = CPU_ALLOC_SIZE(size);
    auto free = [](cpu_set_t* set) {
      CPU_FREE(set);
    };
    std::unique_ptr<cpu_set_t, decltype(free)> mask{CPU_ALLOC(size), free};
    if (mask == nullptr)
      break;
    if (sched_getaffinity(0, bytes, mask.get()) == 0)
      return static_cast<uint32_t>(CPU_COUNT_S(bytes, mask.get()));
    if (errno != EINVAL)
      break;
  }
  return failed("cannot read the processors of this process");
}

} // namespace

result<host_capacity> detect_host(const std::filesystem::path& work_dir) {
  host_capacity host;
  auto processors = usable_processors();
  if (!processors)
    return std::move(processors.error());
  host.cpus = *processors;
  struct sysinfo memory {};
  if (sysinfo(&memory) != 0)
    return failed("cannot read the size of the memory");
  host.memory_bytes = uint64_t{memory.totalram} * memory.mem_unit;
  struct statvfs disk {};
  if (statvfs(work_dir.c_str(), &disk) != 0)
    return failed("cannot read the size of the file system of "
                  + work_dir.string());
  host.disk_bytes = uint64_t{disk.f_blocks} * disk.f_frsize;
  return host;
}

} // namespace agora
