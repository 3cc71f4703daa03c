// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/memory_store.hpp"
#include "storage/store/rocksdb_store.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/store_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace agora {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

/// One kind of store, and how it is opened again with the same contents.
class store_under_test {
public:
  virtual ~store_under_test() = default;
  virtual store& open(const store_limits& limits) = 0;
  /// Ends the store in good order and opens it again.
  virtual store& reopen() = 0;
};

class memory_under_test final : public store_under_test {
public:
  store& open(const store_limits& limits) override {
    opened_
      = std::make_unique<memory_store>(memory_store::mode::immediate, limits);
    return *opened_;
  }

  store& reopen() override {
    opened_->crash();
    return *opened_;
  }

private:
  std::unique_ptr<memory_store> opened_;
};

class rocksdb_under_test final : public store_under_test {
public:
  store& open(const store_limits& limits) override {
    settings_.limits = limits;
    return reopen();
  }

  store& reopen() override {
    opened_.reset();
    auto fresh = open_rocksdb_store(directory_.file("data"), settings_);
    if (!fresh)
      throw std::runtime_error(describe(fresh.error()));
    opened_ = std::move(*fresh);
    return *opened_;
  }

private:
  scratch_directory directory_;
  rocksdb_settings settings_;
  std::unique_ptr<store> opened_;
};

template <class UnderTest>
class StoreConformance : public testing::Test {
protected:
  store& open(const store_limits& limits = {}) {
    current_ = &under_test_.open(limits);
    current_->listen(report_.listener());
    return *current_;
  }

  store& reopen() {
    current_ = &under_test_.reopen();
    report_.forget();
    current_->listen(report_.listener());
    newest_ = 0;
    return *current_;
  }

  /// Submits `batch` and waits until it is on disk.
  void write(write_batch batch) {
    ASSERT_FALSE(current_->submit(std::move(batch), ++newest_));
    ASSERT_TRUE(report_.wait_for(newest_));
  }

  void put(std::string key, std::string value) {
    write_batch batch;
    batch.put(std::move(key), std::move(value));
    write(std::move(batch));
  }

  pairs all(std::string_view prefix = {}, std::string_view from = {}) {
    pairs found;
    EXPECT_FALSE(current_->scan(prefix, from, [&](auto key, auto value) {
      found.emplace_back(key, value);
      return visit::more;
    }));
    return found;
  }

  std::optional<std::string> get(std::string_view key) {
    auto found = current_->get(key);
    EXPECT_TRUE(found);
    return found ? *found : std::nullopt;
  }

  // Outlives the store, whose thread reports to it.
  store_report report_;
  UnderTest under_test_;
  store* current_ = nullptr;
  store::ticket newest_ = 0;
};

using kinds = testing::Types<memory_under_test, rocksdb_under_test>;
TYPED_TEST_SUITE(StoreConformance, kinds);

TYPED_TEST(StoreConformance, IsEmptyAtFirst) {
  this->open();
  EXPECT_EQ(this->get("a"), std::nullopt);
  EXPECT_EQ(this->all(), pairs{});
}

TYPED_TEST(StoreConformance, ReadsWhatWasPersisted) {
  this->open();
  this->put("a", "1");
  this->put("b", "");
  EXPECT_EQ(this->get("a"), "1");
  EXPECT_EQ(this->get("b"), "");
  this->put("a", "2");
  EXPECT_EQ(this->get("a"), "2");
}

TYPED_TEST(StoreConformance, KeepsBinaryKeysAndValues) {
  this->open();
  auto key = std::string("\0\xff\0", 3);
  auto value = std::string("\xff\0\n", 3);
  this->put(key, value);
  EXPECT_EQ(this->get(key), value);
}

TYPED_TEST(StoreConformance, OperationsOfABatchCountInTheirOrder) {
  this->open();
  write_batch batch;
  batch.put("a", "1");
  batch.erase("a");
  batch.put("b", "1");
  batch.put("b", "2");
  batch.put("c/1", "1");
  batch.erase_prefix("c/");
  batch.put("c/2", "2");
  batch.erase("never there");
  this->write(std::move(batch));
  EXPECT_EQ(this->all(), (pairs{{"b", "2"}, {"c/2", "2"}}));
}

TYPED_TEST(StoreConformance, ErasesExactlyTheRange) {
  this->open();
  write_batch batch;
  for (auto key : {"a", "b", "b/", "b/1", "b0", "c"})
    batch.put(key, "");
  this->write(std::move(batch));
  write_batch erase;
  erase.erase_prefix("b/");
  erase.erase_range("c", "c");
  erase.erase_range("z", "a");
  this->write(std::move(erase));
  EXPECT_EQ(this->all(), (pairs{{"a", ""}, {"b", ""}, {"b0", ""}, {"c", ""}}));
}

TYPED_TEST(StoreConformance, ScansInByteOrderWithinThePrefix) {
  this->open();
  write_batch batch;
  for (auto key : {"p/2", "p/\xff", "p/10", "q/1", "p", "p/1"})
    batch.put(key, "");
  this->write(std::move(batch));
  EXPECT_EQ(this->all("p/"),
            (pairs{{"p/1", ""}, {"p/10", ""}, {"p/2", ""}, {"p/\xff", ""}}));
  EXPECT_EQ(this->all("p/", "p/10"),
            (pairs{{"p/10", ""}, {"p/2", ""}, {"p/\xff", ""}}));
  EXPECT_EQ(this->all("p/", "a").size(), 4U);
  EXPECT_EQ(this->all("p/", "q"), pairs{});
}

TYPED_TEST(StoreConformance, AScanStopsWhenToldAndGoesOnBehind) {
  auto& tested = this->open();
  write_batch batch;
  for (auto key : {"a", "b", "c"})
    batch.put(key, "");
  this->write(std::move(batch));
  std::string last;
  ASSERT_FALSE(tested.scan({}, {}, [&](auto key, auto) {
    last = key;
    return key == "b" ? visit::stop : visit::more;
  }));
  EXPECT_EQ(last, "b");
  EXPECT_EQ(this->all({}, last + '\0'), (pairs{{"c", ""}}));
}

TYPED_TEST(StoreConformance, AViewIsFrozen) {
  auto& tested = this->open();
  this->put("a", "old");
  auto frozen = tested.view();
  ASSERT_TRUE(frozen);
  this->put("a", "new");
  this->put("b", "new");
  EXPECT_EQ(*(*frozen)->get("a"), "old");
  size_t seen = 0;
  ASSERT_FALSE((*frozen)->scan({}, {}, [&](auto, auto) {
    ++seen;
    return visit::more;
  }));
  EXPECT_EQ(seen, 1U);
  EXPECT_EQ(this->get("a"), "new");
}

TYPED_TEST(StoreConformance, ReportsInOrderAndTheLastTicketAlways) {
  auto& tested = this->open();
  for (store::ticket t = 1; t <= 500; ++t) {
    write_batch batch;
    batch.put("k" + std::to_string(t % 7), std::to_string(t));
    ASSERT_FALSE(tested.submit(std::move(batch), t * 3));
  }
  ASSERT_TRUE(this->report_.wait_for(1500));
  auto reported = this->report_.tickets();
  EXPECT_TRUE(std::is_sorted(reported.begin(), reported.end()));
  EXPECT_EQ(std::adjacent_find(reported.begin(), reported.end()),
            reported.end());
  EXPECT_EQ(reported.back(), 1500U);
  EXPECT_EQ(this->get("k3"), "500");
}

TYPED_TEST(StoreConformance, AnEmptyBatchIsAFence) {
  this->open();
  this->write({});
  EXPECT_EQ(this->all(), pairs{});
}

TYPED_TEST(StoreConformance, RefusesWhatIsTooLargeAndTakesNothing) {
  store_limits limits;
  limits.batch_bytes = 4096;
  limits.key_bytes = 16;
  auto& tested = this->open(limits);
  write_batch large;
  large.put("a", std::string(5000, 'x'));
  EXPECT_EQ(code_of(tested.submit(std::move(large), 1)), errc::too_large);
  EXPECT_EQ(large.operations().size(), 1U);
  write_batch long_key;
  long_key.put(std::string(17, 'k'), "");
  EXPECT_EQ(code_of(tested.submit(std::move(long_key), 1)), errc::too_large);
  EXPECT_EQ(code_of(tested.write_now(std::move(long_key))), errc::too_large);
  this->put("a", "1");
  EXPECT_EQ(this->all(), (pairs{{"a", "1"}}));
}

TYPED_TEST(StoreConformance, WritesNowBeforeTheFirstSubmit) {
  auto& tested = this->open();
  write_batch batch;
  batch.put("a", "1");
  ASSERT_FALSE(tested.write_now(std::move(batch)));
  EXPECT_EQ(this->get("a"), "1");
}

TYPED_TEST(StoreConformance, KeepsContentsAndIdentityWhenOpenedAgain) {
  auto identity = this->open().identity();
  EXPECT_EQ(identity.kind, "master");
  EXPECT_EQ(identity.uid.size(), 32U);
  this->put("a", "1");
  auto& tested = this->reopen();
  EXPECT_EQ(tested.identity().uid, identity.uid);
  EXPECT_EQ(this->all(), (pairs{{"a", "1"}}));
  this->put("b", "2");
  this->reopen();
  EXPECT_EQ(this->all(), (pairs{{"a", "1"}, {"b", "2"}}));
}

} // namespace
} // namespace agora
