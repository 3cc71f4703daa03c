// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/table.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

TEST(table, aligns_columns_by_what_is_in_them) {
  table sut{{{"ID", false}, {"CPUS", true}, {"STATE", false}}};
  sut.add({"a", "0.5", "running"});
  sut.add({"longer", "16", ""});
  EXPECT_EQ(sut.render(false), "ID      CPUS  STATE\n"
                               "a        0.5  running\n"
                               "longer    16\n");
}

TEST(table, counts_columns_not_bytes) {
  table sut{{{"NAME", false}, {"N", true}}};
  sut.add({"\xC3\xA9t\xC3\xA9", "1"});
  sut.add({"winter", "2"});
  EXPECT_EQ(sut.render(false), "NAME    N\n"
                               "\xC3\xA9t\xC3\xA9     1\n"
                               "winter  2\n");
}

TEST(table, colours_without_moving_anything) {
  table sut{{{"A", false}, {"B", false}}};
  sut.add({{"x", tone::good}, "y"});
  EXPECT_EQ(sut.render(true), "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n"
                              "\x1b[32mx\x1b[0m  y\n");
}

TEST(table, keeps_control_characters_from_the_terminal) {
  table sut{{{"NAME", false}}};
  sut.add({"a\x1b[31m\nb"});
  EXPECT_EQ(sut.render(false), "NAME\na?[31m?b\n");
}

TEST(table, without_rows_has_its_headings) {
  EXPECT_EQ((table{{{"A", true}}}.render(false)), "A\n");
}

} // namespace
} // namespace agora
