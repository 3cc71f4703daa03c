// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/log/log_storage.hpp"

#include "storage/log/log_record_codec.hpp"
#include "storage/store/store_keys.hpp"

#include <utility>

namespace agora {

namespace codec = log_record_codec;

log_storage::log_storage(std::shared_ptr<store> where, std::string_view name)
  : where_(std::move(where)),
    name_(name),
    space_(store_keys::nested("log/", name)),
    entry_space_(store_keys::nested(space_, "entry")),
    states_space_(store_keys::nested(space_, "state")),
    vote_key_(space_ + "meta/vote"),
    base_key_(space_ + "meta/base"),
    members_key_(space_ + "meta/members"),
    cluster_key_(space_ + "meta/cluster"),
    applied_key_(space_ + "meta/applied"),
    state_space_(state_space(0)) {
  // nop
}

status log_storage::corrupt(std::string what) const {
  return fail(errc::store_corrupt, where_->path() + ": log " + name_ + ": "
                                     + what
                                     + "; restore the directory from a copy");
}

std::string log_storage::state_space(uint64_t instance) const {
  return store_keys::numbered(states_space_, instance) + '/';
}

result<std::optional<std::array<uint64_t, 2>>>
log_storage::numbers_at(const store_reader& from,
                        const std::string& key) const {
  using numbers = std::optional<std::array<uint64_t, 2>>;
  auto record = from.get(key);
  if (!record)
    return record.error();
  if (!*record)
    return numbers{};
  auto decoded = codec::decode_numbers(key, **record);
  if (!decoded)
    return corrupt("the record " + key + " is damaged");
  return numbers{decoded};
}

result<std::optional<std::string>>
log_storage::text_at(const std::string& key) const {
  auto record = where_->get(key);
  if (!record || !*record)
    return record;
  auto content = codec::decode(key, **record);
  if (!content)
    return corrupt("the record " + key + " is damaged");
  return std::optional{std::string{*content}};
}

// -- loading ------------------------------------------------------------------

result<log_storage::found> log_storage::load() {
  found all;
  if (auto bad = load_meta(all))
    return bad;
  if (auto bad = load_entries(all))
    return bad;
  auto& log = all.member.log;
  if (all.applied_index > log.last_index)
    return corrupt("entry " + std::to_string(log.last_index + 1)
                   + " is missing, but " + std::to_string(all.applied_index)
                   + " was applied");
  log.commit = all.applied_index;
  return all;
}

status log_storage::load_meta(found& to) {
  auto old = where_->get(space_ + "meta/epoch");
  if (!old)
    return old.error();
  if (*old)
    return fail(errc::version_mismatch,
                where_->path() + ": log " + name_
                  + " is of a program from before logs had several members, "
                    "and cannot be read any more; begin with an empty "
                    "directory");
  auto vote = numbers_at(*where_, vote_key_);
  if (!vote)
    return vote.error();
  auto base = numbers_at(*where_, base_key_);
  if (!base)
    return base.error();
  auto members = text_at(members_key_);
  if (!members)
    return members.error();
  auto cluster = text_at(cluster_key_);
  if (!cluster)
    return cluster.error();
  auto applied = numbers_at(*where_, applied_key_);
  if (!applied)
    return applied.error();
  auto& log = to.member.log;
  if (*vote)
    to.member.vote = {(**vote)[0], {(**vote)[1]}};
  if (*base)
    log.base = {(**base)[0], (**base)[1]};
  log.last_index = log.base.index;
  if (*members) {
    auto decoded = configuration::decode(**members);
    if (!decoded)
      return corrupt("the record " + members_key_
                     + " is damaged: " + text_of(decoded.error()));
    log.configurations.push_back({log.base.index, std::move(*decoded)});
  } else if (*base) {
    return corrupt("the record " + members_key_ + " is missing");
  }
  to.cluster_id = cluster->value_or("");
  if (*applied) {
    to.applied_index = (**applied)[0];
    instance_ = (**applied)[1];
    state_space_ = state_space(instance_);
  }
  if (to.applied_index < log.base.index)
    return corrupt("entries up to " + std::to_string(log.base.index)
                   + " were removed, but only "
                   + std::to_string(to.applied_index) + " was applied");
  return {};
}

status log_storage::load_entries(found& to) const {
  status bad;
  auto& log = to.member.log;
  auto term = log.base.term;
  auto from = store_keys::numbered(entry_space_, log.base.index + 1);
  auto scanned = where_->scan(entry_space_, from, [&](auto key, auto record) {
    auto expected = log.last_index + 1;
    auto index = store_keys::trailing_number(key);
    if (*index != expected) {
      bad = corrupt("entry " + std::to_string(expected) + " is missing, but "
                    + std::to_string(*index) + " is there");
      return visit::stop;
    }
    auto entry = codec::decode_entry(key, expected, record);
    if (!entry || entry->term < term || entry->term > to.member.vote.term) {
      bad = corrupt("entry " + std::to_string(expected) + " is damaged");
      return visit::stop;
    }
    if (entry->kind == entry_kind::configuration) {
      auto members = configuration::decode(entry->payload);
      if (!members) {
        bad = corrupt("entry " + std::to_string(expected)
                      + " is damaged: " + text_of(members.error()));
        return visit::stop;
      }
      log.configurations.push_back({expected, std::move(*members)});
    }
    if (log.runs.empty() || log.runs.back().term != entry->term)
      log.runs.push_back({expected, entry->term});
    term = entry->term;
    log.last_index = expected;
    to.entry_bytes += entry->payload.size();
    return visit::more;
  });
  return scanned ? scanned : bad;
}

result<std::vector<entry_ptr>> log_storage::read(uint64_t first, uint64_t last,
                                                 size_t max,
                                                 size_t bytes) const {
  std::vector<entry_ptr> entries;
  if (max == 0 || first > last)
    return entries;
  status bad;
  size_t taken = 0;
  auto from = store_keys::numbered(entry_space_, first);
  auto scanned = where_->scan(entry_space_, from, [&](auto key, auto record) {
    auto expected = first + entries.size();
    auto entry = codec::decode_entry(key, expected, record);
    if (!entry || store_keys::trailing_number(key) != expected) {
      bad = corrupt("entry " + std::to_string(expected) + " is damaged");
      return visit::stop;
    }
    taken += entry->payload.size();
    entries.push_back(std::make_shared<const log_entry>(std::move(*entry)));
    return expected == last || entries.size() == max || taken >= bytes
             ? visit::stop
             : visit::more;
  });
  if (scanned)
    return scanned;
  if (!bad && entries.empty())
    bad = corrupt("entry " + std::to_string(first) + " is missing");
  if (bad)
    return bad;
  return entries;
}

// -- writing ------------------------------------------------------------------

void log_storage::put_vote(write_batch& to, const vote_record& value) const {
  to.put(vote_key_,
         codec::encode_numbers(vote_key_, {value.term, value.vote.value}));
}

void log_storage::put_cluster(write_batch& to, std::string_view id) const {
  to.put(cluster_key_, codec::encode(cluster_key_, id));
}

void log_storage::put_entry(write_batch& to, const log_entry& entry) const {
  auto key = store_keys::numbered(entry_space_, entry.index);
  auto record = codec::encode_entry(key, entry);
  to.put(std::move(key), std::move(record));
}

void log_storage::put_applied(write_batch& to, uint64_t index) const {
  to.put(applied_key_, codec::encode_numbers(applied_key_, {index, instance_}));
}

void log_storage::put_base(write_batch& to, const snapshot_mark& mark) const {
  to.put(base_key_,
         codec::encode_numbers(base_key_, {mark.last.term, mark.last.index}));
  to.put(members_key_, codec::encode(members_key_, mark.members.encode()));
}

void log_storage::erase_entries(write_batch& to, uint64_t from,
                                uint64_t until) const {
  to.erase_range(store_keys::numbered(entry_space_, from),
                 store_keys::numbered(entry_space_, until));
}

void log_storage::erase_entries_from(write_batch& to, uint64_t from) const {
  to.erase_range(store_keys::numbered(entry_space_, from),
                 store_keys::end_of_prefix(entry_space_));
}

void log_storage::place_in_state(write_batch& changes) const {
  changes.prepend_to_keys(state_space_);
}

// -- a snapshot that arrives --------------------------------------------------

void log_storage::erase_staged(write_batch& to) const {
  to.erase_range(states_space_, state_space_);
  to.erase_range(store_keys::end_of_prefix(state_space_),
                 store_keys::end_of_prefix(states_space_));
}

void log_storage::place_in_staged(write_batch& changes) const {
  changes.prepend_to_keys(state_space(instance_ + 1));
}

void log_storage::install_staged(write_batch& to, const snapshot_mark& mark) {
  ++instance_;
  state_space_ = state_space(instance_);
  to.erase_range(states_space_, state_space_);
  erase_entries_from(to, 0);
  put_base(to, mark);
  put_applied(to, mark.last.index);
}

// -- the state ----------------------------------------------------------------

result<std::optional<std::string>>
log_storage::get_state(std::string_view key) const {
  // Two reads of the store itself could see a state and its successor.
  auto frozen = where_->view();
  if (!frozen)
    return frozen.error();
  auto space = state_space_of(**frozen);
  if (!space)
    return space.error();
  return (*frozen)->get(*space + std::string{key});
}

status log_storage::scan_state(const store_reader& from, std::string_view first,
                               const store_visitor& visitor) const {
  auto space = state_space_of(from);
  if (!space)
    return space.error();
  return from.scan(*space, *space + std::string{first},
                   [&](auto key, auto value) {
                     return visitor(key.substr(space->size()), value);
                   });
}

status log_storage::visit_all(const store_visitor& visitor) const {
  auto frozen = where_->view();
  if (!frozen)
    return std::move(frozen.error());
  return scan_state(**frozen, {}, visitor);
}

result<uint64_t> log_storage::applied_index(const store_reader& from) const {
  auto applied = numbers_at(from, applied_key_);
  if (!applied)
    return applied.error();
  return *applied ? (**applied)[0] : 0;
}

result<std::string>
log_storage::state_space_of(const store_reader& from) const {
  auto applied = numbers_at(from, applied_key_);
  if (!applied)
    return applied.error();
  return state_space(*applied ? (**applied)[1] : 0);
}

} // namespace agora
