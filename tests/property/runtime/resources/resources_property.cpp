// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/dominant_share.hpp"
#include "runtime/resources/resources.hpp"
#include "runtime/resources/resources_codec.hpp"
#include "runtime/resources/resources_text.hpp"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

namespace agora {
namespace {

constexpr uint32_t resources_seeds = 2000;

/// The slow reference: thousandths by name, and every port and item by itself.
struct slow_resources {
  std::map<std::string, int64_t> amounts;
  std::map<std::string, std::set<uint64_t>> numbers;
  std::map<std::string, std::set<std::string>> items;

  bool operator==(const slow_resources&) const = default;
};

/// What a bundle shows of itself, as the reference has it.
slow_resources slow(const resources& what) {
  slow_resources made;
  std::string last;
  what.for_each([&](std::string_view view, const resource_value& value) {
    std::string name{view};
    EXPECT_LT(last, name) << "for_each is not sorted";
    EXPECT_FALSE(is_empty(value)) << name;
    last = name;
    if (auto amount = std::get_if<scalar_amount>(&value))
      made.amounts[name] = amount->milli();
    else if (auto list = std::get_if<ranges>(&value))
      for (auto& item : list->intervals())
        for (auto n = item.first; n <= item.last; ++n)
          made.numbers[name].insert(n);
    else
      for (auto& item : std::get<string_set>(value).items())
        made.items[name].insert(item);
  });
  return made;
}

/// Adds or takes away, and tells whether that was possible.
bool apply(slow_resources& to, const slow_resources& part, bool adding) {
  auto made = to;
  for (auto& [name, amount] : part.amounts) {
    auto& here = made.amounts[name];
    here += adding ? amount : -amount;
    if (here < 0)
      return false;
    if (here == 0)
      made.amounts.erase(name);
  }
  auto apply_sets = [adding](auto& here, const auto& there) {
    for (auto& [name, set] : there) {
      for (auto& item : set)
        if (adding ? !here[name].insert(item).second
                   : here[name].erase(item) == 0)
          return false;
      if (here[name].empty())
        here.erase(name);
    }
    return true;
  };
  if (!apply_sets(made.numbers, part.numbers)
      || !apply_sets(made.items, part.items))
    return false;
  to = std::move(made);
  return true;
}

class bundle_source {
public:
  explicit bundle_source(uint32_t seed) : rng_{seed} {
  }

  uint64_t below(uint64_t limit) {
    return rng_() % limit;
  }

  /// Names are few, so that bundles share them, on both sides of cpus, disk
  /// and mem; each name always has the same kind.
  resources any() {
    resources made;
    for (auto name : {"accelerators", "cpus", "disk", "gpus", "mem", "zinc"})
      if (below(2) == 0)
        put(made, name,
            scalar_amount::of_milli(static_cast<int64_t>(below(5))));
    for (auto name : {"dports", "ports"})
      if (below(2) == 0)
        put(made, name, any_ranges());
    for (auto name : {"blades", "zones"})
      if (below(2) == 0)
        put(made, name, any_set());
    return made;
  }

private:
  static void put(resources& to, std::string_view name, resource_value value) {
    to += *resources::of(name, std::move(value));
  }

  ranges any_ranges() {
    std::vector<interval> list(below(4));
    for (auto& item : list) {
      item.first = below(20);
      item.last = item.first + below(4);
    }
    return *ranges::from_overlapping(std::move(list));
  }

  string_set any_set() {
    std::vector<std::string> list;
    for (auto item : {"a", "b", "c"})
      if (below(3) == 0)
        list.emplace_back(item);
    return *string_set::from_items(std::move(list));
  }

  std::mt19937 rng_;
};

TEST(ResourcesProperty, SumsAndDifferencesAgreeWithTheReference) {
  for (uint32_t seed = 0; seed < resources_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    bundle_source source{seed};
    resources fast;
    slow_resources reference;
    for (int step = 0; step < 12; ++step) {
      auto part = source.any();
      auto adding = source.below(2) == 0;
      auto holds = fast.contains(part);
      auto failed
        = static_cast<bool>(adding ? fast.add(part) : fast.subtract(part));
      ASSERT_EQ(!failed, apply(reference, slow(part), adding));
      if (!adding) {
        ASSERT_EQ(!failed, holds) << "contains says what subtract does";
      }
      ASSERT_EQ(slow(fast), reference);
    }
  }
}

TEST(ResourcesProperty, LawsOfTheAlgebra) {
  int sums = 0;
  for (uint32_t seed = 0; seed < resources_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    bundle_source source{seed};
    auto a = source.any();
    auto b = source.any();
    auto c = source.any();
    auto ab = a;
    auto ba = b;
    ASSERT_EQ(static_cast<bool>(ab.add(b)), static_cast<bool>(ba.add(a)));
    // What cannot be added shares ports or items: sums of the rest follow.
    auto rest = b.minus_saturated(a);
    ab = a;
    ASSERT_FALSE(ab.add(rest));
    EXPECT_TRUE(ab.contains(a) && ab.contains(rest));
    auto back = ab;
    ASSERT_FALSE(back.subtract(rest));
    EXPECT_EQ(back, a);
    // (a + b) + c == a + (b + c), wherever one of them exists.
    auto left = ab;
    auto right = rest;
    if (!right.add(c) && !left.add(c)) {
      auto whole = a;
      ASSERT_FALSE(whole.add(right));
      EXPECT_EQ(whole, left);
      ++sums;
    }
    EXPECT_TRUE(a.contains(a) && a.contains(resources{}));
    EXPECT_EQ(a.contains(b) && b.contains(a), a == b);
    if (a.contains(b) && b.contains(c)) {
      EXPECT_TRUE(a.contains(c));
    }
    auto common = a.intersected(b);
    EXPECT_EQ(common, b.intersected(a));
    EXPECT_TRUE(a.contains(common) && b.contains(common));
    auto whole = a.minus_saturated(b);
    ASSERT_FALSE(whole.add(common));
    EXPECT_EQ(whole, a);
    EXPECT_TRUE(a.contains(a.scalars()));
    if (HasFailure())
      return;
  }
  EXPECT_GT(sums, 100) << "the law of association was hardly tried";
}

TEST(ResourcesProperty, WireAndTextReadBack) {
  for (uint32_t seed = 0; seed < resources_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto what = bundle_source{seed}.any();
    auto wire = resources_from_wire(resources_to_wire(
      what, {.allocation_role = "r", .with_star_role = seed % 2 == 0}));
    ASSERT_TRUE(wire) << describe(wire.error());
    EXPECT_EQ(*wire, what);
    auto text = parse_resources(to_string(what));
    ASSERT_TRUE(text) << to_string(what) << ": " << describe(text.error());
    EXPECT_EQ(*text, what);
    if (HasFailure())
      return;
  }
}

TEST(ResourcesProperty, RandomAmountsSurviveTheWire) {
  std::mt19937_64 rng{1};
  for (int i = 0; i < 20'000; ++i) {
    auto milli = static_cast<int64_t>(
      rng() % (uint64_t{scalar_amount::milli_limit} >> rng() % 47));
    auto amount = scalar_amount::of_milli(milli);
    auto back = scalar_amount::from_double(amount.to_double());
    ASSERT_TRUE(back && *back == amount) << milli;
  }
}

// A share never falls when more is held, and orders as the fractions do.
TEST(ResourcesProperty, SharesGrowWithWhatIsHeld) {
  for (uint32_t seed = 0; seed < resources_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    bundle_source source{seed};
    auto total = source.any();
    auto held = source.any().intersected(total);
    auto more = source.any().intersected(total.minus_saturated(held));
    auto before = dominant_share(held, total);
    auto after = dominant_share(*& held += more, total);
    EXPECT_LE(before.share, after.share);
    EXPECT_LE(before.share.weighted(1000), after.share.weighted(1000));
    EXPECT_GE(after.share.weighted(1000), after.share.weighted(1001));
    EXPECT_LE(after.share, resource_share(1, 1));
  }
}

/// Text that is nearly right: pieces of the form, in any order.
std::string nearly_right(bundle_source& source) {
  constexpr std::array pieces{"cpus",
                              "mem",
                              "ports",
                              "x",
                              ":",
                              ":",
                              ";",
                              "[",
                              "]",
                              "{",
                              "}",
                              "-",
                              ",",
                              "(",
                              ")",
                              "*",
                              "1",
                              "2",
                              "31000",
                              "0.5",
                              "-1",
                              "1e",
                              "1e400",
                              " ",
                              "\n",
                              "nan",
                              "1-2",
                              "[1-2]",
                              "{a}",
                              "a",
                              "\xff",
                              "\x01",
                              "=",
                              "1e-400",
                              "18446744073709551615",
                              "18446744073709551616"};
  std::string text;
  for (auto n = source.below(16); n > 0; --n)
    text += pieces[source.below(pieces.size())];
  return text;
}

TEST(ResourcesProperty, NonsenseIsRefusedOrReadsBack) {
  int accepted = 0;
  for (uint32_t seed = 0; seed < 10 * resources_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    bundle_source source{seed};
    auto text = nearly_right(source);
    auto made = parse_resources(text);
    if (!made) {
      ASSERT_EQ(made.error(), errc::invalid_resources) << text;
      ASSERT_EQ(text_of(made.error()).rfind("character ", 0), 0u) << text;
      continue;
    }
    accepted += !made->empty();
    auto again = parse_resources(to_string(*made));
    ASSERT_TRUE(again) << text;
    ASSERT_EQ(*again, *made) << text;
  }
  EXPECT_GT(accepted, 10) << "the pieces hardly ever fit";
}

TEST(ResourcesProperty, NonsenseOnTheWireIsRefusedOrReadsBack) {
  google::protobuf::LogSilencer no_warnings; // of broken UTF-8
  for (uint32_t seed = 0; seed < resources_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    bundle_source source{seed};
    auto bytes = resources_to_wire(source.any(), {.allocation_role = "r"});
    wire_resources list;
    for (auto& item : bytes) {
      auto wire = item.SerializeAsString();
      for (auto n = source.below(3); n > 0; --n)
        wire[source.below(wire.size())] = static_cast<char>(source.below(256));
      v1::Resource damaged;
      if (damaged.ParseFromString(wire))
        *list.Add() = damaged;
    }
    auto made = resources_from_wire(list);
    if (!made) {
      ASSERT_EQ(made.error(), errc::invalid_resources);
      ASSERT_FALSE(text_of(made.error()).empty());
      continue;
    }
    ASSERT_EQ(resources_from_wire(resources_to_wire(*made)), *made);
  }
}

} // namespace
} // namespace agora
