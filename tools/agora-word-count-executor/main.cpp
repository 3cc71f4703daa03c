// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/word_count/run_word_count.hpp"

/// Started by agents, for tasks of agora-word-count.
int main() {
  return agora::run_word_count_executor();
}
