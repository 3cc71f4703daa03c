// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/framework_program.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using addresses = std::vector<node_address>;

framework_options parse(std::vector<std::string> arguments,
                        std::map<std::string, std::string> environment,
                        bool expect_failure = false) {
  framework_options options;
  command_line line{"program", "A test."};
  add_framework_options(line, options);
  line.on_run([] {
    return 0;
  });
  auto outcome = line.parse(arguments, environment);
  EXPECT_EQ(outcome.exit_code.has_value(), expect_failure) << outcome.error;
  return options;
}

TEST(FrameworkOptions, MasterIsOnThisMachineUnlessSaidOtherwise) {
  EXPECT_EQ(parse({}, {}).masters, (addresses{{"127.0.0.1", 7050}}));
}

TEST(FrameworkOptions, FlagBeatsVariable) {
  std::map<std::string, std::string> environment{{"AGORA_MASTER", "v:1,w:2"}};
  EXPECT_EQ(parse({}, environment).masters, (addresses{{"v", 1}, {"w", 2}}));
  EXPECT_EQ(parse({"--master", "m1:5,m2:6"}, environment).masters,
            (addresses{{"m1", 5}, {"m2", 6}}));
}

TEST(FrameworkOptions, NonsenseIsRefused) {
  for (auto text : {"host", "host:0", "host:70000", ":5", "a:1,,b:2"})
    parse({"--master", text}, {}, true);
}

TEST(CurrentUser, IsNotEmpty) {
  EXPECT_FALSE(current_user().empty());
}

} // namespace
} // namespace agora
