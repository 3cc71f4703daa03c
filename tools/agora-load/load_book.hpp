// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/agora-load/load_totals.hpp"

#include "agora/v1/scheduler/scheduler.pb.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agora::load {

/// Of each task of the load; an agent has room for 32.
inline constexpr double task_cpus = 1;
inline constexpr double task_mem_mib = 32;

/// What one framework of the load is to launch.
struct launch_share {
  uint64_t tasks = 0;
  /// Each task's has its number behind it, as a comment.
  std::string command;
  /// Of these, launched and not ended, at most; 0: no limit.
  uint64_t in_flight = 0;
  /// Tasks on one offer, at most; 0: no limit.
  uint64_t per_offer = 0;
};

/// What one framework of the load decides: takes every offer that it has tasks
/// for, each with as many tasks as fit, and suppresses when it has launched its
/// share. Tasks whose offer was gone are launched again under another id.
class load_book {
public:
  using time_point = load_totals::time_point;
  using calls = std::vector<v1::scheduler::Call>;

  /// @param totals Shared with the other frameworks of this process.
  explicit load_book(std::shared_ptr<load_totals> totals);

  /// Before the subscription: no offers are wanted yet.
  calls begin();

  /// Launches more.
  calls launch(launch_share more, time_point now);

  /// Wants offers again, to note when the first comes, and declines them.
  calls watch();

  calls receive(v1::scheduler::Event& event, time_point now);

private:
  enum class phase : uint8_t { launched, running, ended };

  struct task {
    size_t number = 0;
    time_point accepted;
    phase at = phase::launched;
  };

  void take_offers(v1::scheduler::Event::Offers& offers, time_point now);
  void drop_offer(const v1::OfferID& id);
  void update(const v1::TaskStatus& status, time_point now);
  void task_ended(const v1::TaskStatus& status, task& which, time_point now);

  /// Uses the offers in hand, as far as tasks are wanted.
  calls proceed(time_point now);
  /// How many tasks go onto `offer`.
  uint64_t tasks_for(const v1::Offer& offer) const;
  v1::TaskInfo next_task(const v1::Offer& offer, time_point now);
  /// The task of this id, if it is one of ours.
  task* find(std::string_view id);

  std::shared_ptr<load_totals> totals_;
  launch_share share_;
  v1::TaskInfo model_;
  uint64_t wanted_ = 0;
  /// Of those launched for the newest share.
  uint64_t in_flight_ = 0;
  size_t first_of_share_ = 0;
  bool suppressed_ = true;
  bool subscribed_ = false;
  bool watching_ = false;
  /// Bounded by the agents of the cluster: one outstanding offer each.
  std::deque<v1::Offer> offers_;
  /// By number.
  std::vector<task> tasks_;
};

} // namespace agora::load
