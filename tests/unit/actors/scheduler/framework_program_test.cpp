// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/framework_program.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

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

class FrameworkIdFile : public testing::Test {
protected:
  /// What a process that starts now would subscribe as; "" as a new framework.
  std::string id_at_start() {
    framework_options options;
    auto failed = keep_framework_id(options, path_);
    EXPECT_FALSE(failed) << describe(failed);
    keep_ = options.driver.keep_id;
    return options.driver.info.id().value();
  }

  void write(const std::string& text) {
    std::ofstream{path_, std::ios::binary} << text;
  }

  scratch_directory scratch_;
  std::string path_ = scratch_.file("id");
  std::function<status(const framework_id&)> keep_;
};

TEST_F(FrameworkIdFile, IsThereForTheNextProcessUntilTheFrameworkIsOver) {
  EXPECT_EQ(id_at_start(), "");
  EXPECT_FALSE(keep_(framework_id{"f1"}));
  EXPECT_EQ(id_at_start(), "f1");
  EXPECT_FALSE(keep_(framework_id{"f2"}));
  EXPECT_EQ(id_at_start(), "f2");
  EXPECT_FALSE(keep_({}));
  EXPECT_EQ(id_at_start(), "");
  EXPECT_FALSE(keep_({})) << "there is none any more, as wished";
}

TEST_F(FrameworkIdFile, DraftOfAProcessThatWasKilledDoesNoHarm) {
  write("f1\n");
  std::ofstream{path_ + ".new"} << "f2-and-mo";
  EXPECT_EQ(id_at_start(), "f1");
  EXPECT_FALSE(keep_(framework_id{"f3"}));
  EXPECT_EQ(id_at_start(), "f3");
}

TEST_F(FrameworkIdFile, SomethingElseIsNamedAndLeftAlone) {
  for (auto& text : {std::string{}, std::string{"\n"}, std::string{"two words"},
                     std::string{"f1\nf2\n"}, std::string("f\0", 2),
                     std::string(5'000, 'x')}) {
    write(text);
    framework_options options;
    auto failed = keep_framework_id(options, path_);
    EXPECT_EQ(code_of(failed), errc::store_corrupt) << text;
    EXPECT_NE(text_of(failed).find(path_), std::string::npos);
  }
}

TEST_F(FrameworkIdFile, PlaceThatCannotBeWrittenIsNamedAtStart) {
  framework_options options;
  auto path = scratch_.file("missing/id");
  auto failed = keep_framework_id(options, path);
  EXPECT_EQ(code_of(failed), errc::io_failed);
  EXPECT_NE(text_of(failed).find(path), std::string::npos);
}

} // namespace
} // namespace agora
