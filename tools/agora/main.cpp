// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/command_line.hpp"
#include "tools/agora/tool_commands.hpp"

int main(int argc, char** argv) {
  agora::tool_commands commands;
  return commands.line.run(argc, argv);
}
