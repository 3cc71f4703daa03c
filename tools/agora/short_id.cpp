// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/agora/short_id.hpp"

namespace agora {

namespace {

// Of an ambiguous id's meanings; more would not help.
constexpr size_t listed_limit = 5;

} // namespace

result<size_t> find_id(std::string_view text,
                       const std::vector<std::string>& ids,
                       const std::string& kind) {
  std::vector<size_t> matches;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == text)
      return i;
    if (!text.empty() && (ids[i].starts_with(text) || ids[i].ends_with(text)))
      matches.push_back(i);
  }
  if (matches.size() == 1)
    return matches.front();
  if (matches.empty())
    return fail(errc::not_found,
                "no " + kind + " \"" + std::string{text} + "\"");
  std::string listed;
  for (size_t i = 0; i < matches.size() && i < listed_limit; ++i)
    listed += (i == 0 ? "" : ", ") + ids[matches[i]];
  if (matches.size() > listed_limit)
    listed += ", ...";
  return fail(errc::conflict, "\"" + std::string{text} + "\" means "
                                + std::to_string(matches.size()) + " " + kind
                                + "s: " + listed + "; write more of the id");
}

} // namespace agora
