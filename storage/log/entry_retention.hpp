// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/log/log_settings.hpp"

#include <cstdint>
#include <deque>

namespace agora {

/// Which applied entries may go: all but the newest, by count and by bytes.
/// Entries are counted in steps, so that a log of any length costs a few
/// numbers.
class entry_retention {
public:
  /// @param base The last entry that is gone already.
  entry_retention(const log_settings& settings, uint64_t base);

  /// Entries up to `index`, behind those of the last call, have `bytes`.
  void applied(uint64_t index, uint64_t bytes);

  /// The last entry that may go now; the base if it is too early.
  uint64_t removable() const;

  /// Everything up to `index` is gone.
  void removed(uint64_t index);

  /// Everything that is applied may go with the next step, at most `index`.
  void restart(uint64_t index);

private:
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
