// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/cluster/cluster_rules.hpp"

namespace agora {

namespace {

/// The framework, if it is known and has not ended.
result<const framework_record*> living(const cluster_state& state,
                                       const framework_id& id) {
  auto* known = state.find_framework(id);
  if (known == nullptr)
    return fail(errc::not_found,
                "framework " + id.text()
                  + " is not known to this cluster, or ended long ago");
  if (known->has_ended())
    return fail(errc::conflict, "framework " + id.text() + " has ended");
  return known;
}

status immutable_field(const framework_record& known, const char* field,
                       const std::string& was, const std::string& wanted) {
  return fail(errc::invalid_argument, std::string{"framework_info."} + field
                                        + " of framework " + known.id.text()
                                        + " cannot be changed: it is \"" + was
                                        + "\", not \"" + wanted + "\"");
}

status check_change(const framework_record& known,
                    const v1::FrameworkInfo& wanted) {
  auto& was = known.info;
  if (was.user() != wanted.user())
    return immutable_field(known, "user", was.user(), wanted.user());
  if (was.principal() != wanted.principal())
    return immutable_field(known, "principal", was.principal(),
                           wanted.principal());
  return {};
}

} // namespace

status can_subscribe(const cluster_state& state,
                     const v1::FrameworkInfo& info) {
  if (info.id().value().empty()) {
    if (state.framework_count() < state.limits().frameworks)
      return {};
    return fail(errc::limit_reached, "the cluster has "
                                       + std::to_string(state.framework_count())
                                       + " frameworks, which is the limit");
  }
  auto known = living(state, id_of<framework_id>(info.id()));
  return known ? check_change(**known, info) : std::move(known.error());
}

status can_update(const cluster_state& state, const v1::FrameworkInfo& info) {
  auto known = living(state, id_of<framework_id>(info.id()));
  if (!known)
    return std::move(known.error());
  if (auto err = check_change(**known, info))
    return err;
  if ((*known)->info.checkpoint() != info.checkpoint())
    return immutable_field(**known, "checkpoint",
                           (*known)->info.checkpoint() ? "true" : "false",
                           info.checkpoint() ? "true" : "false");
  return {};
}

status holds_framework(const cluster_state& state, const framework_id& id,
                       uint64_t incarnation) {
  auto known = living(state, id);
  if (!known)
    return std::move(known.error());
  if ((*known)->incarnation != incarnation)
    return fail(errc::stale_incarnation,
                "framework " + id.text() + " is held by incarnation "
                  + std::to_string((*known)->incarnation) + ", not by "
                  + std::to_string(incarnation));
  return {};
}

status can_disconnect(const cluster_state& state, const framework_id& id,
                      uint64_t incarnation) {
  if (auto err = holds_framework(state, id, incarnation))
    return err;
  if (!state.find_framework(id)->connected())
    return fail(errc::conflict,
                "framework " + id.text() + " is disconnected already");
  return {};
}

status can_end_framework(const cluster_state& state, const framework_id& id,
                         std::optional<uint64_t> disconnected_incarnation) {
  auto known = living(state, id);
  if (!known)
    return std::move(known.error());
  if (!disconnected_incarnation)
    return {};
  if (auto err = holds_framework(state, id, *disconnected_incarnation))
    return err;
  if ((*known)->connected())
    return fail(errc::conflict,
                "framework " + id.text() + " is connected again");
  return {};
}

} // namespace agora
