// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/command_line.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// A program with the parts that ours have.
struct sample_program {
  command_line line{"sample", "A program."};
  std::string output = "table";
  std::chrono::seconds timeout = 75s;
  byte_size cache{64u << 20};
  bool insecure = false;
  std::vector<std::string> variables;
  std::string id;
  std::vector<std::string> rest;

  sample_program() {
    line.choice("--output", output, {"table", "json"}, "how to print");
    auto& serve = line.subcommand("serve", "Serves.");
    serve.option("-t,--agent-timeout", timeout, "how long");
    serve.option("--cache", cache, "how much");
    serve.flag("--insecure", insecure, "how bad");
    serve.accept_config_file();
    serve.on_run([] {
      return 0;
    });
    auto& run = line.subcommand("run", "Runs.");
    run.repeated("--env", variables, "NAME=VALUE", "variables");
    run.rest("CMD...", rest, "what to run");
    run.on_run([] {
      return 0;
    });
    auto& show = line.subcommand("show", "Shows.");
    show.argument("ID", id, "which one");
    show.on_run([] {
      return 0;
    });
  }

  command_line_outcome parse(std::vector<std::string> arguments,
                             std::map<std::string, std::string> environment
                             = {}) {
    return line.parse(arguments, environment);
  }
};

std::string config_of(const scratch_directory& scratch,
                      const std::string& text) {
  auto path = scratch.file("a.conf");
  std::ofstream{path} << text;
  return path;
}

TEST(command_line, keeps_defaults) {
  sample_program program;
  auto outcome = program.parse({"serve"});
  EXPECT_FALSE(outcome.exit_code) << outcome.error;
  EXPECT_EQ(outcome.commands, std::vector<std::string>{"serve"});
  EXPECT_EQ(program.timeout, 75s);
  EXPECT_FALSE(program.insecure);
}

TEST(command_line, prefers_flag_to_variable_to_file) {
  scratch_directory scratch;
  auto path = config_of(scratch, "agent-timeout = 1s\ncache = 1MiB\n"
                                 "insecure = yes\n");
  sample_program program;
  auto outcome
    = program.parse({"serve", "--config", path, "--agent-timeout=3s"},
                    {{"AGORA_AGENT_TIMEOUT", "2s"}, {"AGORA_CACHE", "2MiB"}});
  EXPECT_FALSE(outcome.exit_code) << outcome.error;
  EXPECT_EQ(program.timeout, 3s);
  EXPECT_EQ(program.cache.bytes, 2u << 20);
  EXPECT_TRUE(program.insecure);
}

TEST(command_line, takes_the_place_of_the_file_from_a_variable) {
  scratch_directory scratch;
  sample_program program;
  program.parse({"serve"},
                {{"AGORA_CONFIG", config_of(scratch, "agent-timeout = 1s")}});
  EXPECT_EQ(program.timeout, 1s);
}

TEST(command_line, lets_a_flag_say_no) {
  sample_program program;
  program.parse({"serve", "--insecure=false"}, {{"AGORA_INSECURE", "true"}});
  EXPECT_FALSE(program.insecure);
}

TEST(command_line, takes_flags_of_the_program_after_the_subcommand) {
  sample_program program;
  program.parse({"serve", "--output", "json"});
  EXPECT_EQ(program.output, "json");
}

TEST(command_line, takes_everything_after_the_dashes_as_it_is) {
  sample_program program;
  auto outcome = program.parse(
    {"run", "--env", "A=1,2", "--env", "B=", "--", "ls", "-l", "--", "x"});
  EXPECT_FALSE(outcome.exit_code) << outcome.error;
  EXPECT_EQ(program.rest, (std::vector<std::string>{"ls", "-l", "--", "x"}));
  EXPECT_EQ(program.variables, (std::vector<std::string>{"A=1,2", "B="}));
}

struct mistake {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string text;
};

TEST(command_line, names_each_mistake) {
  const std::vector<mistake> mistakes = {
    {{"serve", "--agent-timeout", "75"},
     {},
     "--agent-timeout: \"75\" is not a duration such as"},
    {{"serve"},
     {{"AGORA_AGENT_TIMEOUT", "soon"}},
     "AGORA_AGENT_TIMEOUT: \"soon\" is not a duration such as"},
    // A stronger value does not hide a wrong one.
    {{"serve", "--agent-timeout", "75s"},
     {{"AGORA_AGENT_TIMEOUT", "soon"}},
     "AGORA_AGENT_TIMEOUT: \"soon\" is not a duration such as"},
    {{"serve"},
     {{"AGORA_AGENT_TIMOUT", "75s"}},
     "the environment variable AGORA_AGENT_TIMOUT is no setting of Agora; did "
     "you mean AGORA_AGENT_TIMEOUT?"},
    {{"serve", "--agent-timout", "75s"}, {}, "--agent-timout"},
    {{"serve", "surplus"}, {}, "surplus"},
    {{"serve", "--output", "xml"},
     {},
     "--output: \"xml\" is not one of table|json"},
    {{"serve", "--insecure=maybe"}, {}, "--insecure"},
    {{"run", "ls", "-l"}, {}, "put the command to run after --"},
    {{"serve", "--", "ls"}, {}, "nothing is expected after --"},
    {{"show"}, {}, "ID is required"},
    {{"srve"}, {}, "there is no command \"srve\"; did you mean serve?"},
    {{"nonsense"}, {}, "there is no command \"nonsense\"; --help lists those"},
  };
  for (const auto& each : mistakes) {
    sample_program program;
    auto outcome = program.parse(each.arguments, each.environment);
    EXPECT_EQ(outcome.exit_code, exit_usage) << each.text;
    EXPECT_THAT(outcome.error, HasSubstr(each.text));
    EXPECT_THAT(outcome.error, testing::StartsWith("sample: "));
  }
}

TEST(command_line, names_file_and_line_of_each_mistake) {
  scratch_directory scratch;
  const std::vector<std::pair<std::string, std::string>> mistakes = {
    {"\nagent-timout = 1s",
     "a.conf:2: agent-timout is no setting here; did you mean agent-timeout?"},
    {"agent-timeout = soon", "a.conf:1: agent-timeout: \"soon\" is not"},
    {"cache = 1B\ncache = 2B", "a.conf:2: cache stands in line 1 already"},
    {"config = b.conf", "a.conf:1: config is no setting here"},
    {"nonsense", "a.conf:1: expected a line of the form"},
  };
  for (const auto& [text, complaint] : mistakes) {
    sample_program program;
    auto outcome
      = program.parse({"serve", "--config", config_of(scratch, text)});
    EXPECT_EQ(outcome.exit_code, exit_usage);
    EXPECT_THAT(outcome.error, HasSubstr(complaint));
  }
}

TEST(command_line, helps) {
  sample_program program;
  auto outcome = program.parse({"serve", "--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("--agent-timeout TIME (75s)"));
  EXPECT_THAT(outcome.output, HasSubstr("[AGORA_AGENT_TIMEOUT]"));
}

TEST(command_line, helps_in_each_usual_way) {
  auto help_of = [](std::vector<std::string> arguments) {
    sample_program program;
    auto outcome = program.parse(std::move(arguments));
    EXPECT_EQ(outcome.exit_code, 0);
    return outcome.output;
  };
  EXPECT_EQ(help_of({"help", "serve"}), help_of({"serve", "-h"}));
  EXPECT_EQ(help_of({"help"}), help_of({"--help"}));
  EXPECT_THAT(help_of({"help"}), HasSubstr("Runs."));
  EXPECT_THAT(help_of({"run", "--help"}),
              HasSubstr("Usage: sample run [OPTIONS] -- CMD...\n"));
}

TEST(command_line, tells_its_version) {
  sample_program program;
  program.line.version("sample 1.2");
  auto outcome = program.parse({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, "sample 1.2\n");
}

TEST(command_line, shows_its_help_if_nothing_is_asked) {
  sample_program program;
  auto outcome = program.parse({});
  EXPECT_EQ(outcome.exit_code, exit_usage);
  EXPECT_THAT(outcome.error, HasSubstr("serve"));
}

TEST(nearest_word, is_near) {
  EXPECT_EQ(nearest_word("stats", {"tasks", "status"}), "status");
  EXPECT_EQ(nearest_word("banana", {"tasks", "status"}), std::nullopt);
}

} // namespace
} // namespace agora
