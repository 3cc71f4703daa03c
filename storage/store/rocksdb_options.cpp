// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/rocksdb_options.hpp"

#include "storage/store/rocksdb_log.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <memory>
#include <utility>

namespace agora {

namespace {

/// Tables at the top before they are merged into the level below. Twice what
/// RocksDB would take: the buffers are small, so that a start reads a short
/// write-ahead log, and merging as often for half the bytes costs the master
/// a twentieth of its speed.
constexpr int top_tables = 8;

/// Open table files; each costs memory for its index besides the descriptor.
constexpr int open_files = 256;

void never_lose_anything(rocksdb::Options& options) {
  // The default mode drops everything behind a damaged record. See also
  // wal_verifier, for what this mode does not notice.
  options.wal_recovery_mode
    = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;
  // After a failed write the process ends, whatever RocksDB thinks of it.
  options.max_bgerror_resume_count = 0;
  // wal_verifier knows plain records only.
  options.recycle_log_file_num = 0;
  options.wal_compression = rocksdb::kNoCompression;
}

void bound_memory_and_files(rocksdb::Options& options,
                            const rocksdb_settings& settings) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(settings.block_cache_bytes);
  // Indexes and filters count against the cache, too.
  table.cache_index_and_filter_blocks = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = settings.write_buffer_bytes;
  options.max_write_buffer_number = settings.write_buffers;
  options.level0_file_num_compaction_trigger = top_tables;
  options.max_background_jobs = settings.background_threads;
  options.max_open_files = open_files;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
}

} // namespace

rocksdb::Options rocksdb_options(const rocksdb_settings& settings) {
  rocksdb::Options options;
  never_lose_anything(options);
  bound_memory_and_files(options, settings);
  options.info_log = std::make_shared<rocksdb_log>();
  options.info_log_level = options.info_log->GetInfoLogLevel();
  return options;
}

status rocksdb_failure(const rocksdb::Status& said, const char* what,
                       const std::string& path) {
  auto text
    = std::string{"cannot "} + what + " " + path + ": " + said.ToString();
  if (said.IsNoSpace())
    return fail(errc::store_full,
                "the disk of " + path
                  + " is full; make room and start again: " + said.ToString());
  if (said.IsCorruption())
    return fail(errc::store_corrupt, text);
  return fail(errc::io_failed, text);
}

status rocksdb_open_failure(const rocksdb::Status& said,
                            const std::string& path) {
  if (said.IsCorruption() || said.IsInvalidArgument() || said.IsPathNotFound()
      || said.IsNotFound())
    return fail(errc::store_corrupt, "cannot open " + path + ": "
                                       + said.ToString()
                                       + "; restore the directory from a copy");
  return rocksdb_failure(said, "open", path);
}

rocksdb_error_listener::rocksdb_error_listener(handler tell)
  : tell_(std::move(tell)) {
  // nop
}

void rocksdb_error_listener::OnBackgroundError(rocksdb::BackgroundErrorReason,
                                               rocksdb::Status* what) {
  tell_(*what);
}

} // namespace agora
