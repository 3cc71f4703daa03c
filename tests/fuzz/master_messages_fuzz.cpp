// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
//
// Peers that say anything to a leading master, in any order: an agent and a
// framework behave at first, so that there is an offer and a task to talk
// about. After each message the master's books agree (master_bench).
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/master_bench.hpp"
#include "tests/support/master_calls.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

using namespace std::chrono_literals;

/// A cluster with an agent, a framework and an offer.
class small_cluster {
public:
  small_cluster() {
    agent_ = bench_.open();
    bench_.from_agent(agent_, test::attach_message("u1", 1, "cpus:4;mem:1024"));
    scheduler_ = bench_.open();
    v1::scheduler::Call subscribe;
    subscribe.set_type(v1::scheduler::Call::SUBSCRIBE);
    auto& info = *subscribe.mutable_subscribe()->mutable_framework_info();
    info.set_name("f");
    info.set_user("root");
    info.add_roles("r");
    info.add_capabilities()->set_type(
      v1::FrameworkInfo::Capability::MULTI_ROLE);
    bench_.call(scheduler_, subscribe);
  }

  void say(size_t who, std::string_view bytes) {
    switch (who) {
      case 0:
        return parse<session::AgentToMaster>(bytes, [&](auto& body) {
          for (auto& message : *body.mutable_messages())
            if (bench_.is_open(agent_))
              bench_.from_agent(agent_, message);
        });
      case 1:
        return parse<session::SchedulerToMaster>(bytes, [&](auto& body) {
          for (auto& call : *body.mutable_calls())
            if (bench_.is_open(scheduler_))
              bench_.call(scheduler_, call);
        });
      case 2:
        return parse<session::ToolRequests>(bytes, [&](auto& body) {
          for (auto& request : *body.mutable_requests())
            bench_.ask(request);
        });
      default:
        bench_.advance(10s);
    }
  }

private:
  /// Sessions refuse what cannot be parsed before a master sees it.
  template <class Body, class F>
  void parse(std::string_view bytes, F use) {
    Body body;
    if (body.ParseFromString(std::string{bytes}))
      use(body);
  }

  test::master_bench bench_;
  session_number agent_ = 0;
  session_number scheduler_ = 0;
};

} // namespace
} // namespace agora

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace agora;
  // A book that does not agree ends the process.
  static const bool prepared = [] {
    GTEST_FLAG_SET(break_on_failure, true);
    return true;
  }();
  static_cast<void>(prepared);
  auto input = fuzz::text_of(data, size);
  small_cluster cluster;
  for (int steps = 0; !input.empty() && steps < 50; ++steps) {
    auto who = fuzz::take_choice(input, 4);
    cluster.say(who, who < 3 ? fuzz::take_part(input) : std::string_view{});
  }
  return 0;
}
