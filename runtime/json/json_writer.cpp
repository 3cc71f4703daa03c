// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/json/base64.hpp"
#include "runtime/json/json_codec.hpp"
#include "runtime/base/utf8.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <vector>

namespace agora {

namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

template <class Writer>
class message_writer {
public:
  explicit message_writer(Writer& out) : out_(out) {
    // nop
  }

  void write(const pb::Message& message) {
    out_.StartObject();
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const auto* field : fields)
      if (!field->is_extension())
        write_field(message, field);
    out_.EndObject();
  }

  /// As write(), and lists of `message` itself are there if empty, too.
  void write_with_lists(const pb::Message& message) {
    out_.StartObject();
    const auto* reflection = message.GetReflection();
    const auto* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field->is_repeated() || reflection->HasField(message, field))
        write_field(message, field);
    }
    out_.EndObject();
  }

private:
  void write_field(const pb::Message& message, const FieldDescriptor* field) {
    key(field->name());
    if (field->is_map())
      write_map(message, field);
    else if (field->is_repeated())
      write_list(message, field);
    else
      write_single(message, field);
  }

  void key(const std::string& name) {
    out_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  void text(const std::string& raw) {
    auto value = valid_utf8(raw);
    out_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  void bytes(const std::string& raw) {
    auto value = to_base64(raw);
    out_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  void number(double value) {
    if (std::isfinite(value))
      out_.Double(value);
    else
      out_.Null();
  }

  void write_map(const pb::Message& message, const FieldDescriptor* field) {
    const auto* reflection = message.GetReflection();
    const auto* key_field = field->message_type()->map_key();
    const auto* value_field = field->message_type()->map_value();
    out_.StartObject();
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      const auto& entry = reflection->GetRepeatedMessage(message, field, i);
      key(key_text(entry, key_field));
      write_single(entry, value_field);
    }
    out_.EndObject();
  }

  static std::string key_text(const pb::Message& entry,
                              const FieldDescriptor* field) {
    const auto* reflection = entry.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return valid_utf8(reflection->GetString(entry, field));
      case FieldDescriptor::CPPTYPE_INT32:
        return std::to_string(reflection->GetInt32(entry, field));
      case FieldDescriptor::CPPTYPE_INT64:
        return std::to_string(reflection->GetInt64(entry, field));
      case FieldDescriptor::CPPTYPE_UINT32:
        return std::to_string(reflection->GetUInt32(entry, field));
      case FieldDescriptor::CPPTYPE_UINT64:
        return std::to_string(reflection->GetUInt64(entry, field));
      default:
        return reflection->GetBool(entry, field) ? "true" : "false";
    }
  }

  void write_list(const pb::Message& message, const FieldDescriptor* field) {
    const auto* reflection = message.GetReflection();
    out_.StartArray();
    for (int i = 0; i < reflection->FieldSize(message, field); ++i)
      write_element(message, field, i);
    out_.EndArray();
  }

  void write_element(const pb::Message& m, const FieldDescriptor* f, int i) {
    const auto* r = m.GetReflection();
    std::string scratch;
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        out_.Int(r->GetRepeatedInt32(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        out_.Int64(r->GetRepeatedInt64(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        out_.Uint(r->GetRepeatedUInt32(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        out_.Uint64(r->GetRepeatedUInt64(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        number(r->GetRepeatedDouble(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        number(r->GetRepeatedFloat(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        out_.Bool(r->GetRepeatedBool(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        text(r->GetRepeatedEnum(m, f, i)->name());
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        write(r->GetRepeatedMessage(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        string_or_bytes(f, r->GetRepeatedStringReference(m, f, i, &scratch));
        break;
    }
  }

  void write_single(const pb::Message& m, const FieldDescriptor* f) {
    const auto* r = m.GetReflection();
    std::string scratch;
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        out_.Int(r->GetInt32(m, f));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        out_.Int64(r->GetInt64(m, f));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        out_.Uint(r->GetUInt32(m, f));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        out_.Uint64(r->GetUInt64(m, f));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        number(r->GetDouble(m, f));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        number(r->GetFloat(m, f));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        out_.Bool(r->GetBool(m, f));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        text(r->GetEnum(m, f)->name());
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        write(r->GetMessage(m, f));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        string_or_bytes(f, r->GetStringReference(m, f, &scratch));
        break;
    }
  }

  void string_or_bytes(const FieldDescriptor* f, const std::string& value) {
    if (f->type() == FieldDescriptor::TYPE_BYTES)
      bytes(value);
    else
      text(value);
  }

  Writer& out_;
};

} // namespace

std::string to_json(const pb::Message& message, json_layout layout) {
  rapidjson::StringBuffer buffer;
  if (layout == json_layout::compact) {
    rapidjson::Writer out{buffer};
    message_writer{out}.write(message);
  } else {
    rapidjson::PrettyWriter out{buffer};
    message_writer{out}.write(message);
  }
  return {buffer.GetString(), buffer.GetSize()};
}

std::string to_json_answer(const pb::Message& message) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter out{buffer};
  message_writer{out}.write_with_lists(message);
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace agora
