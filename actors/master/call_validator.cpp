// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/master/call_validator.hpp"

#include "runtime/validation/required_fields.hpp"

namespace agora {

namespace {

std::string place_of(const char* list, int index) {
  return "ACCEPT: accept." + std::string{list} + "[" + std::to_string(index)
         + "]";
}

bool launches(const v1::Offer::Operation& operation) {
  return operation.type() == v1::Offer::Operation::LAUNCH
         || operation.type() == v1::Offer::Operation::LAUNCH_GROUP;
}

status check_accept(const v1::scheduler::Call::Accept& accept) {
  for (int i = 0; i < accept.offer_ids_size(); ++i)
    if (auto bad
        = check_required(accept.offer_ids(i), place_of("offer_ids", i)))
      return bad;
  for (int i = 0; i < accept.operations_size(); ++i)
    if (!launches(accept.operations(i)))
      if (auto bad
          = check_required(accept.operations(i), place_of("operations", i)))
        return bad;
  return check_required(accept.filters(), "ACCEPT: accept.filters");
}

} // namespace

status check_call(const v1::scheduler::Call& call) {
  auto name = v1::scheduler::Call::Type_Name(call.type());
  if (call.type() != v1::scheduler::Call::ACCEPT || !call.has_accept())
    return check_required(call, name);
  if (call.has_framework_id())
    if (auto bad = check_required(call.framework_id(), name + ": framework_id"))
      return bad;
  return check_accept(call.accept());
}

} // namespace agora
