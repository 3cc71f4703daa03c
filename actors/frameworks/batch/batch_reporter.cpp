// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "actors/frameworks/batch/batch_reporter.hpp"

#include "runtime/base/check.hpp"
#include "runtime/base/utf8.hpp"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace agora {

namespace {

using namespace std::chrono_literals;
using google::protobuf::Struct;
using google::protobuf::Value;

constexpr size_t bar_columns = 24;

size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return 80;
  return size.ws_col;
}

/// Commands and messages come from outside: JSON holds UTF-8 only.
Value text(std::string value) {
  if (!is_utf8(value))
    for (auto& c : value)
      if (static_cast<unsigned char>(c) >= 0x80)
        c = '?';
  Value result;
  result.set_string_value(std::move(value));
  return result;
}

Value number(double value) {
  Value result;
  result.set_number_value(value);
  return result;
}

Value job_object(const job_table::entry& entry) {
  Value value;
  auto& fields = *value.mutable_struct_value()->mutable_fields();
  fields["name"] = text(entry.what.name);
  fields["command"] = text(entry.what.command);
  auto ended = entry.state == job_table::phase::done;
  fields["result"] = text(ended ? "finished" : "failed");
  fields["attempts"] = number(entry.attempts);
  fields["state"] = text(
    entry.last.has_state() ? v1::TaskState_Name(entry.last.state()) : "");
  fields["message"] = text(entry.last.message());
  fields["task_id"] = text(entry.task.text());
  fields["agent_id"] = text(entry.agent.value());
  auto took = std::chrono::duration<double>{entry.ended_at - entry.launched_at};
  fields["seconds"] = number(entry.task.empty() ? 0 : took.count());
  return value;
}

} // namespace

std::string duration_text(std::chrono::milliseconds time) {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (time < 1min) {
    auto tenths = time.count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10)
           + " s";
  }
  if (time < 1h)
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60)
           + " s";
  return std::to_string(seconds / 3600) + " h "
         + std::to_string(seconds % 3600 / 60) + " min";
}

std::string progress_line(const job_table::counts& counts,
                          std::chrono::milliseconds elapsed, size_t columns) {
  auto ended = counts.done + counts.failed;
  auto filled = counts.total == 0 ? 0 : bar_columns * ended / counts.total;
  std::string line = "[" + std::string(filled, '=');
  if (filled < bar_columns)
    line += ">" + std::string(bar_columns - filled - 1, ' ');
  line += "] " + std::to_string(counts.done) + "/"
          + std::to_string(counts.total) + " done  "
          + std::to_string(counts.running) + " running";
  if (counts.failed > 0)
    line += "  " + std::to_string(counts.failed) + " failed";
  if (ended > 0 && ended < counts.total) {
    auto left = elapsed / ended * (counts.total - ended);
    line += "  about " + duration_text(left) + " left";
  }
  return line.substr(0, columns);
}

std::string summary_json(const job_table& table, const std::string& framework) {
  Struct summary;
  auto& fields = *summary.mutable_fields();
  fields["framework_id"] = text(framework);
  fields["total"] = number(static_cast<double>(table.totals().total));
  fields["finished"] = number(static_cast<double>(table.totals().done));
  fields["failed"] = number(static_cast<double>(table.totals().failed));
  auto& jobs = *fields["jobs"].mutable_list_value();
  for (size_t i = 0; i < table.size(); ++i)
    *jobs.add_values() = job_object(table.at(i));
  std::string json;
  auto written = google::protobuf::util::MessageToJsonString(summary, &json);
  AGORA_CHECK(written.ok());
  return json;
}

batch_reporter::batch_reporter(bool quiet)
  : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {
  // nop
}

batch_reporter::~batch_reporter() {
  clear_bar();
}

void batch_reporter::clear_bar() {
  if (bar_shown_)
    std::fputs("\r\x1b[K", stderr);
  bar_shown_ = false;
}

void batch_reporter::line(const std::string& text, bool always) {
  if (quiet_ && !always)
    return;
  clear_bar();
  std::fprintf(stderr, "%s\n", text.c_str());
}

void batch_reporter::output(const std::string& out, const std::string& err) {
  if (out.empty() && err.empty())
    return;
  clear_bar();
  std::fwrite(err.data(), 1, err.size(), stderr);
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
}

void batch_reporter::progress(const job_table::counts& counts,
                              std::chrono::milliseconds elapsed) {
  if (quiet_ || !terminal_)
    return;
  auto columns = terminal_columns();
  std::fprintf(stderr, "\r%s\x1b[K",
               progress_line(counts, elapsed, columns - 1).c_str());
  std::fflush(stderr);
  bar_shown_ = true;
}

} // namespace agora
