// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/json/base64.hpp"
#include "runtime/json/json_codec.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace agora {

namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using json = rapidjson::Value;

std::string_view text_of_value(const json& value) {
  return {value.GetString(), value.GetStringLength()};
}

// Reads one document into one message; remembers the first thing that is wrong.
class message_reader {
public:
  explicit message_reader(const json_limits& limits) : limits_(limits) {
    // nop
  }

  status read(const json& document, pb::Message& message) {
    read_object(document, message, "", 1);
    return std::move(error_);
  }

private:
  bool complain(const std::string& path, const std::string& what) {
    error_
      = fail(errc::malformed_message,
             (path.empty() ? std::string{"the message"} : path) + ": " + what);
    return false;
  }

  static std::string joined(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }

  bool read_object(const json& value, pb::Message& message,
                   const std::string& path, size_t depth) {
    if (!value.IsObject())
      return complain(path, "expected an object");
    if (depth > limits_.depth)
      return complain(path, "nested deeper than "
                              + std::to_string(limits_.depth) + " levels");
    const auto* type = message.GetDescriptor();
    for (const auto& member : value.GetObject()) {
      std::string name{text_of_value(member.name)};
      const auto* field = type->FindFieldByName(name);
      if (field == nullptr || member.value.IsNull())
        continue;
      if (!read_field(member.value, message, field, joined(path, name), depth))
        return false;
    }
    return true;
  }

  bool read_field(const json& value, pb::Message& message,
                  const FieldDescriptor* field, const std::string& path,
                  size_t depth) {
    if (field->is_map())
      return read_map(value, message, field, path, depth);
    if (!field->is_repeated())
      return read_value(value, message, field, path, depth);
    if (!value.IsArray())
      return complain(path, "expected an array");
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
      if (!read_value(value[i], message, field,
                      path + "[" + std::to_string(i) + "]", depth))
        return false;
    return true;
  }

  bool read_map(const json& value, pb::Message& message,
                const FieldDescriptor* field, const std::string& path,
                size_t depth) {
    if (!value.IsObject())
      return complain(path, "expected an object");
    for (const auto& member : value.GetObject()) {
      auto* entry = message.GetReflection()->AddMessage(&message, field);
      std::string name{text_of_value(member.name)};
      if (!read_value(member.name, *entry, field->message_type()->map_key(),
                      joined(path, name), depth)
          || !read_value(member.value, *entry,
                         field->message_type()->map_value(), joined(path, name),
                         depth))
        return false;
    }
    return true;
  }

  // Sets `field`, or appends to it if it is repeated.
  bool read_value(const json& value, pb::Message& m, const FieldDescriptor* f,
                  const std::string& path, size_t depth) {
    const auto* r = m.GetReflection();
    auto put = [&](auto set, auto add, auto x) {
      if (f->is_repeated())
        (r->*add)(&m, f, std::move(x));
      else
        (r->*set)(&m, f, std::move(x));
      return true;
    };
    using pb::Reflection;
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: {
        int32_t x = 0;
        return read_integer(value, x, path)
               && put(&Reflection::SetInt32, &Reflection::AddInt32, x);
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        int64_t x = 0;
        return read_integer(value, x, path)
               && put(&Reflection::SetInt64, &Reflection::AddInt64, x);
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        uint32_t x = 0;
        return read_integer(value, x, path)
               && put(&Reflection::SetUInt32, &Reflection::AddUInt32, x);
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        uint64_t x = 0;
        return read_integer(value, x, path)
               && put(&Reflection::SetUInt64, &Reflection::AddUInt64, x);
      }
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (!value.IsNumber())
          return complain(path, "expected a number");
        return put(&Reflection::SetDouble, &Reflection::AddDouble,
                   value.GetDouble());
      case FieldDescriptor::CPPTYPE_FLOAT:
        if (!value.IsNumber())
          return complain(path, "expected a number");
        return put(&Reflection::SetFloat, &Reflection::AddFloat,
                   static_cast<float>(value.GetDouble()));
      case FieldDescriptor::CPPTYPE_BOOL:
        if (value.IsString() && text_of_value(value) == "true")
          return put(&Reflection::SetBool, &Reflection::AddBool, true);
        if (value.IsString() && text_of_value(value) == "false")
          return put(&Reflection::SetBool, &Reflection::AddBool, false);
        if (!value.IsBool())
          return complain(path, "expected true or false");
        return put(&Reflection::SetBool, &Reflection::AddBool, value.GetBool());
      case FieldDescriptor::CPPTYPE_ENUM: {
        if (!value.IsString())
          return complain(path, "expected the name of an enumerator");
        std::string name{text_of_value(value)};
        const auto* x = f->enum_type()->FindValueByName(name);
        if (x == nullptr)
          return complain(path, "no such enumerator: " + name);
        return put(&Reflection::SetEnum, &Reflection::AddEnum, x);
      }
      case FieldDescriptor::CPPTYPE_STRING:
        return read_text(value, m, f, path);
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        auto* into
          = f->is_repeated() ? r->AddMessage(&m, f) : r->MutableMessage(&m, f);
        return read_object(value, *into, path, depth + 1);
      }
    }
    return false;
  }

  bool read_text(const json& value, pb::Message& m, const FieldDescriptor* f,
                 const std::string& path) {
    if (!value.IsString())
      return complain(path, "expected a string");
    std::string text{text_of_value(value)};
    if (f->type() == FieldDescriptor::TYPE_BYTES) {
      auto bytes = from_base64(text);
      if (!bytes)
        return complain(path, "expected base64");
      text = std::move(*bytes);
    }
    if (f->is_repeated())
      m.GetReflection()->AddString(&m, f, std::move(text));
    else
      m.GetReflection()->SetString(&m, f, std::move(text));
    return true;
  }

  // Takes a number, also as 3.0, or the same as a string: clients in languages
  // without 64-bit integers send that.
  template <class T>
  bool read_integer(const json& value, T& into, const std::string& path) {
    if (value.IsInt64() && std::in_range<T>(value.GetInt64())) {
      into = static_cast<T>(value.GetInt64());
      return true;
    }
    if (value.IsUint64() && std::in_range<T>(value.GetUint64())) {
      into = static_cast<T>(value.GetUint64());
      return true;
    }
    // Beyond 2^53 a double no longer says which integer was meant.
    constexpr double exact = 9007199254740992.0;
    if (value.IsDouble() && std::trunc(value.GetDouble()) == value.GetDouble()
        && std::abs(value.GetDouble()) <= exact
        && std::in_range<T>(static_cast<int64_t>(value.GetDouble()))) {
      into = static_cast<T>(value.GetDouble());
      return true;
    }
    if (value.IsString()) {
      auto text = text_of_value(value);
      auto end = text.data() + text.size();
      auto [next, err] = std::from_chars(text.data(), end, into);
      if (err == std::errc{} && next == end && !text.empty())
        return true;
    }
    return complain(path, "expected a whole number from "
                            + std::to_string(std::numeric_limits<T>::min())
                            + " to "
                            + std::to_string(std::numeric_limits<T>::max()));
  }

  const json_limits& limits_;
  status error_;
};

} // namespace

status from_json(std::string_view text, pb::Message& message,
                 const json_limits& limits) {
  if (text.size() > limits.bytes)
    return fail(errc::too_large,
                "the JSON text has " + std::to_string(text.size())
                  + " bytes; at most " + std::to_string(limits.bytes)
                  + " are read");
  rapidjson::Document document;
  // Iterative: the depth of hostile input must not become depth of our stack.
  document.Parse<rapidjson::kParseIterativeFlag
                 | rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                          text.size());
  if (document.HasParseError())
    return fail(errc::malformed_message,
                "no JSON at byte " + std::to_string(document.GetErrorOffset())
                  + ": "
                  + rapidjson::GetParseError_En(document.GetParseError()));
  return message_reader{limits}.read(document, message);
}

} // namespace agora
