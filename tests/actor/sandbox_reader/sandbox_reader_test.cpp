// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/sandbox_reader_actor.hpp"
#include "tests/support/deterministic_actors.hpp"

#include <caf/all.hpp>
#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace agora {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

/// Every session leads to the test: it answers as master and as agents.
class SandboxReader : public test::deterministic_actors {
protected:
  SandboxReader() {
    auto open = [this](const caf::strong_actor_ptr&,
                       std::vector<node_address> addresses) {
      opened_.push_back(to_string(addresses.front()));
      return spawn(node, this, to_string(addresses.front()));
    };
    reader_ = spawn(sandbox_reader, caf::strong_actor_ptr{},
                    std::vector<node_address>{{"master", 1}},
                    open_tool_session{open}, sandbox_reader_limits{2, 3});
  }

  static tool_session_actor::behavior_type
  node(tool_session_actor::pointer, SandboxReader* test, std::string address) {
    return {
      [](const session_up&, const session_actor&) {},
      [](const session_down&) {},
      [](session_number, const session::ToolResponses&) {},
      [](const dial_failed&) {},
      [=](const session::ToolRequest& request)
        -> caf::result<session::ToolResponse> {
        return test->answer(address, request);
      },
      [](caf::get_atom) {
        return std::string{};
      },
      [](caf::tick_atom) {},
    };
  }

  result<session::ToolResponse> answer(const std::string& address,
                                       const session::ToolRequest& request) {
    session::ToolResponse response;
    if (request.has_get_agents()) {
      for (auto& [id, port] : agents_) {
        auto& info = *response.mutable_agents()->add_agents()->mutable_info();
        info.mutable_id()->set_value(id);
        info.set_hostname("agent");
        info.set_port(port);
      }
      return response;
    }
    auto& read = request.read_file();
    auto found = files_.find(address + "/" + read.path());
    if (found == files_.end())
      return fail(errc::not_found, "no " + read.path() + " at " + address);
    auto offset = static_cast<size_t>(read.offset());
    auto& chunk = *response.mutable_file_chunk();
    chunk.set_offset(read.offset());
    chunk.set_data(found->second.substr(offset, 2));
    chunk.set_size(static_cast<int64_t>(found->second.size()));
    chunk.set_ended(ended_);
    return response;
  }

  /// Asks for a file; its text and end are kept under `name`.
  void read(const std::string& name, const std::string& agent,
            const std::string& path, bool follow = false) {
    read_sandbox what;
    what.agent.set_value(agent);
    what.file.path = path;
    what.file.follow = follow;
    what.sink = [this, name](std::string_view data) {
      texts_[name] += data;
      return status{};
    };
    auto shared = std::make_shared<read_sandbox>(std::move(what));
    spawn([this, name, shared](caf::event_based_actor* self) -> caf::behavior {
      self->request(reader_, 60min, std::move(*shared))
        .then(
          [this, name] {
            ends_[name] = "read";
          },
          [this, name](const caf::error& reason) {
            ends_[name] = to_string(code_of(reason));
          });
      return {[](int) {}};
    });
    settle();
  }

  void TearDown() override {
    reader_ = nullptr;
    deterministic_actors::TearDown();
  }

  std::map<std::string, int> agents_{{"a1", 11}, {"a2", 12}};
  std::map<std::string, std::string> files_;
  bool ended_ = true;
  std::vector<std::string> opened_;
  std::map<std::string, std::string> texts_;
  std::map<std::string, std::string> ends_;
  sandbox_reader_actor reader_;
};

TEST_F(SandboxReader, ReadsFilesWhereTheirAgentsAre) {
  files_ = {{"agent:11/stdout", "hello"}, {"agent:12/stdout", "world"}};
  read("one", "a1", "stdout");
  read("two", "a2", "stdout");
  read("three", "a1", "stdout");
  EXPECT_EQ(texts_["one"], "hello");
  EXPECT_EQ(texts_["two"], "world");
  EXPECT_EQ(texts_["three"], "hello");
  EXPECT_EQ(ends_["three"], "read");
  EXPECT_THAT(opened_, ElementsAre("master:1", "agent:11", "agent:12"))
    << "sessions are kept";
}

TEST_F(SandboxReader, UnknownAgentsAndFilesAreNotFound) {
  read("agent", "a9", "stdout");
  read("file", "a1", "nothing");
  EXPECT_EQ(ends_["agent"], "not_found");
  EXPECT_EQ(ends_["file"], "not_found");
}

TEST_F(SandboxReader, FollowsAFileUntilItsTaskHasEnded) {
  files_ = {{"agent:11/stdout", "he"}};
  ended_ = false;
  read("one", "a1", "stdout", true);
  advance(10s);
  EXPECT_EQ(texts_["one"], "he");
  files_["agent:11/stdout"] = "hello";
  advance(1s);
  EXPECT_EQ(texts_["one"], "hello");
  EXPECT_EQ(ends_["one"], "");
  ended_ = true;
  advance(1s);
  EXPECT_EQ(ends_["one"], "read");
}

TEST_F(SandboxReader, WhatWaitsIsBounded) {
  files_ = {{"agent:11/stdout", "x"}};
  ended_ = false;
  for (auto name : {"1", "2", "3", "4", "5", "6"})
    read(name, "a1", "stdout", true);
  EXPECT_EQ(ends_["5"], "") << "two are read, three wait";
  EXPECT_EQ(ends_["6"], "limit_reached");
  ended_ = true;
  advance(10s);
  EXPECT_EQ(ends_["5"], "read");
}

TEST_F(SandboxReader, NothingIsReadWhenTheReaderHasEnded) {
  files_ = {{"agent:11/stdout", "he"}};
  ended_ = false;
  read("one", "a1", "stdout", true);
  EXPECT_EQ(texts_["one"], "he");
  caf::anon_send_exit(reader_, caf::exit_reason::user_shutdown);
  settle();
  files_["agent:11/stdout"] = "hello";
  advance(10s);
  EXPECT_EQ(texts_["one"], "he");
}

} // namespace
} // namespace agora
