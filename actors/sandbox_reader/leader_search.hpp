// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/messaging/address.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// Whom a tool dials next, until it has found the node that answers its
/// questions: the master that leads, or the only node it was told of. A plain
/// value; tool_session_actor dials and waits.
///
/// Nodes are tried in turn; a master that does not lead may name the one that
/// does, which is tried next. That one's word about a third is not taken: two
/// masters that each believe in the other must not keep a tool from asking
/// further.
class leader_search {
public:
  /// Before a node is tried that was tried before.
  static constexpr std::chrono::milliseconds pause_between{100};

  /// Nodes that were named by others are remembered among so many.
  static constexpr size_t named_limit = 16;

  /// @param nodes At least one.
  explicit leader_search(std::vector<node_address> nodes);

  // -- inputs -----------------------------------------------------------------

  /// next() could not be reached; `reason` names it.
  void not_reached(status reason);

  /// next() does not lead, and says that `leader` does: HOST:PORT, or empty.
  /// What is no address counts as empty.
  void not_leader(std::string_view leader);

  /// next() has answered, or nobody waits any more: the search is over. The
  /// next one begins where this one has ended.
  void end();

  // -- outputs ----------------------------------------------------------------

  const node_address& next() const {
    return next_;
  }

  /// How long to wait before next() is tried.
  std::chrono::milliseconds pause() const {
    return pause_;
  }

  /// Whether all nodes were tried, and not one was reached: it is no use to go
  /// on. Where masters are reached, one may lead soon.
  bool hopeless() const;

  /// Whether a master has answered that it does not lead.
  bool reached() const {
    return reached_;
  }

  /// Why the search has failed, as far as it has come: errc::not_leader, with
  /// the names of who was asked; or the reasons why nodes were not reached,
  /// with the last one's code.
  status outcome() const;

private:
  struct attempt {
    node_address node;
    /// Success if it was reached, and does not lead.
    status reason;
  };

  void note(status reason);
  void take_turn();
  bool tried(const node_address& node) const;

  std::vector<node_address> nodes_;
  size_t turn_ = 0;
  node_address next_;
  /// Whether next_ was named by another one.
  bool named_ = false;
  std::chrono::milliseconds pause_{};

  // -- of this search ---------------------------------------------------------
  bool reached_ = false;
  /// The last attempt of each node.
  std::vector<attempt> attempts_;
};

} // namespace agora
