// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/word_counts.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>

namespace agora {

namespace {

constexpr size_t read_bytes = 64 * 1024;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

status file_error(const std::string& path, int error) {
  auto code = error == ENOENT   ? errc::not_found
              : error == EACCES ? errc::permission_denied
                                : errc::io_failed;
  return fail(code, "cannot read " + path + ": " + std::strerror(error));
}

} // namespace

void word_counts::add(std::string_view word, uint64_t times) {
  auto found = counts_.find(word);
  if (found == counts_.end())
    found = counts_.emplace(std::string{word}, 0).first;
  found->second += times;
  total_ += times;
}

void word_counts::merge(const word_counts& other) {
  for (auto& [word, times] : other.counts_)
    add(word, times);
}

void word_splitter::take(std::string_view piece, word_counts& into) {
  for (auto c : piece) {
    if (is_letter(c) && word_.size() < word_bytes_limit) {
      word_ += lower(c);
      continue;
    }
    finish(into);
    if (is_letter(c))
      word_ += lower(c);
  }
}

void word_splitter::finish(word_counts& into) {
  if (!word_.empty())
    into.add(word_);
  word_.clear();
}

result<word_counts> count_file(const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
    std::fopen(path.c_str(), "re"), std::fclose};
  if (!file)
    return file_error(path, errno);
  word_counts counts;
  word_splitter splitter;
  auto buffer = std::make_unique<char[]>(read_bytes);
  while (auto bytes = std::fread(buffer.get(), 1, read_bytes, file.get()))
    splitter.take({buffer.get(), bytes}, counts);
  if (std::ferror(file.get()) != 0)
    return file_error(path, errno);
  splitter.finish(counts);
  return counts;
}

std::string encode(const word_counts& counts) {
  std::string text;
  for (auto& [word, times] : counts.counts())
    text += word + '\t' + std::to_string(times) + '\n';
  return text;
}

result<word_counts> decode_counts(std::string_view text) {
  word_counts counts;
  for (size_t number = 1; !text.empty(); ++number) {
    auto bad = [number](const char* why) {
      return fail(errc::malformed_message,
                  "line " + std::to_string(number) + " of the counts: " + why);
    };
    auto end = text.find('\n');
    if (end == std::string_view::npos)
      return bad("its end is missing");
    auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    auto tab = line.find('\t');
    if (tab == std::string_view::npos || tab == 0)
      return bad("there is no word");
    auto word = line.substr(0, tab);
    if (!std::all_of(word.begin(), word.end(), is_letter))
      return bad("the word has something besides letters");
    uint64_t times = 0;
    auto last = line.data() + line.size();
    auto [rest, error] = std::from_chars(line.data() + tab + 1, last, times);
    if (error != std::errc{} || rest != last || times == 0)
      return bad("the count is no positive number");
    if (times > std::numeric_limits<uint64_t>::max() - counts.total())
      return bad("the sum of all counts is too large");
    counts.add(word, times);
  }
  return counts;
}

std::string to_text(const word_counts& counts) {
  std::string text;
  for (auto& [word, times] : counts.counts())
    text += std::to_string(times) + ' ' + word + '\n';
  return text;
}

} // namespace agora
