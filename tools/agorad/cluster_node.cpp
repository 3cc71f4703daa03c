// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agorad/cluster_node.hpp"

#include "runtime/node/command_line.hpp"
#include "tools/agorad/child.hpp"
#include "tools/agorad/work_directory.hpp"

namespace agora {

void add_cluster_node_options(command& cmd, cluster_node_settings& settings,
                              const std::string& kind,
                              const std::string& contents,
                              const std::string& peers) {
  cmd.option("--work-dir", settings.work_dir, "directory for " + contents);
  cmd.option("--listen", settings.listen,
             "address for " + peers
               + "; port 0: the one of the last time, or any");
  cmd.option("--advertise", settings.advertise,
             "address under which others reach this " + kind
               + ", if it differs");
  cmd.flag("--insecure-listen", settings.insecure_listen,
           "allow an address that other machines reach");
  cmd.flag("--end-with-parent", settings.end_with_parent,
           "end when the process that started this one ends");
}

int run_cluster_node(const cluster_node_settings& settings,
                     const std::string& kind, const start_cluster_node& start) {
  return run_node(
    settings.node,
    [&](caf::actor_system& system,
        node_control& control) -> result<running_node> {
      if (settings.end_with_parent && !end_with_parent())
        return fail(errc::shutting_down, "the parent has ended already");
      const auto& host = settings.listen.host;
      if (auto err = check_listen_host(host, settings.insecure_listen))
        return err;
      auto work_dir = make_work_directory(
        settings.work_dir.empty() ? default_work_dir(kind) : settings.work_dir);
      if (!work_dir)
        return work_dir.error();
      auto port = choose_port(*work_dir, host, settings.listen.port);
      if (!port)
        return port.error();
      return start(*work_dir, *port, system, control);
    });
}

} // namespace agora
