// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/run_word_count.hpp"
#include "runtime/node/command_line.hpp"

int main(int argc, char** argv) {
  using namespace agora;
  command_line line{"agora-word-count",
                    "Counts words on a cluster: prints \"COUNT WORD\" lines."};
  word_count_options options;
  options.executor = executor_beside_this_program();
  line.option("--master", options.masters,
              "masters of the cluster, HOST:PORT[,HOST:PORT...]");
  std::vector<std::string> paths;
  line.repeated("--path", paths, "PATH",
                "file or folder to count; the license texts of this machine if "
                "there is none");
  line.option("--files-per-task", options.files_per_task,
              "files that one task counts");
  line.option("--executor", options.executor,
              "program of the executor, as the agents see it");
  line.on_run([&] {
    if (!paths.empty())
      options.paths = paths;
    return run_word_count(options);
  });
  return line.run(argc, argv);
}
