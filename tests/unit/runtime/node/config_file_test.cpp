// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/config_file.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

TEST(config_file, reads_names_values_and_their_lines) {
  auto lines = parse_config("# a comment\n"
                            "\n"
                            "listen = 127.0.0.1:7050\r\n"
                            "  ; another\n"
                            "resources=cpus:4;ports:[1-2, 4-5]\n"
                            "motd = \"  kept  \"\n"
                            "empty =",
                            "a.conf");
  ASSERT_TRUE(lines) << text_of(lines.error());
  ASSERT_EQ(lines->size(), 4u);
  EXPECT_EQ((*lines)[0].line, 3u);
  EXPECT_EQ((*lines)[0].name, "listen");
  EXPECT_EQ((*lines)[0].value, "127.0.0.1:7050");
  EXPECT_EQ((*lines)[1].value, "cpus:4;ports:[1-2, 4-5]");
  EXPECT_EQ((*lines)[2].value, "  kept  ");
  EXPECT_EQ((*lines)[3].line, 7u);
  EXPECT_EQ((*lines)[3].value, "");
}

TEST(config_file, names_the_line_that_it_cannot_read) {
  auto no_equals = parse_config("a = 1\nnonsense\n", "a.conf");
  EXPECT_EQ(text_of(no_equals.error()),
            "a.conf:2: expected a line of the form: name = value");
  auto no_name = parse_config("= 1", "a.conf");
  EXPECT_EQ(text_of(no_name.error()),
            "a.conf:1: expected a line of the form: name = value");
  auto no_quote = parse_config("a = \"b", "a.conf");
  EXPECT_EQ(text_of(no_quote.error()),
            "a.conf:1: the value's closing quote is missing");
}

TEST(config_file, says_which_file_is_missing) {
  auto lines = read_config_file("/nonexistent/agora.conf");
  EXPECT_EQ(text_of(lines.error()),
            "cannot read the configuration file /nonexistent/agora.conf: No "
            "such file or directory");
}

TEST(config_file, refuses_a_directory) {
  EXPECT_FALSE(read_config_file("/"));
}

} // namespace
} // namespace agora
