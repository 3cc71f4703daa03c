// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/list_pages.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agora {

namespace {

/// A master with a list of numbered agents, some on each page.
struct paged_master {
  static constexpr int page_size = 2;

  explicit paged_master(int count) : agents(count) {
    // nop
  }

  int agents;
  std::vector<std::string> asked;
  /// The question that fails; 0: none.
  size_t failing = 0;

  result<session::ToolResponse> answer(const session::ToolRequest& request) {
    auto& after = request.get_agents().page().after();
    asked.push_back(after);
    EXPECT_TRUE(request.get_agents().gone());
    if (asked.size() == failing)
      return fail(errc::unreachable, "the test cut it");
    session::ToolResponse response;
    auto& list = *response.mutable_agents();
    auto first = after.empty() ? 0 : std::stoi(after) + 1;
    for (auto i = first; i < std::min(agents, first + page_size); ++i)
      list.add_agents()->set_incarnation(static_cast<uint64_t>(i));
    if (first + page_size < agents)
      list.set_next(std::to_string(first + page_size - 1));
    return response;
  }

  result<session::ToolResponse> ask() {
    session::ToolRequest request;
    request.mutable_get_agents()->set_gone(true);
    return ask_all_pages(std::move(request), [this](auto& page) {
      return answer(page);
    });
  }
};

TEST(list_pages, are_joined) {
  paged_master master{5};
  auto whole = master.ask();
  ASSERT_TRUE(whole.engaged());
  ASSERT_EQ(whole->agents().agents_size(), 5);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(whole->agents().agents(i).incarnation(),
              static_cast<uint64_t>(i));
  EXPECT_FALSE(whole->agents().has_next());
  EXPECT_EQ(master.asked, (std::vector<std::string>{"", "1", "3"}));
}

TEST(list_pages, are_one_if_there_is_no_more) {
  paged_master master{2};
  EXPECT_EQ(master.ask()->agents().agents_size(), 2);
  EXPECT_EQ(master.asked.size(), 1u);
}

TEST(list_pages, fail_as_a_whole) {
  paged_master master{5};
  master.failing = 2;
  auto whole = master.ask();
  ASSERT_FALSE(whole.engaged());
  EXPECT_EQ(code_of(whole.error()), errc::unreachable);
}

TEST(list_pages, come_to_an_end_even_if_the_list_does_not) {
  size_t asked = 0;
  session::ToolRequest request;
  request.mutable_get_offers();
  auto whole = ask_all_pages(request, [&](auto&) {
    ++asked;
    session::ToolResponse endless;
    endless.mutable_offers()->set_next("again");
    return endless;
  });
  ASSERT_FALSE(whole.engaged());
  EXPECT_EQ(code_of(whole.error()), errc::too_large);
  EXPECT_EQ(asked, list_pages_limit);
}

TEST(list_pages, are_not_for_other_questions) {
  session::ToolRequest request;
  request.mutable_get_status();
  auto answer = ask_all_pages(request, [&](auto& asked) {
    EXPECT_TRUE(asked.has_get_status());
    session::ToolResponse response;
    response.mutable_status()->set_cluster_id("c");
    return response;
  });
  EXPECT_EQ(answer->status().cluster_id(), "c");
}

} // namespace

} // namespace agora
