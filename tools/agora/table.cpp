// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/table.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>

namespace agora {

namespace {

constexpr std::string_view gap = "  ";

const char* escape_of(tone what) {
  switch (what) {
    case tone::dim:
      return "\x1b[2m";
    case tone::good:
      return "\x1b[32m";
    case tone::warning:
      return "\x1b[33m";
    case tone::bad:
      return "\x1b[31m";
    case tone::heading:
      return "\x1b[1m";
    default:
      return nullptr;
  }
}

std::string without_controls(std::string text) {
  std::replace_if(
    text.begin(), text.end(),
    [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    },
    '?');
  return text;
}

} // namespace

std::string painted(std::string_view text, tone what, bool colour) {
  const auto* escape = escape_of(what);
  if (!colour || escape == nullptr || text.empty())
    return std::string{text};
  return escape + std::string{text} + "\x1b[0m";
}

size_t display_width(std::string_view text) {
  return static_cast<size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

table::table(std::vector<table_column> columns) : columns_(std::move(columns)) {
  // nop
}

void table::add(std::vector<table_cell> row) {
  AGORA_CHECK(row.size() == columns_.size());
  for (auto& cell : row)
    cell.text = without_controls(std::move(cell.text));
  rows_.push_back(std::move(row));
}

std::string table::render(bool colour) const {
  std::vector<table_cell> headings;
  std::vector<size_t> widths;
  for (const auto& column : columns_) {
    headings.emplace_back(column.name, tone::heading);
    widths.push_back(display_width(column.name));
  }
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i].text));
  std::string out;
  auto add_line = [&](const std::vector<table_cell>& row) {
    // Blanks come before the next text only, never at a line's end.
    size_t blanks = 0;
    for (size_t i = 0; i < row.size(); ++i) {
      const auto& cell = row[i];
      auto padding = widths[i] - display_width(cell.text);
      blanks += columns_[i].right ? padding : 0;
      if (!cell.text.empty()) {
        out.append(blanks, ' ');
        blanks = 0;
        out += painted(cell.text, cell.what, colour);
      }
      blanks += gap.size() + (columns_[i].right ? 0 : padding);
    }
    out += '\n';
  };
  add_line(headings);
  std::for_each(rows_.begin(), rows_.end(), add_line);
  return out;
}

} // namespace agora
