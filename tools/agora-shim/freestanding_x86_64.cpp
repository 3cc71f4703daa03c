// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// The part of the C library that the shim needs, for x86-64, where it is linked
// in the library's place.
//
// Why: before main(), the static C library asks the processor for its caches and
// features. Each question (CPUID) leaves a virtual machine for its host, and
// there are dozens: about a third of what the shim adds to a launch. The shim
// has no use for the answers. Other processors take the C library as it is.
//
// Not thread-safe, and does not need to be. `errno` works as usual.

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <type_traits>
#include <unistd.h>

namespace {

int last_error = 0;

long raw_call(long number, long a = 0, long b = 0, long c = 0, long d = 0,
              long e = 0, long f = 0) {
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

long checked(long result) {
  if (result >= 0 || result < -4095)
    return result;
  last_error = static_cast<int>(-result);
  return -1;
}

template <class T>
long as_long(T value) {
  if constexpr (std::is_pointer_v<T>)
    return reinterpret_cast<long>(value);
  else
    return static_cast<long>(value);
}

template <class... Ts>
long call(long number, Ts... arguments) {
  return checked(raw_call(number, as_long(arguments)...));
}

template <class... Ts>
int int_call(long number, Ts... arguments) {
  return static_cast<int>(call(number, arguments...));
}

/// What the kernel takes for the size of a set of signals.
constexpr size_t kernel_set_bytes = 8;

} // namespace

// The kernel starts a program here, with an aligned stack and no return
// address.
asm(R"(
.pushsection .text
.globl _start
_start:
  xor %ebp, %ebp
  call main
  mov %eax, %edi
  mov $231, %eax
  syscall

# The child returns first, and overwrites the stack where the return address
# was: it is kept in a register, which a system call leaves alone.
.globl vfork
vfork:
  pop %rdi
  mov $58, %eax
  syscall
  push %rdi
  cmp $-4095, %eax
  jae 1f
  ret
1:
  neg %eax
  mov %eax, %edi
  sub $8, %rsp
  call agora_shim_set_errno
  add $8, %rsp
  mov $-1, %eax
  ret
.popsection
)");

extern "C" {

void agora_shim_set_errno(int value) {
  last_error = value;
}

int* __errno_location() noexcept {
  return &last_error;
}

// -- memory and strings -------------------------------------------------------

void* memcpy(void* to, const void* from, size_t size) noexcept {
  auto kept = to;
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return kept;
}

void* memmove(void* to, const void* from, size_t size) noexcept {
  auto target = static_cast<char*>(to);
  auto source = static_cast<const char*>(from);
  if (target <= source || target >= source + size)
    return memcpy(to, from, size);
  while (size-- > 0) {
    target[size] = source[size];
    asm volatile("" : : : "memory"); // or it becomes a call of memmove
  }
  return to;
}

void* memset(void* to, int value, size_t size) noexcept {
  auto kept = to;
  asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
  return kept;
}

int memcmp(const void* left, const void* right, size_t size) noexcept {
  auto a = static_cast<const unsigned char*>(left);
  auto b = static_cast<const unsigned char*>(right);
  for (size_t i = 0; i < size; ++i)
    if (a[i] != b[i])
      return a[i] - b[i];
  return 0;
}

// C++ declares two of that name, which C cannot: so the name is for the linker.
void* find_byte(const void* in, int value, size_t size) noexcept
  __asm__("memchr");

void* find_byte(const void* in, int value, size_t size) noexcept {
  auto bytes = static_cast<const unsigned char*>(in);
  for (size_t i = 0; i < size; ++i)
    if (bytes[i] == static_cast<unsigned char>(value))
      return const_cast<unsigned char*>(bytes + i);
  return nullptr;
}

size_t strlen(const char* text) noexcept {
  size_t size = 0;
  while (text[size] != '\0') {
    ++size;
    asm volatile(""); // or it becomes a call of strlen
  }
  return size;
}

// -- files --------------------------------------------------------------------

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return int_call(SYS_open, path, flags, mode);
}

ssize_t read(int fd, void* to, size_t size) {
  return call(SYS_read, fd, to, size);
}

ssize_t write(int fd, const void* from, size_t size) {
  return call(SYS_write, fd, from, size);
}

int close(int fd) {
  return int_call(SYS_close, fd);
}

int close_range(unsigned first, unsigned last, int flags) noexcept {
  return int_call(SYS_close_range, first, last, flags);
}

int fstat(int fd, struct stat* out) noexcept {
  return int_call(SYS_fstat, fd, out);
}

int chdir(const char* path) noexcept {
  return int_call(SYS_chdir, path);
}

void* mmap(void* at, size_t size, int protection, int flags, int fd,
           off_t offset) noexcept {
  return reinterpret_cast<void*>(
    call(SYS_mmap, at, size, protection, flags, fd, offset));
}

int munmap(void* at, size_t size) noexcept {
  return int_call(SYS_munmap, at, size);
}

// -- processes ----------------------------------------------------------------

pid_t getpid() noexcept {
  return int_call(SYS_getpid);
}

pid_t getppid() noexcept {
  return int_call(SYS_getppid);
}

pid_t setsid() noexcept {
  return int_call(SYS_setsid);
}

int prctl(int option, ...) noexcept {
  va_list more;
  va_start(more, option);
  auto value = va_arg(more, unsigned long);
  va_end(more);
  return int_call(SYS_prctl, option, value, 0, 0, 0);
}

int setgroups(size_t count, const gid_t* groups) noexcept {
  return int_call(SYS_setgroups, count, groups);
}

int setresgid(gid_t real, gid_t effective, gid_t saved) noexcept {
  return int_call(SYS_setresgid, real, effective, saved);
}

int setresuid(uid_t real, uid_t effective, uid_t saved) noexcept {
  return int_call(SYS_setresuid, real, effective, saved);
}

int setrlimit(__rlimit_resource_t resource, const rlimit* limit) noexcept {
  return int_call(SYS_setrlimit, static_cast<int>(resource), limit);
}

int execve(const char* path, char* const arguments[],
           char* const environment[]) noexcept {
  return int_call(SYS_execve, path, arguments, environment);
}

void _exit(int code) {
  for (;;)
    raw_call(SYS_exit_group, code);
}

pid_t waitpid(pid_t pid, int* status, int options) {
  return int_call(SYS_wait4, pid, status, options, 0);
}

int waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  return int_call(SYS_waitid, static_cast<int>(type), id, info, options, 0);
}

// -- signals ------------------------------------------------------------------

int kill(pid_t pid, int signal) noexcept {
  return int_call(SYS_kill, pid, signal);
}

int sigemptyset(sigset_t* set) noexcept {
  std::memset(set, 0, sizeof(*set));
  return 0;
}

int sigfillset(sigset_t* set) noexcept {
  std::memset(set, 0xff, sizeof(*set));
  return 0;
}

int sigaddset(sigset_t* set, int signal) noexcept {
  set->__val[0] |= 1ul << (signal - 1); // 64 signals: one word
  return 0;
}

int sigprocmask(int how, const sigset_t* set, sigset_t* old) noexcept {
  return int_call(SYS_rt_sigprocmask, how, set, old, kernel_set_bytes);
}

int sigtimedwait(const sigset_t* set, siginfo_t* info, const timespec* limit) {
  return int_call(SYS_rt_sigtimedwait, set, info, limit, kernel_set_bytes);
}

int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
  return sigtimedwait(set, info, nullptr);
}

long syscall(long number, ...) noexcept {
  va_list more;
  va_start(more, number);
  long values[6];
  for (auto& value : values)
    value = va_arg(more, long);
  va_end(more);
  return checked(raw_call(number, values[0], values[1], values[2], values[3],
                          values[4], values[5]));
}

} // extern "C"

namespace std {

/// What string_view's functions call when used out of range, which the shim's
/// do not. Declared by the library, as a function that does not return.
void __throw_out_of_range_fmt(const char*, ...) {
  _exit(125);
}

} // namespace std
