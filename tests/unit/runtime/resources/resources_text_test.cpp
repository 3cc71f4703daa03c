// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources_text.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

std::string round_trip(std::string_view text) {
  auto made = parse_resources(text);
  return made ? to_string(*made) : "! " + text_of(made.error());
}

TEST(ResourcesText, ReadsEveryKind) {
  EXPECT_EQ(round_trip("cpus:4;mem:1024;disk:10240;"
                       "ports:[31000-32000,33000-33010];zones:{a,b}"),
            "cpus:4;disk:10240;mem:1024;ports:[31000-32000,33000-33010];"
            "zones:{a,b}");
}

TEST(ResourcesText, IsLenientWithSpaceAndSeparators) {
  EXPECT_EQ(round_trip(" cpus : 4 ;\n ports : [ 1 - 2 , 5-6 ] ;; zones:{ b , "
                       "a };"),
            "cpus:4;ports:[1-2,5-6];zones:{a,b}");
  EXPECT_EQ(round_trip(""), "");
  EXPECT_EQ(round_trip(" ; "), "");
}

TEST(ResourcesText, ReadsNumbersAsMesosDoes) {
  EXPECT_EQ(round_trip("cpus:.5"), "cpus:0.5");
  EXPECT_EQ(round_trip("cpus:1e2"), "cpus:100");
  EXPECT_EQ(round_trip("cpus:2.9999"), "cpus:3");
  EXPECT_EQ(round_trip("cpus:1;cpus:0.5"), "cpus:1.5");
  EXPECT_EQ(round_trip("cpus(*):4"), "cpus:4");
  EXPECT_EQ(round_trip("ports:[5-9,1-6]"), "ports:[1-9]");
  EXPECT_EQ(round_trip("ports:[]"), "");
  EXPECT_EQ(round_trip("disk=fast:1"), "disk=fast:1");
}

TEST(ResourcesText, RemembersNamesOfNothing) {
  auto setting = parse_resources_setting("disk:0;cpus:1;cpus:1;ports:[]");
  ASSERT_TRUE(setting);
  EXPECT_EQ(setting->names,
            (std::vector<std::string>{"cpus", "disk", "ports"}));
  EXPECT_EQ(setting->value, resources::of_milli(2000));
}

TEST(ResourcesText, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(round_trip("cpus=4"), "! character 7: expected ':', found the end");
  EXPECT_EQ(round_trip("cpus"), "! character 5: expected ':', found the end");
  EXPECT_EQ(round_trip("cpus:1;:4"),
            "! character 8: expected the name of a resource");
  EXPECT_EQ(round_trip("cpus:"),
            "! character 6: expected a number, '[' or '{'");
  EXPECT_EQ(round_trip("cpus:four"), "! character 6: 'four' is not a finite "
                                     "number, nor a list in [] or {}");
  EXPECT_EQ(round_trip("mem:1;cpus:nan"),
            "! character 12: 'nan' is not a finite number, nor a list in [] or "
            "{}");
  EXPECT_EQ(round_trip("cpus:-1"),
            "! character 6: the amount -1.000000 is negative");
  EXPECT_EQ(round_trip("cpus:1e12"), "! character 6: the amount is above the "
                                     "limit of 100000000000 an agent");
  EXPECT_EQ(round_trip("ports:[1-2"),
            "! character 11: expected ',', found the end");
  EXPECT_EQ(round_trip("ports:[1]"), "! character 9: expected '-', found ']'");
  EXPECT_EQ(round_trip("ports:[1-]"),
            "! character 10: expected a whole number that is not negative, "
            "found ']'");
  EXPECT_EQ(round_trip("ports:[9-1]"),
            "! character 7: the range 9-1 ends before it begins");
  EXPECT_EQ(round_trip("ports:[1-99999999999999999999]"),
            "! character 10: the number '99999999999999999999' is above "
            "2^64-1");
  EXPECT_EQ(round_trip("ports:[1-2]x"),
            "! character 12: expected ';', found 'x'");
  EXPECT_EQ(round_trip("zones:{a,}"),
            "! character 10: expected an item, found '}'");
  EXPECT_EQ(round_trip("zones:{a,a}"),
            "! character 7: the item a stands twice");
  EXPECT_EQ(round_trip("cpus(ops):1"),
            "! character 6: the role 'ops': only \"*\" is supported yet");
  EXPECT_EQ(round_trip("mem:1;cpus:[1-2]"),
            "! character 7: cpus: is a scalar, not ranges");
  EXPECT_EQ(round_trip("a b:1"),
            "! character 1: a resource has a name with a space, one of "
            ":;,()[]{}\" or what is not printable ASCII");
  EXPECT_EQ(round_trip("x:1;x:[1-2]"),
            "! character 5: x: scalar and ranges do not mix under one name");
  EXPECT_EQ(round_trip("x:[1-2];x:[2-3]"),
            "! character 9: x: 2-2 is there already");
}

TEST(ResourcesText, LongAndDirtyTokensAreCut) {
  auto error = round_trip("cpus:\x01" + std::string(10'000, 'x'));
  EXPECT_LT(error.size(), 150u);
  EXPECT_EQ(error.find('\x01'), std::string::npos);
  EXPECT_EQ(round_trip("zones:{\xff}"), "! character 1: the text is not UTF-8");
}

} // namespace
} // namespace agora
