// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// What a piece of output means; a terminal shows it as a colour.
enum class tone {
  plain,
  /// Of less interest: what has ended.
  dim,
  /// As it should be.
  good,
  /// Under way, or about to be wrong.
  warning,
  /// Wrong.
  bad,
  heading,
};

/// `text` in the colour of `what`, if `colour` is on.
std::string painted(std::string_view text, tone what, bool colour);

/// How many columns of a terminal `text` takes: code points of UTF-8, which is
/// right for everything but wide East Asian characters.
size_t display_width(std::string_view text);

struct table_cell {
  std::string text;
  tone what = tone::plain;

  table_cell(std::string content = {}, tone meaning = tone::plain)
    : text(std::move(content)), what(meaning) {
    // nop
  }

  table_cell(const char* content) : text(content) {
    // nop
  }
};

struct table_column {
  std::string name;
  /// Numbers stand at the right.
  bool right = false;
};

/// Rows under headings, with columns as wide as what is in them.
class table {
public:
  explicit table(std::vector<table_column> columns);

  /// @pre As many cells as there are columns.
  void add(std::vector<table_cell> row);

  bool empty() const noexcept {
    return rows_.empty();
  }

  /// One line for the headings and one for each row; no blanks at a line's end.
  /// Control characters in cells show as "?": what a cell says comes from
  /// users of the cluster, and must not drive the terminal.
  std::string render(bool colour) const;

private:
  std::vector<table_column> columns_;
  std::vector<std::vector<table_cell>> rows_;
};

} // namespace agora
