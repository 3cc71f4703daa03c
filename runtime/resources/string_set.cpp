// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/string_set.hpp"

#include "runtime/base/utf8.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace agora {

namespace {

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

} // namespace

result<string_set> string_set::from_items(std::vector<std::string> list) {
  if (list.size() > items_limit)
    return fail(errc::invalid_resources,
                "more than " + std::to_string(items_limit) + " items");
  for (auto& item : list) {
    if (item.empty())
      return fail(errc::invalid_resources, "an item is empty");
    if (item.size() > item_bytes_limit)
      return fail(errc::invalid_resources, "an item is longer than "
                                             + std::to_string(item_bytes_limit)
                                             + " bytes");
    if (!is_utf8(item) || std::any_of(item.begin(), item.end(), is_control))
      return fail(errc::invalid_resources,
                  "an item contains a control character, or is not UTF-8");
  }
  std::sort(list.begin(), list.end());
  auto twice = std::adjacent_find(list.begin(), list.end());
  if (twice != list.end())
    return fail(errc::invalid_resources,
                "the item " + *twice + " stands twice");
  string_set made;
  made.items_ = std::move(list);
  return made;
}

bool string_set::contains(const string_set& other) const {
  return std::includes(items_.begin(), items_.end(), other.items_.begin(),
                       other.items_.end());
}

string_set string_set::united(const string_set& other) const {
  string_set made;
  std::set_union(items_.begin(), items_.end(), other.items_.begin(),
                 other.items_.end(), std::back_inserter(made.items_));
  return made;
}

string_set string_set::intersected(const string_set& other) const {
  string_set made;
  std::set_intersection(items_.begin(), items_.end(), other.items_.begin(),
                        other.items_.end(), std::back_inserter(made.items_));
  return made;
}

string_set string_set::without(const string_set& other) const {
  string_set made;
  std::set_difference(items_.begin(), items_.end(), other.items_.begin(),
                      other.items_.end(), std::back_inserter(made.items_));
  return made;
}

std::string to_string(const string_set& what) {
  std::string text = "{";
  for (auto& item : what.items()) {
    if (text.size() > 1)
      text += ',';
    text += item;
  }
  return text + "}";
}

} // namespace agora
