// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/data_directory.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace agora {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

class DataDirectory : public testing::Test {
protected:
  result<data_directory> claim(std::string_view kind = "master") {
    return data_directory::claim(path_, kind);
  }

  void expect_failure(errc code, const std::string& part,
                      std::string_view kind = "master") {
    auto claimed = claim(kind);
    ASSERT_FALSE(claimed);
    EXPECT_EQ(code_of(claimed.error()), code) << describe(claimed.error());
    EXPECT_THAT(text_of(claimed.error()), HasSubstr(path_));
    EXPECT_THAT(text_of(claimed.error()), HasSubstr(part));
  }

  std::string marker() const {
    std::ifstream in{path_ + "/AGORA"};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ + "/" + name} << text;
  }

  scratch_directory scratch_;
  std::string path_ = scratch_.file("data");
};

TEST_F(DataDirectory, IsMadeAndFoundAgain) {
  std::string uid;
  {
    auto claimed = claim();
    ASSERT_TRUE(claimed) << describe(claimed.error());
    EXPECT_TRUE(claimed->is_new());
    EXPECT_EQ(claimed->path(), path_);
    EXPECT_EQ(claimed->identity().kind, "master");
    uid = claimed->identity().uid;
    EXPECT_EQ(uid.find_first_not_of("0123456789abcdef"), std::string::npos);
    ASSERT_FALSE(claimed->mark_ready());
  }
  auto again = data_directory::claim(path_ + "//", "master");
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_FALSE(again->is_new());
  EXPECT_EQ(again->identity().uid, uid);
}

TEST_F(DataDirectory, TwoDirectoriesHaveTwoUids) {
  auto one = claim();
  auto other = data_directory::claim(scratch_.file("other"), "master");
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->identity().uid, other->identity().uid);
}

TEST_F(DataDirectory, ACrashInTheFirstStartIsNotALostDatabase) {
  ASSERT_TRUE(claim());
  auto again = claim();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->is_new());
}

TEST_F(DataDirectory, TakesAFreshFileSystem) {
  fs::create_directories(path_ + "/lost+found");
  EXPECT_TRUE(claim());
}

TEST_F(DataDirectory, RefusesWhatIsNotOurs) {
  fs::create_directories(path_);
  write("thesis.tex", "years of work");
  expect_failure(errc::store_foreign, "not empty");
  EXPECT_FALSE(fs::exists(path_ + "/AGORA"));
}

TEST_F(DataDirectory, RefusesAnotherKind) {
  ASSERT_TRUE(claim("agent"));
  expect_failure(errc::store_foreign, "kind agent");
}

TEST_F(DataDirectory, RefusesANewerFormatWhateverItLooksLike) {
  fs::create_directories(path_);
  write("AGORA", "format 2\nsomething else\n");
  expect_failure(errc::store_foreign, "format 2");
}

TEST_F(DataDirectory, RefusesADamagedMarker) {
  ASSERT_TRUE(claim());
  auto whole = marker();
  for (size_t at = whole.find("kind"); at + 1 < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    write("AGORA", damaged);
    ASSERT_FALSE(claim()) << "byte " << at;
    write("AGORA", whole.substr(0, at));
    ASSERT_FALSE(claim()) << "cut at " << at;
  }
  expect_failure(errc::store_corrupt, "AGORA");
  write("AGORA", whole);
  EXPECT_TRUE(claim());
}

TEST_F(DataDirectory, IsHeldByOneAtATime) {
  {
    auto held = claim();
    ASSERT_TRUE(held);
    expect_failure(errc::store_locked, "in use");
  }
  EXPECT_TRUE(claim());
}

TEST_F(DataDirectory, NamesAMissingParent) {
  path_ = scratch_.file("no/data");
  expect_failure(errc::not_found, "parent");
}

TEST_F(DataDirectory, RefusesAFile) {
  std::ofstream{path_} << "text";
  expect_failure(errc::io_failed, "Not a directory");
}

} // namespace
} // namespace agora
