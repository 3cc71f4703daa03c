// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/own_masters.hpp"

#include "runtime/process/unique_fd.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace agora::load {

namespace {

constexpr const char* host = "127.0.0.1";

status no_port() {
  return fail(errc::io_failed, std::string{"no port to be had on "} + host
                                 + ": " + std::strerror(errno));
}

/// Keeps the sockets open until all are chosen, so that they differ.
result<std::vector<node_address>> free_addresses(uint32_t count) {
  std::vector<unique_fd> sockets;
  std::vector<node_address> addresses;
  for (uint32_t i = 0; i < count; ++i) {
    auto& socket = sockets.emplace_back();
    socket.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    ::inet_pton(AF_INET, host, &at.sin_addr);
    socklen_t size = sizeof(at);
    auto* plain = reinterpret_cast<sockaddr*>(&at);
    if (socket.get() < 0 || ::bind(socket.get(), plain, size) != 0
        || ::getsockname(socket.get(), plain, &size) != 0)
      return no_port();
    addresses.push_back({host, ntohs(at.sin_port)});
  }
  return addresses;
}

} // namespace

std::string beside_this_program(const std::string& name) {
  std::error_code ignored;
  auto own = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (own.parent_path() / name).string();
}

result<own_masters> own_masters::choose(std::filesystem::path directory,
                                        uint32_t count, uint64_t sessions) {
  auto addresses = free_addresses(count);
  if (!addresses)
    return std::move(addresses.error());
  return own_masters{std::move(directory), sessions, std::move(*addresses)};
}

own_masters::own_masters(std::filesystem::path directory, uint64_t sessions,
                         std::vector<node_address> addresses)
  : directory_(std::move(directory)),
    sessions_(sessions),
    addresses_(std::move(addresses)),
    programs_(addresses_.size()) {
  // nop
}

std::string own_masters::name_of(size_t which) const {
  return "master-" + std::to_string(which + 1);
}

std::string own_masters::log_of(size_t which) const {
  return (directory_ / (name_of(which) + ".log")).string();
}

status own_masters::start(size_t which) {
  std::error_code ignored;
  std::filesystem::remove(log_of(which), ignored);
  std::string peers;
  for (uint32_t i = 0; i < addresses_.size(); ++i)
    peers += (i == 0 ? "" : ",")
             + to_string(numbered_address{i + 1, addresses_[i]});
  std::vector<std::string> arguments{"master",
                                     "--id",
                                     std::to_string(which + 1),
                                     "--peers",
                                     peers,
                                     "--listen",
                                     to_string(addresses_[which]),
                                     "--work-dir",
                                     (directory_ / name_of(which)).string(),
                                     "--end-with-parent",
                                     "--max-sessions",
                                     std::to_string(sessions_)};
  if (which == 0)
    arguments.emplace_back("--bootstrap");
  auto started = child_program::start(
    name_of(which), beside_this_program("agorad"), arguments, log_of(which));
  if (!started)
    return std::move(started.error());
  programs_[which] = std::move(*started);
  return {};
}

bool own_masters::listens(size_t which) const {
  std::ifstream in{log_of(which)};
  for (std::string line; std::getline(in, line);)
    if (line.find("master up listen=") != std::string::npos)
      return true;
  return false;
}

void own_masters::kill(size_t which) {
  programs_[which].reset();
}

std::optional<std::string> own_masters::end() {
  for (auto& program : programs_)
    if (program)
      if (auto how = program->end())
        return how;
  return std::nullopt;
}

pid_t own_masters::pid(size_t which) const {
  return programs_[which]->pid();
}

} // namespace agora::load
