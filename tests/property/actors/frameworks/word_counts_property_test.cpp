// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/chunk_table.hpp"
#include "actors/frameworks/word_count/word_counts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace agora {
namespace {

constexpr uint32_t seeds = 500;

/// Few letters, many separators, some bytes that are neither.
std::string any_text(std::mt19937& rng) {
  constexpr std::string_view bytes{"aAbBzZ09 \n\t'-\0\x80\xff", 16};
  std::string text(rng() % 200, ' ');
  std::generate(text.begin(), text.end(), [&] {
    return bytes[rng() % bytes.size()];
  });
  return text;
}

/// The slow reference: one look at each position.
word_counts count_slowly(const std::string& text) {
  auto is_letter = [](char c) {
    return std::string_view{"abzABZ"}.find(c) != std::string_view::npos;
  };
  word_counts counts;
  for (size_t begin = 0; begin < text.size(); ++begin) {
    if (!is_letter(text[begin]) || (begin > 0 && is_letter(text[begin - 1])))
      continue;
    std::string word;
    for (auto at = begin; at < text.size() && is_letter(text[at]); ++at)
      word += static_cast<char>(text[at] | 0x20);
    counts.add(word);
  }
  return counts;
}

word_counts count_in_pieces(std::string_view text, std::mt19937& rng) {
  word_counts counts;
  word_splitter splitter;
  while (!text.empty()) {
    auto piece = std::min<size_t>(1 + rng() % 20, text.size());
    splitter.take(text.substr(0, piece), counts);
    text.remove_prefix(piece);
  }
  splitter.finish(counts);
  return counts;
}

TEST(WordCountsProperty, PiecesCountAsTheWhole) {
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    std::mt19937 rng{seed};
    auto text = any_text(rng);
    ASSERT_EQ(count_in_pieces(text, rng), count_slowly(text))
      << "seed " << seed;
  }
}

TEST(WordCountsProperty, EveryCountSurvivesItsJourney) {
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    std::mt19937 rng{seed};
    auto counts = count_slowly(any_text(rng));
    ASSERT_EQ(decode_counts(encode(counts)), counts) << "seed " << seed;
  }
}

TEST(WordCountsProperty, NoBytesCrashTheParsers) {
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    std::mt19937 rng{seed};
    auto text = any_text(rng);
    if (auto counts = decode_counts(text)) {
      ASSERT_EQ(decode_counts(encode(*counts)), *counts) << "seed " << seed;
    }
    if (auto files = decode_chunk(text)) {
      ASSERT_EQ(encode(*files), text) << "seed " << seed;
    }
  }
}

/// Whatever a cluster does to the tasks, short of failing one for good, the
/// merged counts are those of one program that reads everything.
TEST(WordCountsProperty, MergedCountsEqualASingleCount) {
  constexpr v1::TaskState failures[]
    = {v1::TASK_FAILED, v1::TASK_LOST, v1::TASK_DROPPED, v1::TASK_GONE};
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    std::mt19937 rng{seed};
    std::vector<std::string> texts(1 + rng() % 10);
    std::vector<std::string> names;
    word_counts whole;
    for (auto& text : texts) {
      text = any_text(rng);
      whole.merge(count_slowly(text));
      names.push_back("/" + std::to_string(names.size()));
    }
    chunk_table table{make_chunks(names, 1 + rng() % 4)};
    std::vector<v1::TaskStatus> sent;
    std::vector<chunk_table::task> running;
    unsigned failed = 0;
    while (!table.all_done()) {
      if (table.has_waiting() && (running.empty() || rng() % 2 == 0)) {
        running.push_back(table.launch());
        continue;
      }
      auto at
        = running.begin() + static_cast<std::ptrdiff_t>(rng() % running.size());
      auto& ended = sent.emplace_back();
      ended.mutable_task_id()->set_value(at->id.text());
      if (failed < chunk_table::attempts_limit - 1 && rng() % 3 == 0) {
        ++failed;
        ended.set_state(failures[rng() % 4]);
      } else {
        word_counts counts;
        for (auto& file : at->files)
          counts.merge(count_slowly(texts[std::stoul(file.substr(1))]));
        ended.set_state(v1::TASK_FINISHED);
        ended.set_data(encode(counts));
      }
      running.erase(at);
      ASSERT_FALSE(table.updated(ended)) << "seed " << seed;
      // Any update may come again, at any time.
      ASSERT_FALSE(table.updated(sent[rng() % sent.size()])) << "seed " << seed;
    }
    ASSERT_EQ(table.counts(), whole) << "seed " << seed;
  }
}

} // namespace
} // namespace agora
