// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/testing/test_cluster_core.hpp"
#include "runtime/resources/resources_text.hpp"

#include <chrono>
#include <sstream>

namespace agora::simulation {

std::string test_cluster::report() const {
  auto& own = *core_;
  std::ostringstream out;
  out << "seed " << own.seed << " (AGORA_SEED=" << own.seed
      << " repeats it, AGORA_TRACE=1 shows it), "
      << std::chrono::duration<double>(passed()).count() << " s have passed\n";
  if (own.sim.failed())
    out << "it ended early: " << own.sim.violation() << '\n';
  if (own.nodes.leader() == nullptr)
    out << "there is no master\n";
  for (auto& agent : own.nodes.agents())
    out << agent->name << " (" << agent->resources << ")"
        << (own.nodes.runs(*agent) ? " runs\n" : " does not run\n");
  for (auto& framework : own.frameworks) {
    out << "framework " << framework->name << ' ' << framework->id.text()
        << (framework->lives.empty() ? " does not run" : " runs");
    if (framework->end)
      out << ", it ended "
          << (*framework->end ? describe(*framework->end) : "as it should");
    out << '\n';
  }
  for (auto& task : tasks()) {
    out << "task " << task.id.text() << " on " << task.agent << ": "
        << v1::TaskState_Name(task.state) << (task.runs ? ", runs" : "");
    if (!task.status.message().empty())
      out << ", " << task.status.message();
    out << '\n';
  }
  for (auto& offer : offers())
    out << "offer " << offer.id.text() << " to " << offer.framework.text()
        << " of " << offer.agent << ": " << to_string(offer.amount) << '\n';
  return out.str();
}

} // namespace agora::simulation
