// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/validation/required_fields.hpp"

#include "runtime/base/check.hpp"

#include "agora/options.pb.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace agora {

namespace {

namespace pb = google::protobuf;

/// How much of a map's key stands in a path: keys come from peers.
constexpr size_t shown_key_bytes_limit = 64;

struct message_demands;

/// What one field demands. Fields that demand nothing have no entry.
struct field_demands {
  const pb::FieldDescriptor* field;
  bool required;
  /// What the field's own messages demand; null if that is nothing.
  const message_demands* below;
};

struct message_demands {
  std::vector<field_demands> fields;
};

/// The demands of every message type asked about so far, and of all types that
/// can be reached from them. Grows with the schema only, never with traffic.
class demands_table {
public:
  /// Returns null if no field below `type` is required.
  const message_demands* of(const pb::Descriptor* type) {
    {
      std::shared_lock lock{mutex_};
      auto known = table_.find(type);
      if (known != table_.end())
        return known->second.get();
    }
    std::unique_lock lock{mutex_};
    if (!table_.contains(type))
      learn(type);
    return table_.at(type).get();
  }

private:
  using type_list = std::vector<const pb::Descriptor*>;

  /// Lists what can be reached from `type` and is not in the table yet. If a
  /// type is in the table, so is all that it reaches.
  type_list unknown_from(const pb::Descriptor* type) const {
    type_list found{type};
    for (size_t next = 0; next < found.size(); ++next) {
      for (int i = 0; i < found[next]->field_count(); ++i) {
        auto child = found[next]->field(i)->message_type();
        if (child != nullptr && !table_.contains(child)
            && std::find(found.begin(), found.end(), child) == found.end())
          found.push_back(child);
      }
    }
    return found;
  }

  static bool is_required(const pb::FieldDescriptor* field) {
    return !field->is_repeated()
           && field->options().GetExtension(agora::required);
  }

  /// Whether `type` demands something, as far as the table knows by now.
  bool demanding(const pb::Descriptor* type) const {
    auto known = table_.find(type);
    return known != table_.end() && known->second != nullptr;
  }

  void learn(const pb::Descriptor* type) {
    AGORA_CHECK(type->file()->pool() == pb::DescriptorPool::generated_pool());
    auto types = unknown_from(type);
    // Types may contain each other in cycles, so demands spread until none is
    // new: each round settles at least one more type.
    for (bool changed = true; changed;) {
      changed = false;
      for (auto candidate : types) {
        if (!demanding(candidate) && has_demand(candidate)) {
          table_[candidate] = std::make_unique<message_demands>();
          changed = true;
        }
      }
    }
    for (auto settled : types) {
      auto& entry = table_[settled];
      if (entry != nullptr)
        fill(*entry, settled);
    }
  }

  bool has_demand(const pb::Descriptor* type) const {
    for (int i = 0; i < type->field_count(); ++i) {
      auto field = type->field(i);
      if (is_required(field)
          || (field->message_type() && demanding(field->message_type())))
        return true;
    }
    return false;
  }

  void fill(message_demands& demands, const pb::Descriptor* type) const {
    for (int i = 0; i < type->field_count(); ++i) {
      auto field = type->field(i);
      const message_demands* below = nullptr;
      if (field->message_type() && demanding(field->message_type()))
        below = table_.at(field->message_type()).get();
      auto required = is_required(field);
      if (required || below != nullptr)
        demands.fields.push_back({field, required, below});
    }
  }

  std::shared_mutex mutex_;
  std::unordered_map<const pb::Descriptor*, std::unique_ptr<message_demands>>
    table_;
};

/// Never destroyed: threads may still ask while the process ends.
demands_table& table() {
  static auto& instance = *new demands_table;
  return instance;
}

std::string key_text(const pb::Message& entry) {
  auto field = entry.GetDescriptor()->map_key();
  auto reflection = entry.GetReflection();
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(entry, field);
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection->GetInt32(entry, field));
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection->GetInt64(entry, field));
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection->GetUInt32(entry, field));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(reflection->GetUInt64(entry, field));
    default:
      return reflection->GetBool(entry, field) ? "true" : "false";
  }
}

/// A key as it stands in a path: short, and on one line whatever it holds.
std::string shown_key(std::string key) {
  auto cut = key.size() > shown_key_bytes_limit;
  key.resize(std::min(key.size(), shown_key_bytes_limit));
  for (auto& c : key)
    if (c < ' ' || c == '"' || c == '\x7f')
      c = '?';
  return cut ? key + "..." : key;
}

/// Walks one message. The path is put together on the way back only, so a
/// message that lacks nothing allocates nothing (maps aside).
class walker {
public:
  /// Returns whether something is missing; its path is then in `path`.
  bool finds(const pb::Message& msg, const message_demands& demands,
             int depth) {
    auto reflection = msg.GetReflection();
    for (const auto& [field, required, below] : demands.fields) {
      if (field->is_repeated()) {
        if (field->is_map() ? finds_in_map(msg, field, *below, depth)
                            : finds_in_list(msg, field, *below, depth))
          return true;
        continue;
      }
      if (!reflection->HasField(msg, field)) {
        if (!required)
          continue;
        path = field->name();
        return true;
      }
      if (below != nullptr
          && finds_below(reflection->GetMessage(msg, field), *below, depth)) {
        prepend(field->name());
        return true;
      }
    }
    return false;
  }

  std::string path;
  bool too_deep = false;

private:
  bool finds_in_list(const pb::Message& msg, const pb::FieldDescriptor* field,
                     const message_demands& below, int depth) {
    auto reflection = msg.GetReflection();
    auto size = reflection->FieldSize(msg, field);
    for (int i = 0; i < size; ++i) {
      if (finds_below(reflection->GetRepeatedMessage(msg, field, i), below,
                      depth)) {
        prepend(field->name() + "[" + std::to_string(i) + "]");
        return true;
      }
    }
    return false;
  }

  bool finds_in_map(const pb::Message& msg, const pb::FieldDescriptor* field,
                    const message_demands& below, int depth) {
    auto reflection = msg.GetReflection();
    std::vector<std::pair<std::string, const pb::Message*>> entries;
    auto size = reflection->FieldSize(msg, field);
    for (int i = 0; i < size; ++i) {
      auto& entry = reflection->GetRepeatedMessage(msg, field, i);
      entries.emplace_back(key_text(entry), &entry);
    }
    std::sort(entries.begin(), entries.end());
    auto value_field = field->message_type()->map_value();
    for (auto& [key, entry] : entries) {
      // `below` speaks of the entry, whose only demand can be its value's.
      auto& value = entry->GetReflection()->GetMessage(*entry, value_field);
      if (finds_below(value, *below.fields.front().below, depth)) {
        prepend(field->name() + "[\"" + shown_key(key) + "\"]");
        return true;
      }
    }
    return false;
  }

  bool finds_below(const pb::Message& child, const message_demands& below,
                   int depth) {
    if (depth < message_depth_limit)
      return finds(child, below, depth + 1);
    too_deep = true;
    return true;
  }

  void prepend(std::string step) {
    if (!path.empty())
      step += '.';
    path.insert(0, step);
  }
};

} // namespace

std::optional<std::string> first_missing_field(const pb::Message& msg) {
  auto demands = table().of(msg.GetDescriptor());
  walker walk;
  if (demands == nullptr || !walk.finds(msg, *demands, 1))
    return std::nullopt;
  return std::move(walk.path);
}

status check_required(const pb::Message& msg, std::string_view what) {
  auto demands = table().of(msg.GetDescriptor());
  walker walk;
  if (demands == nullptr || !walk.finds(msg, *demands, 1))
    return {};
  auto text = std::string{what} + ": " + walk.path;
  if (walk.too_deep)
    return fail(errc::too_large, text + " is nested deeper than "
                                   + std::to_string(message_depth_limit)
                                   + " messages");
  return fail(errc::invalid_argument, text + " is missing");
}

} // namespace agora
