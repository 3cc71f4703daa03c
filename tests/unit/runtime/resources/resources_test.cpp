// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/resources.hpp"
#include "runtime/resources/resources_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace agora {
namespace {

resources parse(std::string_view text) {
  auto made = parse_resources(text);
  EXPECT_TRUE(made) << text << ": " << describe(made.error());
  return made ? *made : resources{};
}

// One bundle stands in each task, and there are to be a million of them.
static_assert(sizeof(resources) <= 48);

TEST(Resources, NothingAndNoneAreTheSame) {
  EXPECT_TRUE(resources{}.empty());
  EXPECT_EQ(parse("cpus:0;ports:[];zones:{};gpus:0"), resources{});
  EXPECT_EQ(parse("cpus:0.0004").size(), 0u);
  auto all = parse("cpus:1;gpus:2;ports:[1-2];zones:{a}");
  EXPECT_EQ(all.size(), 4u);
  ASSERT_FALSE(all.subtract(all));
  EXPECT_EQ(all, resources{});
}

TEST(Resources, AddsAndSubtractsEachKind) {
  auto sum = parse("cpus:1.5;mem:100;ports:[1-5];zones:{a};gpus:1");
  ASSERT_FALSE(sum.add(parse("cpus:0.1;disk:7;ports:[6-9];zones:{b};gpus:1")));
  EXPECT_EQ(to_string(sum),
            "cpus:1.6;disk:7;gpus:2;mem:100;ports:[1-9];zones:{a,b}");
  ASSERT_FALSE(sum.subtract(parse("cpus:1.6;ports:[3-3];zones:{a};gpus:0.5")));
  EXPECT_EQ(to_string(sum),
            "disk:7;gpus:1.5;mem:100;ports:[1-2,4-9];zones:{b}");
}

TEST(Resources, SaysWhatIsMissing) {
  auto whole = parse("cpus:2.5;ports:[1-9];zones:{a}");
  auto refused = [&](std::string_view part) {
    auto copy = whole;
    auto error = copy.subtract(parse(part));
    EXPECT_EQ(error, errc::invalid_resources) << part;
    EXPECT_EQ(copy, whole) << "changed, though it failed: " << part;
    EXPECT_FALSE(whole.contains(parse(part))) << part;
    return text_of(error);
  };
  EXPECT_EQ(refused("cpus:4"), "cpus: 4 is more than the 2.5 there are");
  EXPECT_EQ(refused("cpus:1;mem:1"), "mem: 1 is more than the 0 there are");
  EXPECT_EQ(refused("cpus:1;ports:[8-12]"), "ports: 10-12 is not there");
  EXPECT_EQ(refused("zones:{a,b}"), "zones: b is not there");
  EXPECT_EQ(refused("cpus:1;gpus:1"), "gpus: 1 is more than the 0 there are");
  EXPECT_EQ(refused("other:[4-5]"), "other: 4-5 is not there");
}

TEST(Resources, NothingIsCountedTwice) {
  auto whole = parse("cpus:1;ports:[1-9];zones:{a}");
  auto copy = whole;
  EXPECT_EQ(text_of(copy.add(parse("cpus:1;ports:[9-10]"))),
            "ports: 9-9 is there already");
  EXPECT_EQ(text_of(copy.add(parse("cpus:1;zones:{a}"))),
            "zones: a is there already");
  EXPECT_EQ(copy, whole);
}

TEST(Resources, ANameHasOneKind) {
  auto whole = parse("cpus:1;x:[1-9]");
  auto error = whole.add(parse("cpus:1;x:3"));
  EXPECT_EQ(error, errc::invalid_resources);
  EXPECT_EQ(text_of(error), "x: ranges and scalar do not mix under one name");
  EXPECT_TRUE(whole.subtract(parse("x:{a}")));
  EXPECT_FALSE(whole.contains(parse("x:{a}")));
  EXPECT_EQ(whole, parse("cpus:1;x:[1-9]"));
  EXPECT_EQ(text_of(resources::of("mem", ranges{}).error()),
            "mem: is a scalar, not ranges");
}

TEST(Resources, SumsDoNotWrap) {
  auto most = resources::of_milli(std::numeric_limits<int64_t>::max());
  auto sum = most;
  EXPECT_EQ(sum.add(resources::of_milli(1)), errc::invalid_resources);
  EXPECT_EQ(sum, most);
  auto gpus = *resources::of(
    "gpus", scalar_amount::of_milli(std::numeric_limits<int64_t>::max()));
  EXPECT_TRUE(gpus.add(parse("gpus:0.001")));
}

TEST(Resources, NamesAreFewAndSane) {
  resources many;
  auto name = [](size_t i) {
    return "r" + std::to_string(i);
  };
  for (size_t i = 0; i < resources::names_limit; ++i)
    ASSERT_FALSE(many.add(parse(name(i) + ":1")));
  auto before = many;
  EXPECT_EQ(many.add(parse("one-more:1")), errc::invalid_resources);
  EXPECT_EQ(many.add(parse("cpus:1")), errc::invalid_resources);
  EXPECT_EQ(many, before);
  EXPECT_FALSE(many.add(parse("r0:1")));
  std::vector<std::string> wrong{"",   "a b",  "a:b",     "a\n",
                                 "a;", "a(b)", "\xc3\xa4"};
  wrong.emplace_back(resources::name_bytes_limit + 1, 'x');
  for (auto& bad : wrong)
    EXPECT_FALSE(resources::of(bad, scalar_amount{})) << bad;
}

TEST(Resources, AddingToItselfIsSafe) {
  auto twice = parse("cpus:1;gpus:2");
  ASSERT_FALSE(twice.add(twice));
  EXPECT_EQ(twice, parse("cpus:2;gpus:4"));
  auto ports = parse("cpus:1;ports:[1-2]");
  EXPECT_TRUE(ports.add(ports));
  EXPECT_EQ(ports, parse("cpus:1;ports:[1-2]"));
}

TEST(Resources, FitsContainsAndLooksUp) {
  auto offer = parse("cpus:4;mem:1024;ports:[31000-31009];gpus:1");
  EXPECT_TRUE(fits(parse("cpus:4;mem:1024"), offer));
  EXPECT_TRUE(fits(resources{}, offer));
  EXPECT_FALSE(fits(parse("cpus:4.001"), offer));
  EXPECT_EQ(offer.cpus().milli(), 4000);
  EXPECT_EQ(offer.mem().milli(), 1'024'000);
  EXPECT_EQ(offer.disk().milli(), 0);
  EXPECT_EQ(offer.scalar("gpus").milli(), 1000);
  EXPECT_EQ(offer.scalar("ports").milli(), 0);
  EXPECT_EQ(offer.ports().count(), 10u);
  EXPECT_FALSE(offer.find("disk"));
  EXPECT_TRUE(offer.find("ports"));
}

TEST(Resources, SaturatedDifferenceAndIntersection) {
  auto lhs = parse("cpus:4;mem:10;ports:[1-9];zones:{a,b};x:[1-2]");
  auto rhs = parse("cpus:5;mem:4;ports:[5-20];zones:{b,c};x:1;gpus:1");
  EXPECT_EQ(lhs.minus_saturated(rhs),
            parse("mem:6;ports:[1-4];zones:{a};x:[1-2]"));
  EXPECT_EQ(lhs.intersected(rhs), parse("cpus:4;mem:4;ports:[5-9];zones:{b}"));
}

TEST(Resources, ScalarsAreWhatCanBeAddedUp) {
  auto all = parse("cpus:4;gpus:2;ports:[1-9];zones:{a}");
  EXPECT_EQ(all.scalars(), parse("cpus:4;gpus:2"));
}

TEST(ResourcesDeathTest, UncheckedSumsEndTheProcessIfTheyFail) {
  auto some = parse("cpus:1");
  EXPECT_DEATH(some -= parse("cpus:2"), "");
}

} // namespace
} // namespace agora
