// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/tool_commands.hpp"

#include "tools/agora/change_commands.hpp"
#include "tools/agora/master_commands.hpp"

namespace agora {

namespace {

// Has `cmd` run `action`, which returns a tool_exit.
template <class Action>
void act(command& cmd, Action action) {
  cmd.on_run([action] {
    return static_cast<int>(action());
  });
}

} // namespace

tool_commands::tool_commands() {
  line.option("--master", settings.masters,
              "masters of the cluster, HOST:PORT[,HOST:PORT...]");
  line.choice("--output", settings.output, {"table", "json"},
              "for people, or for programs");
  line.choice("--color", settings.color, {"auto", "always", "never"},
              "colours; auto: on a terminal unless NO_COLOR is set");
  line.option("--timeout", settings.timeout, "for an answer of the master");
  line.version("agora " AGORA_VERSION);
  add_inspection();
  add_changes();
  add_masters();
  add_work();
  line.subcommand("version", "Prints the version.").on_run([this] {
    session::ToolVersion version;
    version.set_version(AGORA_VERSION);
    return static_cast<int>(settings.json()
                              ? print_json(version)
                              : print_text("agora " AGORA_VERSION "\n"));
  });
}

void tool_commands::add_inspection() {
  act(line.subcommand("status", "Shows the cluster as a whole."), [this] {
    return show_status(settings);
  });
  auto& agents
    = line.subcommand("agents", "Lists the agents and what is used of them.");
  agents.flags_only();
  agents.flag("-a,--all", ended, "also those that were marked gone");
  act(agents, [this] {
    return show_agents(settings, ended);
  });

  auto& frameworks
    = line.subcommand("frameworks", "Lists the frameworks and their shares.");
  frameworks.flags_only();
  frameworks.flag("-a,--all", ended, "also those that have ended");
  act(frameworks, [this] {
    return show_frameworks(settings, ended);
  });

  act(line.subcommand("roles", "Lists the roles and their shares."), [this] {
    return show_roles(settings);
  });
  act(line.subcommand("offers", "Lists the offers that are not answered yet."),
      [this] {
        return show_offers(settings);
      });

  auto& list = line.subcommand("tasks", "Lists the tasks.");
  list.flags_only();
  list.flag("-a,--all", tasks.ended, "also those that have ended");
  list.option("--framework", tasks.framework, "only of this framework");
  list.option("--agent", tasks.agent, "only on this agent");
  list.option("--state", tasks.state, "only in this state: running, failed...");
  act(list, [this] {
    return show_tasks(settings, tasks);
  });

  auto& task = line.subcommand("task", "Shows everything about one task.");
  task.argument("ID", id, "its id, or the beginning or end of it");
  act(task, [this] {
    return show_task(settings, id);
  });

  auto& logs = line.subcommand("logs", "Copies what a task has written.");
  logs.flags_only();
  logs.argument("ID", id, "the task's id, or the beginning or end of it");
  logs.flag("-f,--follow", follow, "go on while the task runs");
  logs.flag("--stderr", standard_error, "its standard error");
  logs.option("--file", file, "another file of its sandbox");
  act(logs, [this] {
    return show_log(settings, id, standard_error ? "stderr" : file, follow);
  });

  auto& explain = line.subcommand("explain", "Says why.");
  auto& framework = explain.subcommand(
    "framework", "Says what stands between a framework and an offer.");
  framework.argument("ID", id, "its id, or the beginning or end, or its name");
  act(framework, [this] {
    return explain_offers(settings, id);
  });
}

void tool_commands::add_changes() {
  auto& kill = line.subcommand("kill", "Kills a task.");
  kill.argument("ID", id, "its id, or the beginning or end of it");
  act(kill, [this] {
    return kill_task(settings, id);
  });

  auto& teardown = line.subcommand(
    "teardown", "Ends a framework and all of its tasks, for good.");
  teardown.argument("FRAMEWORK", id,
                    "its id, or the beginning or end, or its name");
  act(teardown, [this] {
    return teardown_framework(settings, id);
  });

  auto& gone = line.subcommand(
    "gone", "Writes an agent off, and all of its tasks, for good.");
  gone.flags_only();
  gone.argument("AGENT", id, "its id, or the beginning or end of it");
  gone.flag("--force", force, "also if it is attached and does its work");
  act(gone, [this] {
    return mark_agent_gone(settings, id, force);
  });

  auto& orphans = line.subcommand(
    "orphans", "Lists tasks that an agent holds and the log does not know.");
  act(orphans, [this] {
    return show_orphans(settings);
  });
  act(orphans.subcommand("list", "Lists them."), [this] {
    return show_orphans(settings);
  });
  auto& adopt = orphans.subcommand("adopt", "Takes one into the log.");
  adopt.argument("ID", id, "the task's id, or the beginning or end of it");
  act(adopt, [this] {
    return resolve_orphan(settings, id, session::ResolveOrphan::ADOPT);
  });
  auto& end = orphans.subcommand("kill", "Kills one.");
  end.argument("ID", id, "the task's id, or the beginning or end of it");
  act(end, [this] {
    return resolve_orphan(settings, id, session::ResolveOrphan::KILL);
  });
}

void tool_commands::add_masters() {
  auto& masters = line.subcommand(
    "masters", "Lists the masters: who leads, and how far each has got.");
  act(masters, [this] {
    return show_masters(settings);
  });
  act(masters.subcommand("list", "Lists them."), [this] {
    return show_masters(settings);
  });
  auto& add = masters.subcommand(
    "add", "Takes one in that was started with an empty directory.");
  add.argument("ID=HOST:PORT", where, "its number, and where it is reached");
  act(add, [this] {
    return add_master(settings, where);
  });
  auto& remove = masters.subcommand("remove", "Takes one out, for good.");
  remove.argument("ID", number, "its number");
  act(remove, [this] {
    return remove_master(settings, number);
  });
  auto& transfer = masters.subcommand("transfer", "Lets another one lead.");
  transfer.argument("ID", number, "its number");
  act(transfer, [this] {
    return transfer_leadership(settings, number);
  });
}

void tool_commands::add_work_options(command& cmd, work_settings& into) {
  cmd.flags_only();
  cmd.option("--cpus", into.cpus, "cpus of each task");
  cmd.option("--mem", into.mem, "memory of each task");
  cmd.repeated("--env", into.env, "NAME=VALUE",
               "a variable of each task; NAME alone hands on the tool's own");
}

void tool_commands::add_work() {
  auto& run = line.subcommand(
    "run", "Runs a command in the cluster, shows what it writes, and exits as "
           "it does.");
  add_work_options(run, work);
  run.option("--name", work.name, "name of the task");
  run.rest("CMD...", words, "the command; no shell is involved");
  run.on_run([this] {
    return run_in_cluster(settings, work, words);
  });

  auto& list = line.subcommand("batch", "Runs a list of shell commands.");
  list.argument("FILE", batch.file,
                "one job a line, a command or a JSON object; - for standard "
                "input");
  add_work_options(list, batch.each);
  list.option("--retries", batch.retries, "how often a failed job runs again");
  list.option("--parallelism", batch.parallelism,
              "jobs at once; 0: as many as the offers hold");
  list.option("--out", batch.output_folder,
              "folder for what the jobs write, as NAME.out and NAME.err");
  list.flag("-q,--quiet", batch.quiet, "print failures only");
  list.on_run([this] {
    return run_batch_in_cluster(settings, batch);
  });
}

} // namespace agora
