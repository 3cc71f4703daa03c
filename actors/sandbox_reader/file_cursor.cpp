// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/sandbox_reader/file_cursor.hpp"

#include <algorithm>
#include <utility>

namespace agora {

file_cursor::file_cursor(file_request request)
  : request_(std::move(request)),
    offset_(request_.offset),
    poll_(request_.poll_first) {
  // nop
}

session::ToolRequest file_cursor::next_request() const {
  session::ToolRequest request;
  auto& read = *request.mutable_read_file();
  *read.mutable_framework_id() = request_.framework;
  *read.mutable_task_id() = request_.task;
  read.set_path(request_.path);
  read.set_offset(offset_);
  read.set_length(request_.chunk_bytes);
  return request;
}

file_step file_cursor::pause() {
  file_step step;
  step.pause = poll_;
  poll_ = std::min(poll_ * 2, request_.poll_last);
  return step;
}

file_step file_cursor::received(const session::FileChunk& chunk) {
  failures_ = 0;
  // A file that was cut short is read from its begin, as tail does.
  if (chunk.data().empty() && chunk.size() < offset_) {
    offset_ = 0;
    return {};
  }
  offset_ = chunk.offset() + static_cast<int64_t>(chunk.data().size());
  if (!chunk.data().empty()) {
    poll_ = request_.poll_first;
    if (offset_ < chunk.size())
      return {};
  }
  if (!request_.follow || chunk.ended())
    return {file_step::finished, {}, {}};
  return pause();
}

file_step file_cursor::failed(status reason) {
  auto code = code_of(reason);
  auto passes = code == errc::unreachable || code == errc::session_lost
                || code == errc::timeout
                || (request_.follow && code == errc::not_found);
  if (!passes || ++failures_ > request_.failures_limit)
    return {file_step::failed, {}, std::move(reason)};
  return pause();
}

} // namespace agora
