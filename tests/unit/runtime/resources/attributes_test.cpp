// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/attributes.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace agora {
namespace {

std::string refusal(std::string_view text) {
  auto made = parse_attributes(text);
  if (made)
    return "accepted";
  EXPECT_EQ(made.error(), errc::invalid_argument);
  return text_of(made.error());
}

TEST(Attributes, ReadsEveryKind) {
  auto list = parse_attributes("rack:r1;ssd:true;level:3.5;ports:[1-2,4-9]");
  ASSERT_TRUE(list) << describe(list.error());
  ASSERT_EQ(list->size(), 4);
  EXPECT_EQ(list->Get(0).ShortDebugString(),
            "name: \"rack\" type: TEXT text { value: \"r1\" }");
  EXPECT_EQ(list->Get(1).text().value(), "true");
  EXPECT_EQ(list->Get(2).ShortDebugString(),
            "name: \"level\" type: SCALAR scalar { value: 3.5 }");
  EXPECT_EQ(list->Get(3).ranges().range_size(), 2);
  EXPECT_FALSE(check_attributes(*list));
  EXPECT_EQ(to_string(*list), "rack:r1;ssd:true;level:3.5;ports:[1-2,4-9]");
}

TEST(Attributes, WhatIsNoPositiveNumberIsText) {
  auto list = parse_attributes("a:-1;b:nan;c:inf;d:1.2.3;e:http://h:80/x y");
  ASSERT_TRUE(list) << describe(list.error());
  for (auto& item : *list)
    EXPECT_EQ(item.type(), v1::Value::TEXT) << item.name();
  EXPECT_EQ(list->Get(4).text().value(), "http://h:80/x y");
  EXPECT_FALSE(check_attributes(*list));
}

TEST(Attributes, LinesAndSpaceSeparate) {
  auto list = parse_attributes("\n rack : r1 \n\n;zone:z ;\n");
  ASSERT_TRUE(list) << describe(list.error());
  EXPECT_EQ(to_string(*list), "rack:r1;zone:z");
  EXPECT_EQ(parse_attributes("")->size(), 0);
}

TEST(Attributes, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(refusal("rack"), "character 5: expected ':', found the end");
  EXPECT_EQ(refusal("a:1;rack:"),
            "character 10: the value of the attribute is missing");
  EXPECT_EQ(refusal("rack:\nssd:true"),
            "character 6: the value of the attribute is missing");
  EXPECT_EQ(refusal(":r1"), "character 1: expected the name of an attribute");
  EXPECT_EQ(refusal("a:{b}"), "character 3: an attribute cannot be a set");
  EXPECT_EQ(refusal("a:b;c:d[1]"),
            "character 7: the value 'd[1]' has a bracket "
            "that is not its first character");
  EXPECT_EQ(refusal("a:b;p:[1-2]x"),
            "character 12: expected the end, found 'x'");
  EXPECT_EQ(refusal("p:[2-1]"),
            "character 3: the range 2-1 ends before it begins");
  EXPECT_NE(refusal(std::string(attribute_bytes_limit + 1, 'x') + ":1"),
            "accepted");
}

TEST(Attributes, AreFew) {
  std::string text;
  for (size_t i = 0; i < attributes_limit; ++i)
    text += "a" + std::to_string(i) + ":1;";
  EXPECT_EQ(refusal(text), "accepted");
  EXPECT_NE(refusal(text + "b:1"), "accepted");
}

TEST(Attributes, ChecksWhatCameFromElsewhere) {
  auto refused = [](auto change) {
    auto list = *parse_attributes("a:1;b:x;c:[1-2]");
    change(list);
    return static_cast<bool>(check_attributes(list));
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(0)->clear_name();
  }));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(0)->set_name("x:y");
  }));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(0)->clear_type();
  }));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(0)->clear_scalar();
  }));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(0)->mutable_scalar()->set_value(
      std::numeric_limits<double>::infinity());
  }));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(0)->set_type(v1::Value::SET);
  }));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(1)->mutable_text()->set_value("a;b");
  }));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(1)->mutable_text()->set_value("7");
  }));
  EXPECT_TRUE(refused([](auto& l) {
    l.Mutable(2)->mutable_ranges()->mutable_range(0)->set_begin(9);
  }));
}

} // namespace
} // namespace agora
