// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/result.hpp"

#include <caf/atom.hpp>
#include <caf/message.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace agora {

namespace {

constexpr std::array names = {
  "none",
  "invalid_argument",
  "invalid_resources",
  "malformed_message",
  "too_large",
  "limit_reached",
  "not_found",
  "already_exists",
  "conflict",
  "unknown_offer",
  "not_offer_owner",
  "not_leader",
  "stale_epoch",
  "stale_incarnation",
  "wrong_cluster",
  "version_mismatch",
  "session_lost",
  "timeout",
  "unreachable",
  "invalid_config",
  "store_corrupt",
  "store_foreign",
  "store_locked",
  "store_full",
  "io_failed",
  "launch_failed",
  "permission_denied",
  "shutting_down",
  "agent_gone",
};

static_assert(names.size() == static_cast<size_t>(errc::agent_gone) + 1,
              "every errc needs its name");

} // namespace

std::string to_string(errc code) {
  auto index = static_cast<size_t>(code);
  return index < names.size() ? names[index] : "invalid";
}

std::optional<errc> parse_errc(std::string_view name) {
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return std::nullopt;
  return static_cast<errc>(found - names.begin());
}

status fail(errc code, std::string text) {
  return caf::make_error(code, std::move(text));
}

errc code_of(const status& what) {
  // CAF keeps nothing at all for success, not even a category.
  if (!what || what.category() != caf::atom("agora"))
    return errc::none;
  return static_cast<errc>(what.code());
}

std::string text_of(const status& what) {
  if (!what)
    return "none";
  const auto& context = what.context();
  if (!context.empty() && context.match_element<std::string>(0))
    return context.get_as<std::string>(0);
  auto code = code_of(what);
  if (code != errc::none)
    return to_string(code);
  return caf::to_string(what.category()) + " error "
         + std::to_string(what.code());
}

std::string describe(const status& what) {
  if (!what)
    return "none";
  auto code = code_of(what);
  if (code == errc::none)
    return text_of(what);
  auto name = to_string(code);
  auto text = text_of(what);
  return text == name ? name : name + ": " + text;
}

} // namespace agora
