// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/consensus/configuration.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace agora {

/// The votes of one election, or of the question before it.
class vote_tally {
public:
  enum class outcome : uint8_t { open, won, lost };

  /// The first answer of a member counts.
  void count(member_uid from, bool granted) {
    votes_.try_emplace(from, granted);
  }

  /// By those who have a vote; whoever has not answered may still do.
  outcome judge(const configuration& members) const {
    size_t granted = 0;
    size_t refused = 0;
    for (auto& [from, yes] : votes_)
      if (members.is_voter(from))
        ++(yes ? granted : refused);
    if (granted >= members.quorum())
      return outcome::won;
    return members.voters() - refused < members.quorum() ? outcome::lost
                                                         : outcome::open;
  }

private:
  std::map<member_uid, bool> votes_;
};

/// The largest number that a quorum has reached.
/// @param reached one of each voter; not empty.
inline uint64_t quorum_reached(std::vector<uint64_t> reached) {
  auto place = reached.begin() + static_cast<ptrdiff_t>(reached.size() / 2);
  std::nth_element(reached.begin(), place, reached.end(), std::greater<>{});
  return *place;
}

} // namespace agora
