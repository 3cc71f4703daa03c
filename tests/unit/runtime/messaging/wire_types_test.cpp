// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/result.hpp"
#include "runtime/messaging/session_frame.hpp"
#include "runtime/messaging/wire_types.hpp"

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace agora {
namespace {

struct plain_config : caf::actor_system_config {};

struct agora_config : caf::actor_system_config {
  agora_config() {
    register_wire_types(*this);
  }
};

std::set<std::string> names(const caf::actor_system_config& config) {
  std::set<std::string> all;
  for (auto& [name, factory] : config.value_factories_by_name)
    all.insert(name);
  return all;
}

/// Sends `value` through bytes, as a message between nodes is.
template <class T>
T through_bytes(caf::actor_system& system, const T& value) {
  std::vector<char> bytes;
  caf::binary_serializer writer{system, bytes};
  auto out = caf::make_message(value);
  EXPECT_FALSE(writer(out));
  caf::message in;
  caf::binary_deserializer reader{system, bytes};
  EXPECT_FALSE(reader(in));
  EXPECT_TRUE(in.match_elements<T>());
  return in.match_elements<T>() ? in.get_as<T>(0) : T{};
}

TEST(wire_types, are_exactly_these) {
  plain_config plain;
  agora_config ours;
  std::set<std::string> added;
  auto before = names(plain);
  auto after = names(ours);
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::inserter(added, added.end()));
  // CAF adds the vector and the stream of each type by itself.
  std::erase_if(added, [](const std::string& name) {
    return name.find('<') != std::string::npos;
  });
  EXPECT_EQ(added, (std::set<std::string>{
                     "agora.session.OpenSession", "agora.session.SessionOpened",
                     "agora.session_endpoint", "agora.session_frame"}));
}

TEST(wire_types, a_frame_arrives_as_it_was_sent) {
  agora_config config;
  caf::actor_system system{config};
  session_frame frame;
  frame.session_id = UINT64_MAX;
  frame.sequence = 2;
  frame.acknowledged = 3;
  frame.generation = 4;
  frame.term = 5;
  frame.ping = true;
  frame.body = std::string("\0\xff body", 7);
  auto got = through_bytes(system, frame);
  EXPECT_EQ(got.session_id, UINT64_MAX);
  EXPECT_EQ(got.sequence, 2u);
  EXPECT_EQ(got.acknowledged, 3u);
  EXPECT_EQ(got.generation, 4u);
  EXPECT_EQ(got.term, 5u);
  EXPECT_TRUE(got.ping);
  EXPECT_EQ(got.body, frame.body);
}

TEST(wire_types, the_introduction_arrives_as_it_was_sent) {
  agora_config config;
  caf::actor_system system{config};
  session::OpenSession open;
  open.set_kind(session::TOOL);
  open.set_cluster_id("c1");
  open.mutable_epoch()->set_term(9);
  EXPECT_EQ(through_bytes(system, open).SerializeAsString(),
            open.SerializeAsString());
  session::SessionOpened opened;
  opened.set_session_id(12);
  EXPECT_EQ(through_bytes(system, opened).session_id(), 12u);
}

TEST(wire_types, an_error_arrives_with_its_code_and_text) {
  agora_config config;
  caf::actor_system system{config};
  auto got = through_bytes(system, fail(errc::wrong_cluster, "it is c2"));
  EXPECT_EQ(code_of(got), errc::wrong_cluster);
  EXPECT_EQ(text_of(got), "it is c2");
  EXPECT_NE(system.render(got).find("wrong_cluster"), std::string::npos);
  EXPECT_NE(system.render(got).find("it is c2"), std::string::npos);
}

TEST(wire_types, an_error_code_of_a_newer_node_does_no_harm) {
  agora_config config;
  caf::actor_system system{config};
  auto got = through_bytes(system, fail(static_cast<errc>(250), "new"));
  EXPECT_EQ(describe(got), "invalid: new");
}

TEST(wire_types, cut_or_changed_bytes_make_no_message) {
  agora_config config;
  caf::actor_system system{config};
  session::OpenSession open;
  open.set_cluster_id("c1");
  std::vector<char> bytes;
  caf::binary_serializer writer{system, bytes};
  auto out = caf::make_message(open);
  ASSERT_FALSE(writer(out));
  for (size_t length = 0; length < bytes.size(); ++length) {
    caf::message in;
    caf::binary_deserializer reader{system, bytes.data(), length};
    auto bad = reader(in);
    EXPECT_TRUE(bad || in.empty()) << length << caf::to_string(in);
  }
  // The last byte but two is the length of the cluster id: one too many.
  bytes[bytes.size() - 3] = 99;
  caf::message in;
  caf::binary_deserializer reader{system, bytes};
  auto bad = reader(in);
  EXPECT_TRUE(bad || in.empty()) << caf::to_string(in);
}

} // namespace
} // namespace agora
