// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/dominant_share.hpp"

#include "runtime/base/check.hpp"

#include <limits>

namespace agora {

namespace {

// Products of two 64-bit numbers. -Wpedantic objects to the name of the type.
__extension__ using int128 = __int128;

} // namespace

resource_share::resource_share(int64_t part, int64_t whole)
  : part_{part}, whole_{whole} {
  AGORA_CHECK(part >= 0 && whole > 0);
}

uint64_t resource_share::weighted(int64_t weight_milli) const {
  AGORA_CHECK(weight_milli > 0 && weight_milli <= weight_milli_limit);
  auto scaled = (int128{part_} * 1000 << 40) / (int128{whole_} * weight_milli);
  auto most = std::numeric_limits<uint64_t>::max();
  return scaled > int128{most} ? most : static_cast<uint64_t>(scaled);
}

double resource_share::to_double() const {
  return static_cast<double>(part_) / static_cast<double>(whole_);
}

std::strong_ordering
resource_share::operator<=>(const resource_share& other) const {
  return int128{part_} * other.whole_ <=> int128{other.part_} * whole_;
}

dominant_share_result dominant_share(const resources& allocated,
                                     const resources& total) {
  dominant_share_result largest;
  allocated.for_each([&](std::string_view name, const resource_value& value) {
    auto held = std::get_if<scalar_amount>(&value);
    auto whole = total.scalar(name);
    if (held == nullptr || whole.milli() == 0)
      return;
    resource_share share{held->milli(), whole.milli()};
    if (share > largest.share) {
      largest.share = share;
      largest.name = name;
    }
  });
  return largest;
}

} // namespace agora
