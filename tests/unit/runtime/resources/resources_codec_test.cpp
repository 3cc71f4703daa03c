// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cmath>

namespace agora {
namespace {

v1::Resource scalar(std::string name, double value) {
  v1::Resource made;
  made.set_name(std::move(name));
  made.set_type(v1::Value::SCALAR);
  made.mutable_scalar()->set_value(value);
  return made;
}

/// One resource in Protobuf's text form.
wire_resources listed(const std::string& text) {
  google::protobuf::LogSilencer no_warnings; // of deprecated fields
  wire_resources list;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, list.Add()))
    << text;
  return list;
}

std::string refusal(const wire_resources& list) {
  auto made = resources_from_wire(list);
  if (made)
    return "accepted as " + to_string(*made);
  EXPECT_EQ(made.error(), errc::invalid_resources);
  return text_of(made.error());
}

TEST(ResourcesCodec, AddsUpWhatHasOneName) {
  wire_resources list;
  *list.Add() = scalar("cpus", 0.1);
  *list.Add() = scalar("mem", 64);
  *list.Add() = scalar("cpus", 0.2);
  auto made = resources_from_wire(list);
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(to_string(*made), "cpus:0.3;mem:64");
}

TEST(ResourcesCodec, WritesWhatClientsRead) {
  auto what = *parse_resources("cpus:0.3;ports:[1-2,5-5];zones:{b,a}");
  auto list = resources_to_wire(what, {.allocation_role = "dev"});
  ASSERT_EQ(list.size(), 3);
  EXPECT_EQ(list.Get(0).ShortDebugString(),
            "name: \"cpus\" type: SCALAR scalar { value: 0.3 } "
            "allocation_info { role: \"dev\" }");
  EXPECT_EQ(list.Get(1).ShortDebugString(),
            "name: \"ports\" type: RANGES ranges { range { begin: 1 end: 2 } "
            "range { begin: 5 end: 5 } } allocation_info { role: \"dev\" }");
  EXPECT_EQ(list.Get(2).ShortDebugString(),
            "name: \"zones\" type: SET set { item: \"a\" item: \"b\" } "
            "allocation_info { role: \"dev\" }");
  EXPECT_EQ(allocation_role_of(list), "dev");
  EXPECT_EQ(resources_from_wire(list), what);
}

TEST(ResourcesCodec, WritesTheOldRoleOnlyIfAsked) {
  auto what = resources::of_milli(1000);
  EXPECT_EQ(resources_to_wire(what).Get(0).ShortDebugString(),
            "name: \"cpus\" type: SCALAR scalar { value: 1 }");
  auto list = resources_to_wire(what, {.with_star_role = true});
  EXPECT_EQ(list.Get(0).ShortDebugString(),
            "name: \"cpus\" type: SCALAR scalar { value: 1 } role: \"*\"");
  EXPECT_EQ(resources_from_wire(list), what);
}

TEST(ResourcesCodec, AllocationIsToOneRole) {
  auto list = resources_to_wire(*parse_resources("cpus:1;mem:1"),
                                {.allocation_role = "dev"});
  list.Mutable(1)->mutable_allocation_info()->set_role("ops");
  EXPECT_EQ(allocation_role_of(list).error(), errc::invalid_resources);
  list.Mutable(1)->clear_allocation_info();
  EXPECT_EQ(allocation_role_of(list).error(), errc::invalid_resources);
  list.Mutable(0)->clear_allocation_info();
  EXPECT_EQ(allocation_role_of(list), "");
  EXPECT_EQ(allocation_role_of({}), "");
}

TEST(ResourcesCodec, RefusesAmountsThatAreNone) {
  for (double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, -1.0, 1e12}) {
    wire_resources list;
    *list.Add() = scalar("mem", 1);
    *list.Add() = scalar("cpus", bad);
    EXPECT_EQ(refusal(list).find("resources[1] cpus: the amount"), 0u)
      << refusal(list);
  }
}

TEST(ResourcesCodec, TheLimitHoldsForSumsToo) {
  wire_resources list;
  *list.Add() = scalar("mem", 1e11);
  EXPECT_TRUE(resources_from_wire(list));
  *list.Add() = scalar("mem", 0.001);
  EXPECT_EQ(refusal(list), "resources[1] mem: mem: more than the limit of "
                           "100000000000 units an agent");
}

TEST(ResourcesCodec, RefusesShapesThatContradictTheirType) {
  auto begins = [](const std::string& text, const std::string& start) {
    auto error = refusal(listed(text));
    EXPECT_EQ(error.rfind(start, 0), 0u) << text << ": " << error;
  };
  begins("name: 'x'", "resources[0] x: the type is missing");
  begins("name: 'x' type: SCALAR", "resources[0] x: exactly the value");
  begins("name: 'x' type: SCALAR scalar {}",
         "resources[0] x: scalar.value is missing");
  begins("name: 'x' type: SCALAR scalar { value: 1 } ranges {}",
         "resources[0] x: exactly the value");
  begins("name: 'x' type: RANGES scalar { value: 1 }",
         "resources[0] x: exactly the value");
  begins("name: 'x' type: TEXT", "resources[0] x: a resource cannot be");
  begins("type: SCALAR scalar { value: 1 }",
         "resources[0]: a resource has no name");
  begins("name: 'a\\nb' type: SCALAR scalar { value: 1 }",
         "resources[0]: a resource has a name with");
  begins("name: 'x' type: RANGES ranges { range { begin: 1 } }",
         "resources[0] x: a range has no begin or no end");
  begins("name: 'x' type: RANGES ranges { range { begin: 2 end: 1 } }",
         "resources[0] x: the range 2-1 ends");
  begins("name: 'x' type: RANGES ranges { range { begin: 2 end: 5 } "
         "range { begin: 5 end: 6 } }",
         "resources[0] x: the ranges 2-5 and 5-6 overlap");
  begins("name: 'x' type: SET set { item: 'a' item: 'a' }",
         "resources[0] x: the item a stands twice");
  begins("name: 'cpus' type: RANGES ranges { range { begin: 1 end: 2 } }",
         "resources[0] cpus: cpus: is a scalar");
}

TEST(ResourcesCodec, NamesWhatIsNotSupportedYet) {
  for (std::string field :
       {"provider_id { value: 'p' }", "reservation {}", "reservations {}",
        "disk {}", "revocable {}", "shared {}"}) {
    auto error = refusal(
      listed("name: 'disk' type: SCALAR scalar { value: 1 } " + field));
    auto name = field.substr(0, field.find(' '));
    EXPECT_EQ(error,
              "resources[0] disk: field " + name + " is not supported yet");
  }
  EXPECT_EQ(refusal(listed("name: 'x' type: SCALAR scalar { value: 1 } "
                           "role: 'ops'")),
            "resources[0] x: field role other than \"*\" is not supported yet");
}

TEST(ResourcesCodec, OneNameHasOneKindAndEachPortStandsOnce) {
  auto list = listed("name: 'x' type: RANGES ranges { range { begin: 2 end: 5 "
                     "} }");
  *list.Add() = list.Get(0);
  EXPECT_EQ(refusal(list), "resources[1] x: x: 2-5 is there already");
  *list.Mutable(1) = scalar("x", 1);
  EXPECT_EQ(refusal(list), "resources[1] x: x: ranges and scalar do not mix "
                           "under one name");
}

TEST(ResourcesCodec, ListsHaveALimit) {
  wire_resources list;
  for (size_t i = 0; i < wire_resources_limit; ++i)
    *list.Add() = scalar("cpus", 1);
  EXPECT_TRUE(resources_from_wire(list));
  *list.Add() = scalar("cpus", 1);
  EXPECT_EQ(refusal(list), "more than 1024 resources in one list");
}

} // namespace
} // namespace agora
