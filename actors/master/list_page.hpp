// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/master/master_settings.hpp"

#include "agora/session/tool.pb.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace agora {

/// One page of a list that is answered in pages, so that no answer outgrows
/// what a session takes. What the pages before held is walked again for each
/// page, but not written again.
///
/// Whoever fills it walks the list in the order of its keys: passes over what
/// was_sent(), and for the rest asks is_full() before, and says added() after.
template <class List, class Key = std::string>
class list_page {
public:
  /// @param after The last key of the page before; the least one for the first.
  list_page(List& out, const session::Page& asked, Key after,
            const master_settings& settings)
    : out_(out),
      after_(std::move(after)),
      items_left_(asked.has_limit() ? std::clamp<size_t>(
                    asked.limit(), 1, settings.query_items_limit)
                                    : settings.query_items_limit),
      bytes_left_(settings.query_bytes_limit) {
    // nop
  }

  bool was_sent(const Key& key) const {
    return !(after_ < key);
  }

  /// Whether what comes now belongs to the next page; the list says so then.
  bool is_full() {
    if (items_left_ > 0 && bytes_left_ > 0)
      return false;
    out_.set_next(std::move(last_));
    return true;
  }

  /// The item is in the list, and `token` is how a request names it; one that
  /// alone is too large counts as what is left, so that every page has at least
  /// one.
  template <class Item>
  void added(std::string token, const Item& item) {
    last_ = std::move(token);
    --items_left_;
    bytes_left_ -= std::min(bytes_left_, item.ByteSizeLong());
  }

private:
  List& out_;
  Key after_;
  std::string last_;
  size_t items_left_;
  size_t bytes_left_;
};

} // namespace agora
