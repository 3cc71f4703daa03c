// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora-load/shared_store.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agora::load {

namespace {

/// A store that persists when the test says so.
class held_store : public store {
public:
  result<std::optional<std::string>> get(std::string_view) const override {
    return std::optional<std::string>{};
  }

  status scan(std::string_view, std::string_view,
              const store_visitor&) const override {
    return {};
  }

  void listen(listener who) override {
    heard_by = std::move(who);
  }

  status submit(write_batch&&, ticket t) override {
    if (refuses)
      return fail(errc::limit_reached, "full");
    tickets.push_back(t);
    return {};
  }

  status write_now(write_batch) override {
    return {};
  }

  result<std::unique_ptr<store_reader>> view() const override {
    return fail(errc::io_failed, "no view");
  }

  const store_identity& identity() const override {
    return identity_;
  }

  const std::string& path() const override {
    return path_;
  }

  const store_limits& limits() const override {
    return limits_;
  }

  listener heard_by;
  std::vector<ticket> tickets;
  bool refuses = false;

private:
  store_identity identity_;
  std::string path_;
  store_limits limits_;
};

/// One owner, and what it was told.
struct owner {
  explicit owner(shared_store& all) : home(all.add_share()) {
    home.listen({[this](store::ticket t) {
                   persisted.push_back(t);
                 },
                 [this](const status& why) {
                   failure = why;
                 }});
  }

  status submit(store::ticket t) {
    return home.submit(write_batch{}, t);
  }

  store& home;
  std::vector<store::ticket> persisted;
  status failure;
};

class shared_store_test : public ::testing::Test {
protected:
  using tickets = std::vector<store::ticket>;

  held_store disk_;
  shared_store all_{disk_};
  owner a_{all_};
  owner b_{all_};
};

TEST_F(shared_store_test, owners_hear_of_their_own_tickets) {
  ASSERT_FALSE(a_.submit(1));
  ASSERT_FALSE(b_.submit(1));
  ASSERT_FALSE(b_.submit(7));
  ASSERT_FALSE(a_.submit(2));
  EXPECT_EQ(disk_.tickets, (tickets{1, 2, 3, 4}));
  disk_.heard_by.persisted(3);
  EXPECT_EQ(a_.persisted, (tickets{1}));
  EXPECT_EQ(b_.persisted, (tickets{7}));
  disk_.heard_by.persisted(4);
  EXPECT_EQ(a_.persisted, (tickets{1, 2}));
  EXPECT_EQ(b_.persisted, (tickets{7}));
}

TEST_F(shared_store_test, a_refused_batch_takes_no_ticket) {
  disk_.refuses = true;
  EXPECT_EQ(code_of(a_.submit(1)), errc::limit_reached);
  disk_.refuses = false;
  ASSERT_FALSE(a_.submit(1));
  EXPECT_EQ(disk_.tickets, (tickets{1}));
  disk_.heard_by.persisted(1);
  EXPECT_EQ(a_.persisted, (tickets{1}));
}

TEST_F(shared_store_test, every_owner_hears_of_a_failure) {
  disk_.heard_by.failed(fail(errc::io_failed, "gone"));
  EXPECT_EQ(code_of(a_.failure), errc::io_failed);
  EXPECT_EQ(code_of(b_.failure), errc::io_failed);
}

TEST_F(shared_store_test, who_listens_after_the_failure_hears_of_it) {
  disk_.heard_by.failed(fail(errc::io_failed, "gone"));
  owner late{all_};
  EXPECT_EQ(code_of(late.failure), errc::io_failed);
}

} // namespace

} // namespace agora::load
