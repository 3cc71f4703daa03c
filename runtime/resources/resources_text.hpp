// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/resources/resources.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace agora {

/// What the setting of an agent's resources says.
struct resources_setting {
  resources value;

  /// The names that stand in the text, sorted, each once. "gpus:0" is there,
  /// though a bundle without gpus is the same: the user has decided that there
  /// are none, and nothing is to be detected.
  std::vector<std::string> names;
};

/// Reads `cpus:4;mem:1024;ports:[31000-32000,33000-33010];zones:{a,b}`, as the
/// setting "resources" takes it; mem and disk are in MiB. A name may stand
/// several times and is added up; `cpus(*):4` is the same as `cpus:4`. Fails
/// with invalid_resources, naming the character and what stands there. Roles
/// other than "*" are not supported yet.
result<resources_setting> parse_resources_setting(std::string_view text);

/// As parse_resources_setting, for whom "none" and "not said" are the same.
result<resources> parse_resources(std::string_view text);

/// The same form, sorted by name; parse_resources reads it back unless an item
/// of a set, which came by wire, holds one of `,;{}[]` or space at an end.
std::string to_string(const resources& what);

} // namespace agora
