// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/word_counts.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace agora {
namespace {

word_counts count(std::string_view text) {
  word_counts counts;
  word_splitter splitter;
  splitter.take(text, counts);
  splitter.finish(counts);
  return counts;
}

TEST(WordCounts, AWordIsARunOfLetters) {
  EXPECT_EQ(to_text(count("The cat's THE\n\n42nd c\xc3\xa4t-the")),
            "1 c\n1 cat\n1 nd\n1 s\n1 t\n3 the\n");
  EXPECT_EQ(count("").size(), 0u);
  EXPECT_EQ(count("\n 1 2 ").size(), 0u);
}

TEST(WordCounts, AWordMayCrossPieces) {
  word_counts counts;
  word_splitter splitter;
  for (auto piece : {"th", "e c", "", "at", " "})
    splitter.take(piece, counts);
  splitter.finish(counts);
  EXPECT_EQ(to_text(counts), "1 cat\n1 the\n");
}

TEST(WordCounts, AnEndlessWordIsCut) {
  word_counts counts;
  word_splitter splitter;
  splitter.take(std::string(word_splitter::word_bytes_limit + 1, 'a'), counts);
  splitter.finish(counts);
  EXPECT_EQ(counts.total(), 2u);
}

TEST(WordCounts, TravelsAsText) {
  auto counts = count("a b b");
  EXPECT_EQ(encode(counts), "a\t1\nb\t2\n");
  auto back = decode_counts(encode(counts));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, counts);
  EXPECT_EQ(decode_counts(""), word_counts{});
}

TEST(WordCounts, NonsenseIsRefused) {
  for (auto text : {"a", "a\n", "a\t\n", "\t1\n", "a\t0\n", "a\t-1\n", "a\t1",
                    "a b\t1\n", "a\t1 \n", "a\t99999999999999999999\n", "\n",
                    "a\t18446744073709551615\nb\t1\n"}) {
    auto counts = decode_counts(text);
    EXPECT_FALSE(counts) << text;
    if (!counts) {
      EXPECT_EQ(code_of(counts.error()), errc::malformed_message) << text;
    }
  }
}

TEST(CountFile, ReadsOrSaysWhyNot) {
  scratch_directory folder;
  auto path = folder.file("text");
  std::ofstream{path} << "one two\ntwo";
  auto counts = count_file(path);
  ASSERT_TRUE(counts);
  EXPECT_EQ(to_text(*counts), "1 one\n2 two\n");
  auto missing = count_file(folder.file("nothing"));
  EXPECT_EQ(code_of(missing.error()), errc::not_found);
  auto directory = count_file(folder.path());
  EXPECT_EQ(code_of(directory.error()), errc::io_failed);
}

} // namespace
} // namespace agora
