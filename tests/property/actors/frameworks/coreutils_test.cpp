// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/file_chunks.hpp"
#include "actors/frameworks/word_count/run_word_count.hpp"
#include "actors/frameworks/word_count/word_counts.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace agora {
namespace {

/// The same count with programs that everybody has. The line feed after each
/// file ends its last word.
constexpr const char* reference = R"sh(
export LC_ALL=C
realpath /usr/share/common-licenses/* | sort -u | while read -r file; do
  cat "$file"; echo
done | tr -cs 'A-Za-z' '\n' | tr 'A-Z' 'a-z' | sed '/^$/d' |
  sort | uniq -c | sed 's/^ *//'
)sh";

std::string output_of(const char* command) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe{popen(command, "r"),
                                                       pclose};
  std::string text;
  char buffer[4096];
  while (auto bytes = std::fread(buffer, 1, sizeof buffer, pipe.get()))
    text.append(buffer, bytes);
  return text;
}

TEST(WordCountsProperty, LicenseTextsCountAsCoreutilsCountThem) {
  if (!std::filesystem::exists(default_texts))
    GTEST_SKIP() << default_texts << " is not there";
  auto files = find_files({default_texts});
  ASSERT_TRUE(files);
  ASSERT_GT(files->size(), 5u);
  word_counts counts;
  for (auto& file : *files)
    counts.merge(*count_file(file));
  EXPECT_GT(counts.size(), 1000u);
  EXPECT_TRUE(to_text(counts) == output_of(reference))
    << "the two texts differ";
}

} // namespace
} // namespace agora
