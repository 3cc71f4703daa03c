// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/list_page.hpp"
#include "tests/unit/actors/master/master_fixture.hpp"

#include <gmock/gmock.h>

namespace agora::test {

namespace {

using ::testing::ElementsAre;

// -- a page -------------------------------------------------------------------

/// The ids on each page of a list of `ids`.
std::vector<std::vector<std::string>>
pages_of(const std::vector<std::string>& ids, const master_settings& settings,
         uint32_t limit = 0) {
  std::vector<std::vector<std::string>> pages;
  session::Page asked;
  if (limit != 0)
    asked.set_limit(limit);
  for (auto again = true; again && pages.size() < 100;) {
    session::AgentList list;
    list_page page{list, asked, asked.after(), settings};
    for (auto& id : ids) {
      if (page.was_sent(id))
        continue;
      if (page.is_full())
        break;
      auto& one = *list.add_agents();
      one.mutable_info()->mutable_id()->set_value(id);
      page.added(id, one);
    }
    auto& seen = pages.emplace_back();
    for (auto& agent : list.agents())
      seen.push_back(agent.info().id().value());
    again = list.has_next();
    asked.set_after(list.next());
  }
  return pages;
}

using page = std::vector<std::string>;

TEST(list_page, has_as_many_items_as_were_asked_for) {
  EXPECT_THAT(pages_of({"a", "b", "c", "d", "e"}, {}, 2),
              ElementsAre(page{"a", "b"}, page{"c", "d"}, page{"e"}));
}

TEST(list_page, is_the_last_one_if_nothing_follows) {
  EXPECT_THAT(pages_of({"a", "b"}, {}, 2), ElementsAre(page{"a", "b"}));
  EXPECT_THAT(pages_of({}, {}, 2), ElementsAre(page{}));
}

TEST(list_page, never_has_more_than_the_limit) {
  master_settings settings;
  settings.query_items_limit = 2;
  EXPECT_THAT(pages_of({"a", "b", "c"}, settings, 1'000),
              ElementsAre(page{"a", "b"}, page{"c"}));
  EXPECT_THAT(pages_of({"a", "b", "c"}, settings),
              ElementsAre(page{"a", "b"}, page{"c"}));
}

TEST(list_page, ends_with_the_item_that_fills_its_bytes) {
  master_settings settings;
  settings.query_bytes_limit = 150;
  auto large = "b" + std::string(1'000, 'b');
  EXPECT_THAT(pages_of({"a", large, "c"}, settings),
              ElementsAre(page{"a", large}, page{"c"}));
}

// -- the master's lists -------------------------------------------------------

/// Lists come in pages of two.
class lists : public master_test {
protected:
  static master_settings small_pages() {
    master_settings settings;
    settings.query_items_limit = 2;
    return settings;
  }

  lists() : master_test(small_pages()) {
    // nop
  }
};

TEST_F(lists, of_agents_frameworks_and_roles_come_in_pages) {
  for (auto name : {"a1", "a2", "a3"})
    attach(name);
  for (auto role : {"r1", "r2", "r3"})
    subscribe({.roles = {role}});
  session::ToolRequest agents;
  auto first = (agents.mutable_get_agents(), bench.ask(agents)).agents();
  EXPECT_EQ(first.agents_size(), 2);
  agents.mutable_get_agents()->mutable_page()->set_after(first.next());
  auto second = bench.ask(agents).agents();
  ASSERT_EQ(second.agents_size(), 1);
  EXPECT_EQ(second.agents(0).info().hostname(), "host-a3");
  EXPECT_FALSE(second.has_next());

  session::ToolRequest frameworks;
  auto begin
    = (frameworks.mutable_get_frameworks(), bench.ask(frameworks)).frameworks();
  EXPECT_EQ(begin.frameworks_size(), 2);
  frameworks.mutable_get_frameworks()->mutable_page()->set_after(begin.next());
  EXPECT_EQ(bench.ask(frameworks).frameworks().frameworks_size(), 1);

  session::ToolRequest roles;
  auto some = (roles.mutable_get_roles(), bench.ask(roles)).roles();
  EXPECT_EQ(some.roles_size(), 2);
  roles.mutable_get_roles()->mutable_page()->set_after(some.next());
  auto rest = bench.ask(roles).roles();
  ASSERT_EQ(rest.roles_size(), 1);
  EXPECT_EQ(rest.roles(0).name(), "r3");
  EXPECT_EQ(rest.roles(0).frameworks_size(), 1);
}

TEST_F(lists, of_offers_come_in_pages) {
  for (auto name : {"a1", "a2", "a3"})
    attach(name);
  subscribe();
  session::ToolRequest request;
  auto first = (request.mutable_get_offers(), bench.ask(request)).offers();
  EXPECT_EQ(first.offers_size(), 2);
  request.mutable_get_offers()->mutable_page()->set_after(first.next());
  auto second = bench.ask(request).offers();
  EXPECT_EQ(second.offers_size(), 1);
  EXPECT_FALSE(second.has_next());
}

TEST_F(lists, of_orphans_come_in_pages) {
  attach("a1", "cpus:4;mem:1024", 1,
         {held_task("f", "t1", v1::TASK_RUNNING),
          held_task("f", "t2", v1::TASK_RUNNING)});
  attach("a2", "cpus:4;mem:1024", 1, {held_task("f", "t1", v1::TASK_RUNNING)});
  session::ToolRequest request;
  auto first = (request.mutable_get_orphans(), bench.ask(request)).orphans();
  EXPECT_EQ(first.orphans_size(), 2);
  request.mutable_get_orphans()->mutable_page()->set_after(first.next());
  auto second = bench.ask(request).orphans();
  EXPECT_EQ(second.orphans_size(), 1);
  EXPECT_FALSE(second.has_next());
  // Whatever a tool makes up has an answer.
  for (auto token : {"x", "\n", "\n\n\n", "zzz\nzzz"}) {
    request.mutable_get_orphans()->mutable_page()->set_after(token);
    EXPECT_TRUE(bench.ask(request).has_orphans());
  }
}

TEST_F(lists, of_agents_can_name_whom_they_mean) {
  auto known = attach("a1");
  attach("a2");
  session::ToolRequest request;
  auto& query = *request.mutable_get_agents();
  query.add_only()->set_value(known.id);
  query.add_only()->set_value("nobody");
  auto list = bench.ask(request).agents();
  ASSERT_EQ(list.agents_size(), 1);
  EXPECT_EQ(list.agents(0).info().id().value(), known.id);
}

TEST_F(lists, of_tasks_end_where_their_bytes_do) {
  attach("a1");
  auto framework = subscribe();
  std::vector<v1::TaskInfo> tasks;
  for (auto name : {"t1", "t2", "t3"}) {
    tasks.push_back(command_task(name, "", "cpus:1;mem:64"));
    tasks.back().set_data(std::string(size_t{1} << 20, 'x'));
  }
  launch(framework, tasks);
  session::ToolRequest request;
  request.mutable_get_tasks()->set_with_info(true);
  auto some = bench.ask(request).tasks();
  EXPECT_EQ(some.tasks_size(), 2);
  EXPECT_TRUE(some.truncated());
  request.mutable_get_tasks()->set_with_info(false);
  auto all = bench.ask(request).tasks();
  EXPECT_EQ(all.tasks_size(), 3);
  EXPECT_FALSE(all.truncated());
}

} // namespace

} // namespace agora::test
