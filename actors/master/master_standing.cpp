// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/master_standing.hpp"

#include <utility>

namespace agora {

void master_standing::lead(epoch own_epoch) {
  leads_ = true;
  epoch_ = own_epoch;
  leader_.clear();
}

bool master_standing::follow(std::string leader) {
  auto changed = leads_ || leader != leader_;
  leads_ = false;
  epoch_ = {};
  leader_ = std::move(leader);
  return changed;
}

session::Leadership master_standing::message() const {
  session::Leadership out;
  out.set_leads(leads_);
  if (leads_) {
    out.mutable_epoch()->set_generation(epoch_.generation);
    out.mutable_epoch()->set_term(epoch_.term);
  } else if (!leader_.empty()) {
    out.set_leader(leader_);
  }
  return out;
}

status master_standing::refusal() const {
  if (leads_) // Its log knows better, and says so soon.
    return fail(errc::not_leader,
                "master " + own_
                  + " does not lead any more; who does is not known yet");
  if (leader_.empty())
    return fail(errc::not_leader,
                "no master leads: no quorum, as far as master " + own_
                  + " knows");
  return fail(errc::not_leader,
              "master " + own_ + " does not lead; " + leader_ + " does");
}

status master_standing::end_of_sessions(bool asked) const {
  auto text = "master " + own_ + " does not lead any more";
  if (!leader_.empty())
    text += "; " + leader_ + " does";
  if (asked)
    text += "; of what it had been asked to change and has not answered, "
            "whether it was done is not known";
  return fail(errc::not_leader, std::move(text));
}

} // namespace agora
