// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/scheduler/scheduler_calls.hpp"

#include <utility>

namespace agora::calls {

using v1::scheduler::Call;

namespace {

Call of_type(Call::Type type) {
  Call call;
  call.set_type(type);
  return call;
}

void set_filters(v1::Filters* filters, std::chrono::milliseconds refuse_for) {
  filters->set_refuse_seconds(
    std::chrono::duration<double>{refuse_for}.count());
}

} // namespace

Call accept(const std::vector<v1::OfferID>& offers,
            std::vector<v1::Offer::Operation> operations, refusal refuse_for) {
  auto call = of_type(Call::ACCEPT);
  auto& accept = *call.mutable_accept();
  for (auto& offer : offers)
    *accept.add_offer_ids() = offer;
  for (auto& operation : operations)
    *accept.add_operations() = std::move(operation);
  if (refuse_for)
    set_filters(accept.mutable_filters(), *refuse_for);
  return call;
}

Call accept(const v1::Offer& offer, std::vector<v1::TaskInfo> tasks,
            refusal refuse_for) {
  std::vector<v1::Offer::Operation> operations;
  operations.push_back(launch(std::move(tasks)));
  return accept({offer.id()}, std::move(operations), refuse_for);
}

Call decline(const std::vector<v1::OfferID>& offers, refusal refuse_for) {
  auto call = of_type(Call::DECLINE);
  auto& decline = *call.mutable_decline();
  for (auto& offer : offers)
    *decline.add_offer_ids() = offer;
  if (refuse_for)
    set_filters(decline.mutable_filters(), *refuse_for);
  return call;
}

Call decline(const v1::Offer& offer, refusal refuse_for) {
  return decline(std::vector<v1::OfferID>{offer.id()}, refuse_for);
}

Call kill(const v1::TaskID& task) {
  auto call = of_type(Call::KILL);
  *call.mutable_kill()->mutable_task_id() = task;
  return call;
}

Call revive(const std::vector<std::string>& roles) {
  auto call = of_type(Call::REVIVE);
  call.mutable_revive()->mutable_roles()->Assign(roles.begin(), roles.end());
  return call;
}

Call suppress(const std::vector<std::string>& roles) {
  auto call = of_type(Call::SUPPRESS);
  call.mutable_suppress()->mutable_roles()->Assign(roles.begin(), roles.end());
  return call;
}

Call reconcile() {
  auto call = of_type(Call::RECONCILE);
  call.mutable_reconcile();
  return call;
}

Call reconcile(const std::vector<v1::TaskID>& tasks) {
  auto call = reconcile();
  for (auto& task : tasks)
    *call.mutable_reconcile()->add_tasks()->mutable_task_id() = task;
  return call;
}

Call acknowledge(const v1::TaskStatus& status) {
  auto call = of_type(Call::ACKNOWLEDGE);
  auto& acknowledge = *call.mutable_acknowledge();
  *acknowledge.mutable_agent_id() = status.agent_id();
  *acknowledge.mutable_task_id() = status.task_id();
  acknowledge.set_uuid(status.uuid());
  return call;
}

Call acknowledge(const v1::OperationStatus& status) {
  auto call = of_type(Call::ACKNOWLEDGE_OPERATION_STATUS);
  auto& acknowledge = *call.mutable_acknowledge_operation_status();
  if (status.has_agent_id())
    *acknowledge.mutable_agent_id() = status.agent_id();
  if (status.has_resource_provider_id())
    *acknowledge.mutable_resource_provider_id() = status.resource_provider_id();
  acknowledge.set_uuid(status.uuid().value());
  *acknowledge.mutable_operation_id() = status.operation_id();
  return call;
}

Call message(const v1::AgentID& agent, const v1::ExecutorID& executor,
             std::string data) {
  auto call = of_type(Call::MESSAGE);
  auto& message = *call.mutable_message();
  *message.mutable_agent_id() = agent;
  *message.mutable_executor_id() = executor;
  message.set_data(std::move(data));
  return call;
}

Call shutdown(const v1::AgentID& agent, const v1::ExecutorID& executor) {
  auto call = of_type(Call::SHUTDOWN);
  *call.mutable_shutdown()->mutable_agent_id() = agent;
  *call.mutable_shutdown()->mutable_executor_id() = executor;
  return call;
}

Call teardown() {
  return of_type(Call::TEARDOWN);
}

v1::Offer::Operation launch(std::vector<v1::TaskInfo> tasks) {
  v1::Offer::Operation operation;
  operation.set_type(v1::Offer::Operation::LAUNCH);
  for (auto& task : tasks)
    *operation.mutable_launch()->add_task_infos() = std::move(task);
  return operation;
}

v1::Offer::Operation launch_group(v1::ExecutorInfo executor,
                                  std::vector<v1::TaskInfo> tasks) {
  v1::Offer::Operation operation;
  operation.set_type(v1::Offer::Operation::LAUNCH_GROUP);
  auto& group = *operation.mutable_launch_group();
  *group.mutable_executor() = std::move(executor);
  for (auto& task : tasks)
    *group.mutable_task_group()->add_tasks() = std::move(task);
  return operation;
}

v1::Resource scalar(const std::string& name, double amount) {
  v1::Resource resource;
  resource.set_name(name);
  resource.set_type(v1::Value::SCALAR);
  resource.mutable_scalar()->set_value(amount);
  return resource;
}

v1::TaskInfo shell_task(const v1::Offer& offer, const std::string& id,
                        const std::string& command, double cpus,
                        double mem_mib) {
  v1::TaskInfo task;
  task.set_name(id);
  task.mutable_task_id()->set_value(id);
  *task.mutable_agent_id() = offer.agent_id();
  task.mutable_command()->set_value(command);
  *task.add_resources() = scalar("cpus", cpus);
  *task.add_resources() = scalar("mem", mem_mib);
  return task;
}

double amount_of(const v1::Offer& offer, const std::string& name) {
  double sum = 0;
  for (auto& resource : offer.resources())
    if (resource.name() == name)
      sum += resource.scalar().value();
  return sum;
}

} // namespace agora::calls
