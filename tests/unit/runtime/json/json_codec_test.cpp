// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/json/base64.hpp"
#include "runtime/json/json_codec.hpp"

#include "agora/session/tool.pb.h"
#include "agora/v1/tasks.pb.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <limits>

namespace agora {
namespace {

using google::protobuf::util::MessageDifferencer;

v1::TaskInfo sample_task() {
  v1::TaskInfo task;
  task.set_name("count");
  task.mutable_task_id()->set_value("t-1");
  task.set_data(std::string{"\0\xff\x10", 3});
  auto* cpus = task.add_resources();
  cpus->set_name("cpus");
  cpus->set_type(v1::Value::SCALAR);
  cpus->mutable_scalar()->set_value(0.5);
  auto* ports = task.add_resources();
  ports->set_name("ports");
  ports->set_type(v1::Value::RANGES);
  auto* range = ports->mutable_ranges()->add_range();
  range->set_begin(31000);
  range->set_end(std::numeric_limits<uint64_t>::max());
  task.mutable_command()->set_shell(false);
  task.mutable_command()->add_arguments("a \"quoted\"\n\xC3\xA9");
  (*task.mutable_limits())["mem"].set_value(64);
  return task;
}

TEST(json_codec, writes_the_names_of_the_schema) {
  EXPECT_EQ(to_json(sample_task()),
            R"({"name":"count","task_id":{"value":"t-1"},)"
            R"("resources":[{"name":"cpus","type":"SCALAR",)"
            R"("scalar":{"value":0.5}},{"name":"ports","type":"RANGES",)"
            R"("ranges":{"range":[{"begin":31000,)"
            R"("end":18446744073709551615}]}}],"data":"AP8Q",)"
            R"("command":{"shell":false,"arguments":)"
            "[\"a \\\"quoted\\\"\\n\xC3\xA9\"]},"
            R"("limits":{"mem":{"value":64.0}}})");
}

TEST(json_codec, reads_what_it_wrote) {
  auto task = sample_task();
  for (auto layout : {json_layout::compact, json_layout::indented}) {
    v1::TaskInfo copy;
    auto err = from_json(to_json(task, layout), copy);
    EXPECT_FALSE(err) << text_of(err);
    EXPECT_TRUE(MessageDifferencer::Equals(task, copy));
  }
}

TEST(json_codec, writes_valid_json_whatever_is_in_a_message) {
  v1::TaskInfo task;
  task.set_name("bad \xff utf-8");
  task.add_resources()->mutable_scalar()->set_value(
    std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(to_json(task), "{\"name\":\"bad \xEF\xBF\xBD utf-8\","
                           "\"resources\":[{\"scalar\":{\"value\":null}}]}");
}

TEST(json_codec, an_answer_has_its_lists_also_when_they_are_empty) {
  session::TaskList answer;
  EXPECT_EQ(to_json_answer(answer), "{\n    \"tasks\": []\n}");
  auto* state = answer.add_tasks();
  state->mutable_task_id()->set_value("t");
  EXPECT_EQ(to_json_answer(answer), to_json(answer, json_layout::indented));
}

TEST(json_codec, takes_numbers_as_clients_send_them) {
  session::ClusterStatus status;
  auto err = from_json(R"({"agents_attached": 3.0, "leading_since_ns": "-5",
                           "tasks_active": null, "not_known": [1, {}]})",
                       status);
  EXPECT_FALSE(err) << text_of(err);
  EXPECT_EQ(status.agents_attached(), 3u);
  EXPECT_EQ(status.leading_since_ns(), -5);
  EXPECT_FALSE(status.has_tasks_active());
}

TEST(json_codec, names_the_place_of_each_mistake) {
  const std::vector<std::pair<std::string, std::string>> mistakes = {
    {"[]", "the message: expected an object"},
    {R"({"name": 5})", "name: expected a string"},
    {R"({"task_id": "x"})", "task_id: expected an object"},
    {R"({"resources": {}})", "resources: expected an array"},
    {R"({"resources": [{}, {"type": "SCALER"}]})",
     "resources[1].type: no such enumerator: SCALER"},
    {R"({"resources": [{"type": 0}]})",
     "resources[0].type: expected the name of an enumerator"},
    {R"({"resources": [{"scalar": {"value": "x"}}]})",
     "resources[0].scalar.value: expected a number"},
    {R"({"data": "%"})", "data: expected base64"},
    {R"({"command": {"shell": 1}})", "command.shell: expected true or false"},
    {R"({"limits": {"mem": 3}})", "limits.mem: expected an object"},
    {R"({"max_completion_time": {"nanoseconds": 1.5}})",
     "max_completion_time.nanoseconds: expected a whole number from "
     "-9223372036854775808 to 9223372036854775807"},
    {R"({"max_completion_time": {"nanoseconds": 9223372036854775808}})",
     "max_completion_time.nanoseconds: expected a whole number from "
     "-9223372036854775808 to 9223372036854775807"},
    {R"({"name": )", "no JSON at byte 9: Invalid value."},
  };
  for (const auto& [text, complaint] : mistakes) {
    v1::TaskInfo task;
    auto err = from_json(text, task);
    EXPECT_EQ(code_of(err), errc::malformed_message) << text;
    EXPECT_EQ(text_of(err), complaint);
  }
}

TEST(json_codec, survives_hostile_depth) {
  v1::TaskInfo task;
  std::string deep(1'000'000, '[');
  EXPECT_EQ(code_of(from_json(deep, task)), errc::malformed_message);
  // Well-formed, and skipped because its name is not known.
  std::string unknown
    = "{\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_FALSE(from_json(unknown, task));
}

TEST(json_codec, refuses_what_is_too_large_or_too_deep) {
  v1::TaskInfo task;
  EXPECT_EQ(code_of(from_json("{\"name\": \"abc\"}", task, {.bytes = 10})),
            errc::too_large);
  EXPECT_EQ(text_of(from_json("{\"task_id\": {}}", task, {.depth = 1})),
            "task_id: nested deeper than 1 levels");
}

TEST(base64, follows_the_rfc) {
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(from_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(from_base64("_-8="), "\xff\xef");
  EXPECT_EQ(from_base64("/+8="), "\xff\xef");
  EXPECT_EQ(from_base64("%"), std::nullopt);
}

} // namespace
} // namespace agora
