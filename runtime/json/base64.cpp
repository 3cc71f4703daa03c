// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/json/base64.hpp"

#include <google/protobuf/stubs/strutil.h>

namespace agora {

std::string to_base64(std::string_view bytes) {
  std::string text;
  google::protobuf::Base64Escape({bytes.data(), bytes.size()}, &text);
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  google::protobuf::StringPiece input{text.data(), text.size()};
  // The two alphabets differ in two letters only.
  if (google::protobuf::Base64Unescape(input, &bytes)
      || google::protobuf::WebSafeBase64Unescape(input, &bytes))
    return bytes;
  return std::nullopt;
}

} // namespace agora
