// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/known_variables.hpp"
#include "tests/integration/tools/local_cluster_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <regex>

namespace agora {
namespace {

using testing::HasSubstr;

TEST(command_lines, have_known_variables_only) {
  const std::vector<std::vector<std::string>> commands = {
    {"agorad", "master", "--help"},
    {"agorad", "agent", "--help"},
    {"agorad", "local", "--help"},
    {"agora", "--help"},
  };
  for (const auto& command : commands) {
    auto help = run_program(command);
    ASSERT_EQ(help.code, 0) << help.err;
    std::regex variable{"\\[(AGORA_[A-Z_]+)\\]"};
    size_t found = 0;
    for (std::sregex_iterator at{help.out.begin(), help.out.end(), variable};
         at != std::sregex_iterator{}; ++at, ++found)
      EXPECT_EQ(std::count(known_variables.begin(), known_variables.end(),
                           (*at)[1].str()),
                1)
        << (*at)[1] << " belongs into known_variables.hpp";
    EXPECT_GT(found, 0u);
  }
}

// docs/operating.md lists every setting, and no other.
TEST(command_lines, are_documented) {
  std::ifstream file{AGORA_SOURCE_DIR "/docs/operating.md"};
  std::string document{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_FALSE(document.empty());
  for (std::string part : {"master", "agent", "local"}) {
    auto help = run_program({"agorad", part, "--help"});
    std::regex flag{"\n  (--[a-z-]+)"};
    for (std::sregex_iterator at{help.out.begin(), help.out.end(), flag};
         at != std::sregex_iterator{}; ++at)
      EXPECT_THAT(document, HasSubstr("| `" + (*at)[1].str() + "` |"))
        << "of agorad " << part;
  }
}

TEST(command_lines, refuse_a_mistyped_variable) {
  for (std::string name : {"agora", "agorad"}) {
    auto ended = run_program({name, "version"}, {"AGORA_MASTR=127.0.0.1:1"});
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.err, HasSubstr("AGORA_MASTR is no setting of Agora; did "
                                     "you mean AGORA_MASTER?"));
  }
}

TEST(command_lines, say_when_no_master_answers) {
  // The port of a service that no machine for tests runs.
  auto ended = run_program({"agora", "--master", "127.0.0.1:1", "status"});
  EXPECT_EQ(ended.code, 3);
  EXPECT_EQ(ended.err,
            "agora: cannot reach the master: cannot connect to 127.0.0.1:1: "
            "Connection refused; is agorad running? Say where with --master "
            "HOST:PORT or AGORA_MASTER\n");
  EXPECT_EQ(ended.out, "");
}

TEST(command_lines, refuse_an_address_for_everybody) {
  scratch_directory scratch;
  for (std::string part : {"master", "agent", "local"}) {
    auto ended = run_program({"agorad", part, "--listen", "0.0.0.0:0",
                              "--work-dir", scratch.file(part)});
    EXPECT_EQ(ended.code, 2) << part;
    EXPECT_THAT(ended.err, HasSubstr("--insecure-listen"));
  }
}

TEST(command_lines, name_settings_that_nodes_cannot_use) {
  scratch_directory scratch;
  auto resources = run_program({"agorad", "agent", "--work-dir",
                                scratch.file("a"), "--resources", "cpus:-1"});
  EXPECT_EQ(resources.code, 2);
  EXPECT_THAT(resources.err, HasSubstr("resources: "));
  auto attributes = run_program({"agorad", "agent", "--work-dir",
                                 scratch.file("a"), "--attributes", "rack"});
  EXPECT_EQ(attributes.code, 2);
  EXPECT_THAT(attributes.err, HasSubstr("attributes: "));
  auto sessions = run_program({"agorad", "master", "--work-dir",
                               scratch.file("m"), "--max-sessions", "0"});
  EXPECT_EQ(sessions.code, 2);
  EXPECT_THAT(sessions.err, HasSubstr("max-sessions: at least 1"));
  auto none = run_program({"agorad", "master", "--work-dir", scratch.file("m"),
                           "--max-connections", "0"});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("max-connections: at least 1"));
  auto connections
    = run_program({"agorad", "master", "--work-dir", scratch.file("m"),
                   "--max-connections", "4000000000"});
  EXPECT_EQ(connections.code, 2);
  EXPECT_THAT(connections.err, HasSubstr("max-connections: this process may"));
  auto agents = run_program(
    {"agorad", "local", "--work-dir", scratch.file("l"), "--agents", "1000"});
  EXPECT_EQ(agents.code, 2);
  EXPECT_THAT(agents.err, HasSubstr("--agents: at most 50"));
}

} // namespace
} // namespace agora
