// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/containerizer/command_files.hpp"

#include "actors/agent/containerizer/sandbox_files.hpp"
#include "actors/agent/containerizer/sandbox_layout.hpp"

#include <string_view>

namespace agora {

namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (auto c : text)
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  return out + "'";
}

bool ends_with_any(std::string_view name,
                   std::initializer_list<std::string_view> endings) {
  for (auto ending : endings)
    if (name.size() > ending.size() && name.ends_with(ending))
      return true;
  return false;
}

/// How to unpack `name`; empty if it is no archive.
std::string unpack_command(const std::string& name) {
  auto file = quoted("./" + name);
  if (ends_with_any(name, {".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2",
                           ".tar.xz", ".txz"}))
    return "tar --extract --no-same-owner --file=" + file;
  if (ends_with_any(name, {".gz"}))
    return "gzip --decompress --keep --force " + file;
  if (ends_with_any(name, {".zip"}))
    return "unzip -o -q " + file;
  return {};
}

result<std::filesystem::path> local_path(const std::string& uri) {
  std::string_view path = uri;
  if (path.starts_with("file://"))
    path.remove_prefix(7);
  if (path.find("://") != std::string_view::npos)
    return fail(errc::invalid_argument,
                "file '" + uri + "' is not on this machine: only paths and "
                  + "file:// URIs can be fetched");
  if (!path.starts_with('/'))
    return fail(errc::invalid_argument,
                "file '" + uri + "' is no absolute path");
  return std::filesystem::path{path};
}

} // namespace

result<file_plan> plan_command_files(const v1::CommandInfo& command) {
  if (command.uris_size() > copied_files_limit)
    return fail(errc::too_large, "the command wants "
                                   + std::to_string(command.uris_size())
                                   + " files, and may have "
                                   + std::to_string(copied_files_limit));
  file_plan plan;
  for (auto& uri : command.uris()) {
    auto from = local_path(uri.value());
    if (!from)
      return from.error();
    std::filesystem::path to = from->filename();
    if (!uri.output_file().empty())
      to = std::filesystem::path{uri.output_file()}.lexically_normal();
    if (!is_inside(to) || to == "." || !to.has_filename())
      return fail(errc::invalid_argument,
                  "file '" + uri.value() + "' cannot be put at '" + to.string()
                    + "': the path must stay in the sandbox");
    if (to == "stdout" || to == "stderr")
      return fail(errc::invalid_argument,
                  "file '" + uri.value() + "' cannot be named '" + to.string()
                    + "': the task's output goes there");
    if (uri.extract() && !uri.executable())
      if (auto unpack = unpack_command(to.string()); !unpack.empty())
        plan.unpack_commands.push_back(std::move(unpack));
    plan.copies.push_back({std::move(*from), std::move(to), uri.executable()});
  }
  return plan;
}

} // namespace agora
