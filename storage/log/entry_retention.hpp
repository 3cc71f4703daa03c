// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/log/log_settings.hpp"

#include <cstdint>
#include <deque>

namespace agora {

/// Which applied entries may go: all but the newest, of which both limits, the
/// one in entries and the one in bytes, leave some. What the smaller of the two
/// retains stays; of what is older at most two steps do.
///
/// Entries are counted in steps, so that a log of any length costs a few
/// numbers.
class entry_retention {
public:
  /// @param base The last entry that is gone already.
  entry_retention(const log_settings& settings, uint64_t base);

  /// Entries up to `index`, behind those of the last call, have `bytes`. If
  /// they are many, each counts as the mean of them.
  void applied(uint64_t index, uint64_t bytes);

  /// The last entry, at most `limit`, that may go now; the base if it is too
  /// early.
  uint64_t removable(uint64_t limit) const;

  /// Everything up to `index` is gone.
  void removed(uint64_t index);

  /// Everything up to `index` is gone, and nothing behind it is there.
  void restart(uint64_t index);

private:
  void add(uint64_t index, uint64_t bytes);

  struct step {
    uint64_t last = 0;
    uint64_t bytes = 0;
  };

  uint64_t retained_entries_;
  uint64_t retained_bytes_;
  uint64_t step_;
  uint64_t base_;
  /// Those that are not gone, oldest first; the last one is not full.
  std::deque<step> steps_;
  uint64_t bytes_ = 0;
};

} // namespace agora
