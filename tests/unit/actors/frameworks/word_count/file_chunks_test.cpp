// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/file_chunks.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace agora {
namespace {

namespace fs = std::filesystem;

class FindFiles : public testing::Test {
protected:
  void SetUp() override {
    for (auto name : {"b", "a"})
      std::ofstream{root_ / name} << "text";
    fs::create_directory(root_ / "sub");
    std::ofstream{root_ / "sub" / "deep"} << "text";
    fs::create_symlink("a", root_ / "link");
  }

  std::string at(const std::string& name) {
    return (root_ / name).string();
  }

  scratch_directory folder_;
  fs::path root_ = fs::canonical(folder_.path());
};

TEST_F(FindFiles, AFolderStandsForItsFilesEachOnce) {
  auto files = find_files({root_.string()});
  ASSERT_TRUE(files);
  EXPECT_EQ(*files, (std::vector<std::string>{at("a"), at("b")}));
}

TEST_F(FindFiles, NamedTwiceIsCountedOnce) {
  auto files = find_files({at("b"), at("link"), at("a"), at("sub/../b")});
  ASSERT_TRUE(files);
  EXPECT_EQ(*files, (std::vector<std::string>{at("a"), at("b")}));
}

TEST_F(FindFiles, WhatCannotBeReadIsNamed) {
  auto missing = find_files({at("nothing")});
  EXPECT_EQ(code_of(missing.error()), errc::not_found);
  auto device = find_files({"/dev/null"});
  EXPECT_EQ(code_of(device.error()), errc::invalid_argument);
  std::ofstream{root_ / "line\nbreak"} << "text";
  EXPECT_EQ(code_of(find_files({root_.string()}).error()),
            errc::invalid_argument);
}

TEST(FileChunks, HaveALimitedNumberOfFilesAndBytes) {
  auto chunks = make_chunks({"/a", "/b", "/c"}, 2);
  EXPECT_EQ(chunks, (std::vector<file_chunk_list>{{"/a", "/b"}, {"/c"}}));
  std::vector<std::string> long_names(100, "/" + std::string(4000, 'x'));
  for (auto& chunk : make_chunks(long_names, 1000))
    EXPECT_LE(encode(chunk).size(), chunk_bytes_limit);
  EXPECT_TRUE(make_chunks({}, 1).empty());
}

TEST(FileChunks, TravelAsText) {
  file_chunk_list files{"/a b", "/c"};
  auto back = decode_chunk(encode(files));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, files);
}

TEST(FileChunks, NonsenseIsRefused) {
  for (auto text : {"", "a\n", "/a", "\n", "/a\n\n", "/a\nb\n"})
    EXPECT_EQ(code_of(decode_chunk(text).error()), errc::malformed_message)
      << text;
  EXPECT_EQ(
    code_of(decode_chunk("/" + std::string(chunk_bytes_limit, 'x')).error()),
    errc::too_large);
}

} // namespace
} // namespace agora
