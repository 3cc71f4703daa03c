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
    state_space_(store_keys::nested(space_, "state")),
    epoch_key_(space_ + "meta/epoch"),
    applied_key_(space_ + "meta/applied") {
  // nop
}

status log_storage::corrupt(std::string what) const {
  return fail(errc::store_corrupt, where_->path() + ": log " + name_ + ": "
                                     + what
                                     + "; restore the directory from a copy");
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

result<log_storage::found> log_storage::load() const {
  found all;
  if (auto bad = load_meta(all))
    return bad;
  if (auto bad = load_entries(all))
    return bad;
  if (all.applied_index > all.last_index)
    return corrupt("entry " + std::to_string(all.last_index + 1)
                   + " is missing, but " + std::to_string(all.applied_index)
                   + " was applied");
  return all;
}

status log_storage::load_meta(found& to) const {
  auto last = numbers_at(*where_, epoch_key_);
  if (!last)
    return last.error();
  if (*last) {
    to.last = {(**last)[0], (**last)[1]};
  } else {
    auto fresh = true;
    if (auto bad = where_->scan(space_, {}, [&](auto, auto) {
          fresh = false;
          return visit::stop;
        }))
      return bad;
    if (!fresh)
      return corrupt("its epoch is missing");
    to.last = {1, 0};
  }
  auto applied = numbers_at(*where_, applied_key_);
  if (!applied)
    return applied.error();
  if (*applied) {
    to.applied_index = (**applied)[0];
    to.first_index = (**applied)[1];
  }
  to.last_index = to.first_index - 1;
  return {};
}

status log_storage::load_entries(found& to) const {
  status bad;
  uint64_t term = 0;
  auto from = store_keys::numbered(entry_space_, to.first_index);
  auto scanned = where_->scan(entry_space_, from, [&](auto key, auto record) {
    auto expected = to.last_index + 1;
    auto index = store_keys::trailing_number(key);
    if (*index != expected) {
      bad = corrupt("entry " + std::to_string(expected) + " is missing, but "
                    + std::to_string(*index) + " is there");
      return visit::stop;
    }
    auto entry = codec::decode_entry(key, expected, record);
    if (!entry || entry->term < term || entry->term > to.last.term) {
      bad = corrupt("entry " + std::to_string(expected) + " is damaged");
      return visit::stop;
    }
    term = entry->term;
    to.last_index = expected;
    return visit::more;
  });
  return scanned ? scanned : bad;
}

result<std::vector<log_entry>> log_storage::read(uint64_t first, uint64_t last,
                                                 size_t max,
                                                 size_t bytes) const {
  std::vector<log_entry> entries;
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
    entries.push_back(std::move(*entry));
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

void log_storage::put_epoch(write_batch& to, epoch value) const {
  to.put(epoch_key_,
         codec::encode_numbers(epoch_key_, {value.generation, value.term}));
}

void log_storage::put_entry(write_batch& to, const log_entry& entry) const {
  auto key = store_keys::numbered(entry_space_, entry.index);
  auto record = codec::encode_entry(key, entry);
  to.put(std::move(key), std::move(record));
}

void log_storage::put_applied(write_batch& to, uint64_t applied,
                              uint64_t first) const {
  to.put(applied_key_, codec::encode_numbers(applied_key_, {applied, first}));
}

void log_storage::erase_entries(write_batch& to, uint64_t from,
                                uint64_t until) const {
  to.erase_range(store_keys::numbered(entry_space_, from),
                 store_keys::numbered(entry_space_, until));
}

void log_storage::place_in_state(write_batch& changes) const {
  changes.prepend_to_keys(state_space_);
}

result<std::optional<std::string>>
log_storage::get_state(std::string_view key) const {
  return where_->get(state_space_ + std::string{key});
}

result<uint64_t>
log_storage::for_each_state(const store_visitor& visitor) const {
  auto frozen = where_->view();
  if (!frozen)
    return frozen.error();
  auto applied = numbers_at(**frozen, applied_key_);
  if (!applied)
    return applied.error();
  auto scanned = (*frozen)->scan(state_space_, {}, [&](auto key, auto value) {
    return visitor(key.substr(state_space_.size()), value);
  });
  if (scanned)
    return scanned;
  return *applied ? (**applied)[0] : 0;
}

} // namespace agora
