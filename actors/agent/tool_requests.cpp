// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/agent/agent_state.hpp"
#include "actors/agent/containerizer/sandbox_layout.hpp"
#include "actors/session/session_actor.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace agora {

namespace {

/// A part of a file comes from a thread that is also busy removing sandboxes.
constexpr std::chrono::seconds read_timeout{60};

struct task_files {
  std::filesystem::path sandbox;
  bool ended = false;
};

/// The newest attempt of a task that the agent has forgotten, by the layout of
/// its sandboxes.
std::optional<task_files> search(const agent_books& books,
                                 const task_key& key) {
  auto attempts
    = sandbox_path(books, key.framework, key.task.text(), container_id{"x"})
        .parent_path();
  std::optional<task_files> newest;
  std::filesystem::file_time_type newest_time;
  std::error_code ignored;
  for (auto& entry : std::filesystem::directory_iterator{attempts, ignored}) {
    auto time = entry.last_write_time(ignored);
    if (newest && time <= newest_time)
      continue;
    newest = task_files{entry.path(), true};
    newest_time = time;
  }
  return newest;
}

result<task_files> files_of(const agent_state& state, const task_key& key) {
  if (auto task = state.books->tasks.find(key)) {
    if (task->sandbox.empty())
      return fail(errc::not_found,
                  "task '" + key.task.text()
                    + "' never had a sandbox: " + task->latest.message());
    return task_files{task->sandbox, task->ended()};
  }
  if (auto sandbox = state.ended.find(key))
    return task_files{*sandbox, true};
  if (auto found = search(*state.books, key))
    return std::move(*found);
  return fail(errc::not_found,
              "this agent knows no task '" + key.task.text()
                + "' of framework '" + key.framework.text()
                + "': it runs elsewhere, or its sandbox was removed");
}

void respond(agent_ptr self, session_number number,
             session::ToolResponse response) {
  auto peer = self->state.peers.find(number);
  if (peer == self->state.peers.end())
    return;
  session::ToolResponses body;
  *body.add_responses() = std::move(response);
  send_body(self, peer->second, body);
}

void respond_error(agent_ptr self, session_number number, uint64_t id,
                   const status& reason) {
  session::ToolResponse response;
  response.set_id(id);
  auto code = code_of(reason);
  // What is not ours comes from CAF: the reader did not answer in time.
  response.mutable_error()->set_code(
    to_string(code == errc::none ? errc::timeout : code));
  response.mutable_error()->set_text(text_of(reason));
  respond(self, number, std::move(response));
}

void read_file(agent_ptr self, session_number number, uint64_t id,
               const session::ReadFile& request) {
  auto& state = self->state;
  auto files = files_of(state, {id_of<framework_id>(request.framework_id()),
                                id_of<task_id>(request.task_id())});
  if (!files) {
    respond_error(self, number, id, files.error());
    return;
  }
  auto limit = state.books->options.limits.file_chunk_bytes;
  auto length = request.has_length()
                  ? std::min(limit, static_cast<size_t>(request.length()))
                  : limit;
  sandbox_read what{files->sandbox, request.path(), request.offset(), length};
  // Asked before the file is read: an ended task's file is complete then.
  auto ended = files->ended;
  self->request(state.containers, read_timeout, std::move(what))
    .then(
      [self, number, id, ended](session::FileChunk& chunk) {
        session::ToolResponse response;
        response.set_id(id);
        chunk.set_ended(ended);
        *response.mutable_file_chunk() = std::move(chunk);
        respond(self, number, std::move(response));
      },
      [self, number, id](const caf::error& reason) {
        respond_error(self, number, id, reason);
      });
}

} // namespace

void answer_tool(agent_ptr self, session_number number,
                 session::ToolRequests& requests) {
  for (auto& request : requests.requests())
    if (request.has_read_file())
      read_file(self, number, request.id(), request.read_file());
    else
      respond_error(self, number, request.id(),
                    fail(errc::invalid_argument,
                         "this is an agent: only files can be asked for; ask "
                         "the master for everything else"));
}

} // namespace agora
