// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace agora {

/// "agorad agent 0.1.0": how a program introduces itself to peers and people.
inline std::string software_name(const std::string& program) {
  return program + " " AGORA_VERSION;
}

} // namespace agora
