// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "agora/options.pb.h"
#include "agora/v1/executor/executor.pb.h"
#include "agora/v1/masters.pb.h"
#include "agora/v1/resource_providers.pb.h"
#include "agora/v1/scheduler/scheduler.pb.h"
#include "agora/v1/statistics.pb.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace agora {
namespace {

namespace pb = google::protobuf;

const std::string package = "agora.v1.";

/// The name as the contract has it: without the package.
template <class Descriptor>
std::string short_name(const Descriptor& what) {
  return what.full_name().substr(package.size());
}

std::string type_of(const pb::FieldDescriptor& field) {
  if (field.is_map())
    return "map<string," + type_of(*field.message_type()->map_value()) + ">";
  if (field.message_type())
    return short_name(*field.message_type());
  if (field.enum_type())
    return short_name(*field.enum_type());
  return field.type_name();
}

std::string default_of(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return field.default_value_bool() ? "true" : "false";
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return std::to_string(field.default_value_double());
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return field.default_value_string();
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return field.default_value_enum()->name();
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(field.default_value_int32());
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(field.default_value_uint32());
    default:
      return "a default of a kind that the contract does not have";
  }
}

std::string label_of(const pb::FieldDescriptor& field) {
  if (field.is_repeated())
    return "repeated";
  return field.options().GetExtension(agora::required) ? "required"
                                                       : "optional";
}

/// The line that our schema has for the one that begins with `what`, the name
/// `scope` and the name `member`, or why there is none.
std::string our_line(const std::string& what, const std::string& scope,
                     const std::string& member) {
  auto pool = pb::DescriptorPool::generated_pool();
  auto full_name = package + scope;
  if (what == "value") {
    auto type = pool->FindEnumTypeByName(full_name);
    auto value = type ? type->FindValueByName(member) : nullptr;
    return value ? what + " " + scope + " " + member + " "
                     + std::to_string(value->number())
                 : "no such value";
  }
  auto message = pool->FindMessageTypeByName(full_name);
  if (message == nullptr)
    return "no such message";
  if (what == "message")
    return what + " " + scope;
  auto field = message->FindFieldByName(member);
  if (field == nullptr)
    return "no such field";
  auto line = what + " " + scope + " " + member + " "
              + std::to_string(field->number()) + " " + label_of(*field) + " "
              + type_of(*field);
  return field->has_default_value() ? line + " default=" + default_of(*field)
                                    : line;
}

/// Links the files which nothing else here refers to.
void link_all_files() {
  v1::MasterInfo::descriptor();
  v1::ResourceProviderInfo::descriptor();
  v1::ResourceUsage::descriptor();
  v1::executor::Call::descriptor();
  v1::scheduler::Call::descriptor();
}

TEST(Contract, EveryNameNumberTypeAndDefaultIsAsClientsKnowIt) {
  link_all_files();
  std::ifstream file{CONTRACT_FILE};
  ASSERT_TRUE(file) << CONTRACT_FILE;
  size_t lines = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#'))
      continue;
    ++lines;
    std::istringstream words{line};
    std::string what;
    std::string scope;
    std::string member;
    words >> what >> scope >> member;
    EXPECT_EQ(our_line(what, scope, member), line);
  }
  EXPECT_GT(lines, 1100u) << "the contract was cut";
}

// JSON is written in the order of declaration, and people compare it.
TEST(Contract, FieldsAreDeclaredInTheSameOrder) {
  link_all_files();
  std::ifstream file{CONTRACT_FILE};
  std::string last_scope;
  int last_index = -1;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string what;
    std::string scope;
    std::string member;
    words >> what >> scope >> member;
    if (what != "field")
      continue;
    auto field = pb::DescriptorPool::generated_pool()->FindFieldByName(
      package + scope + "." + member);
    ASSERT_NE(field, nullptr) << line;
    if (scope == last_scope) {
      EXPECT_GT(field->index(), last_index) << line;
    }
    last_scope = scope;
    last_index = field->index();
  }
}

// The parser drops a whole message for a `required` field, and does not say
// why; the mark (agora.required) lets the receiver name the field.
TEST(Contract, NoFieldIsRequiredByTheParser) {
  link_all_files();
  std::ifstream file{CONTRACT_FILE};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string what;
    std::string scope;
    std::string member;
    words >> what >> scope >> member;
    if (what != "field")
      continue;
    auto field = pb::DescriptorPool::generated_pool()->FindFieldByName(
      package + scope + "." + member);
    ASSERT_NE(field, nullptr) << line;
    EXPECT_FALSE(field->is_required()) << line;
  }
}

} // namespace
} // namespace agora
