// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/error.hpp>
#include <caf/none.hpp>
#include <caf/sec.hpp>
#include <google/protobuf/message.h>

#include <concepts>
#include <string>
#include <type_traits>

// The namespace of a base class is searched for unqualified calls: from here,
// CAF finds these two functions for every generated message, whatever package
// it is in.
namespace google::protobuf {

template <class T>
concept generated_message
  = std::derived_from<T, Message> && !std::same_as<T, Message>;

/// For CAF's own diagnostics.
template <generated_message T>
std::string to_string(const T& msg) {
  return msg.GetTypeName() + "{" + msg.ShortDebugString() + "}";
}

/// Lets CAF carry any Protobuf message: the payload is the Protobuf wire
/// format, as one length-prefixed string.
template <class Inspector, generated_message T>
typename Inspector::result_type inspect(Inspector& f, T& msg) {
  if constexpr (std::is_void_v<typename Inspector::result_type>) {
    auto text = to_string(msg);
    f(text);
  } else if constexpr (Inspector::reads_state) {
    auto wire = msg.SerializeAsString();
    return f(wire);
  } else {
    std::string wire;
    if (auto err = f(wire))
      return err;
    if (!msg.ParseFromString(wire))
      return caf::make_error(caf::sec::invalid_argument, msg.GetTypeName());
    return caf::none;
  }
}

} // namespace google::protobuf
