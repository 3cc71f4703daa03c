// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/rocksdb_store.hpp"

#include "runtime/base/check.hpp"
#include "storage/store/data_directory.hpp"
#include "storage/store/rocksdb_options.hpp"
#include "storage/store/store_keys.hpp"
#include "storage/store/store_limits.hpp"
#include "storage/store/wal_verifier.hpp"
#include "storage/store/write_order.hpp"

#include <rocksdb/db.h>
#include <rocksdb/perf_level.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace agora {

namespace {

/// Reads from the database as it is, or from a snapshot that it owns.
class rocksdb_reader final : public store_reader {
public:
  rocksdb_reader(rocksdb::DB& db, const std::string& path,
                 const rocksdb::Snapshot* frozen)
    : db_(db), path_(path), frozen_(frozen) {
    // nop
  }

  rocksdb_reader(const rocksdb_reader&) = delete;
  rocksdb_reader& operator=(const rocksdb_reader&) = delete;

  ~rocksdb_reader() override {
    if (frozen_)
      db_.ReleaseSnapshot(frozen_);
  }

  result<std::optional<std::string>> get(std::string_view key) const override {
    std::string value;
    auto read = db_.Get(options(), slice_of(key), &value);
    if (read.IsNotFound())
      return std::optional<std::string>{};
    if (!read.ok())
      return rocksdb_failure(read, "read", path_);
    return std::optional<std::string>{std::move(value)};
  }

  status scan(std::string_view prefix, std::string_view from,
              const store_visitor& visitor) const override {
    auto end = store_keys::end_of_prefix(prefix);
    auto end_slice = rocksdb::Slice{end};
    auto how = options();
    if (!end.empty())
      how.iterate_upper_bound = &end_slice;
    std::unique_ptr<rocksdb::Iterator> at{db_.NewIterator(how)};
    for (at->Seek(slice_of(std::max(prefix, from))); at->Valid(); at->Next())
      if (visitor(view_of(at->key()), view_of(at->value())) == visit::stop)
        break;
    if (!at->status().ok())
      return rocksdb_failure(at->status(), "read", path_);
    return {};
  }

private:
  static rocksdb::Slice slice_of(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
  }

  static std::string_view view_of(rocksdb::Slice bytes) {
    return {bytes.data(), bytes.size()};
  }

  rocksdb::ReadOptions options() const {
    rocksdb::ReadOptions how;
    how.verify_checksums = true;
    how.snapshot = frozen_;
    return how;
  }

  rocksdb::DB& db_;
  const std::string& path_;
  const rocksdb::Snapshot* frozen_;
};

rocksdb::WriteOptions synced() {
  rocksdb::WriteOptions how;
  how.sync = true;
  return how;
}

void add_to(rocksdb::WriteBatch& group, const write_operation& operation) {
  // These fail for a full WriteBatch only, and ours has no limit set.
  auto added = rocksdb::Status::OK();
  switch (operation.what) {
    case write_operation::kind::put:
      added = group.Put(operation.key, operation.value);
      break;
    case write_operation::kind::erase:
      added = group.Delete(operation.key);
      break;
    case write_operation::kind::erase_range:
      // RocksDB takes a range that ends before it begins for damage.
      if (operation.key < operation.value)
        added = group.DeleteRange(operation.key, operation.value);
  }
  AGORA_CHECK(added.ok());
}

/// The store itself. One thread besides the caller's, the writer: it takes
/// what is queued, writes it with one fsync, reports, and begins again. So the
/// slower the disk, the larger the groups.
class rocksdb_store final : public store {
public:
  rocksdb_store(data_directory directory, rocksdb_settings settings)
    : directory_(std::move(directory)), settings_(std::move(settings)) {
    // nop
  }

  rocksdb_store(const rocksdb_store&) = delete;
  rocksdb_store& operator=(const rocksdb_store&) = delete;

  ~rocksdb_store() override {
    {
      std::lock_guard guard{mutex_};
      closing_ = true;
    }
    work_.notify_one();
    if (writer_.joinable())
      writer_.join();
    // RocksDB's threads may report until it is closed.
    reader_.reset();
    db_.reset();
  }

  status open() {
    // To open is to write what the logs hold into tables.
    auto needed = settings_.room_bytes;
    if (!directory_.is_new()) {
      auto log_bytes = verify_logs(directory_.database_path());
      if (!log_bytes)
        return log_bytes.error();
      needed += *log_bytes;
    }
    if (auto bad = directory_.check_room(needed))
      return bad;
    auto options = rocksdb_options(settings_);
    // Whoever opens a store reads it first, and is waited for meanwhile.
    options.disable_auto_compactions = true;
    options.create_if_missing = directory_.is_new();
    options.listeners.push_back(std::make_shared<rocksdb_error_listener>(
      [this](const rocksdb::Status& what) {
        note_background(what);
      }));
    rocksdb::DB* opened = nullptr;
    auto done = rocksdb::DB::Open(options, directory_.database_path(), &opened);
    db_.reset(opened);
    if (!done.ok())
      return rocksdb_open_failure(done, path());
    if (directory_.is_new())
      if (auto bad = directory_.mark_ready())
        return bad;
    reader_ = std::make_unique<rocksdb_reader>(*db_, path(), nullptr);
    writer_ = std::thread{[this] {
      write_groups();
    }};
    return {};
  }

  void listen(listener who) override {
    status failed;
    {
      std::lock_guard guard{mutex_};
      AGORA_CHECK(!listener_.persisted && newest_ == 0);
      listener_ = std::move(who);
      failed = failure_;
    }
    // RocksDB may have failed in the background before anybody listened.
    if (failed && listener_.failed)
      listener_.failed(failed);
  }

  status submit(write_batch&& batch, ticket t) override {
    if (auto bad = check_batch(batch, settings_.limits))
      return bad;
    std::lock_guard guard{mutex_};
    AGORA_CHECK(t > newest_);
    if (failure_)
      return fail(errc::io_failed,
                  path() + " has failed: " + text_of(failure_));
    if (auto bad
        = check_queue(queued_bytes_, queued_batches_, settings_.limits))
      return bad;
    newest_ = t;
    queued_bytes_ += batch.bytes();
    ++queued_batches_;
    queue_.push_back({std::move(batch), t});
    if (queue_.size() == 1)
      work_.notify_one();
    return {};
  }

  status write_now(write_batch batch) override {
    if (auto bad = check_batch(batch, settings_.limits))
      return bad;
    {
      std::lock_guard guard{mutex_};
      AGORA_CHECK(newest_ == 0);
    }
    rocksdb::WriteBatch group;
    for (auto& operation : batch.operations())
      add_to(group, operation);
    auto done = db_->Write(synced(), &group);
    return done.ok() ? status{} : rocksdb_failure(done, "write", path());
  }

  result<std::optional<std::string>> get(std::string_view key) const override {
    return reader_->get(key);
  }

  status scan(std::string_view prefix, std::string_view from,
              const store_visitor& visitor) const override {
    return reader_->scan(prefix, from, visitor);
  }

  result<std::unique_ptr<store_reader>> view() const override {
    return std::unique_ptr<store_reader>{
      new rocksdb_reader{*db_, path(), db_->GetSnapshot()}};
  }

  const store_identity& identity() const override {
    return directory_.identity();
  }

  const std::string& path() const override {
    return directory_.path();
  }

  const store_limits& limits() const override {
    return settings_.limits;
  }

private:
  struct queued_batch {
    write_batch batch;
    ticket t = 0;
  };

  /// The writer thread.
  void write_groups() {
    // What RocksDB counts for its experts costs it as much as to compare keys.
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    for (auto first = true;; first = false) {
      auto group = take_group();
      if (background_failed())
        return;
      if (group.empty())
        return;
      if (first)
        if (auto done = allow_compaction(); !done.ok())
          return give_up(rocksdb_failure(done, "write", path()));
      size_t bytes = 0;
      std::vector<const write_operation*> operations;
      for (auto& queued : group) {
        bytes += queued.batch.bytes();
        for (auto& operation : queued.batch.operations())
          operations.push_back(&operation);
      }
      rocksdb::WriteBatch batch;
      for (auto* operation : write_order(std::move(operations)))
        add_to(batch, *operation);
      auto done = db_->Write(synced(), &batch);
      if (!done.ok())
        return give_up(rocksdb_failure(done, "write", path()));
      {
        std::lock_guard guard{mutex_};
        queued_bytes_ -= bytes;
        queued_batches_ -= group.size();
      }
      if (listener_.persisted)
        listener_.persisted(group.back().t);
    }
  }

  /// Who writes has read what it wanted to begin with.
  rocksdb::Status allow_compaction() {
    return db_->EnableAutoCompaction({db_->DefaultColumnFamily()});
  }

  /// Waits for work and takes what one group may hold; nothing at the end.
  std::deque<queued_batch> take_group() {
    std::unique_lock guard{mutex_};
    work_.wait(guard, [this] {
      return closing_ || !queue_.empty() || background_failure_;
    });
    std::deque<queued_batch> group;
    size_t bytes = 0;
    while (!queue_.empty() && bytes < settings_.group_bytes) {
      bytes += queue_.front().batch.bytes();
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return group;
  }

  bool background_failed() {
    status what;
    {
      std::lock_guard guard{mutex_};
      if (!background_failure_)
        return false;
      what = background_failure_;
    }
    give_up(std::move(what));
    return true;
  }

  /// The disk failed: nothing is written any more, and the owner is told.
  void give_up(status what) {
    std::function<void(const status&)> tell;
    {
      std::lock_guard guard{mutex_};
      failure_ = what;
      queue_.clear();
      tell = listener_.failed;
    }
    if (tell)
      tell(what);
  }

  /// A flush or compaction failed, in a thread of RocksDB's: wakes the writer,
  /// which reports it even if nobody writes.
  void note_background(const rocksdb::Status& what) {
    {
      std::lock_guard guard{mutex_};
      if (background_failure_)
        return;
      background_failure_ = rocksdb_failure(what, "write", path());
    }
    work_.notify_one();
  }

  data_directory directory_;
  const rocksdb_settings settings_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<store_reader> reader_;
  /// Set before the first submit, then only read, by the writer.
  listener listener_;

  /// Guards everything below.
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<queued_batch> queue_;
  /// Submitted and not yet persisted: queued, or in the writer's hands.
  size_t queued_bytes_ = 0;
  size_t queued_batches_ = 0;
  ticket newest_ = 0;
  status failure_;
  status background_failure_;
  bool closing_ = false;

  std::thread writer_;
};

} // namespace

result<std::unique_ptr<store>> open_rocksdb_store(std::string path,
                                                  rocksdb_settings settings) {
  auto directory = data_directory::claim(std::move(path), settings.kind);
  if (!directory)
    return directory.error();
  auto opened = std::make_unique<rocksdb_store>(std::move(*directory),
                                                std::move(settings));
  if (auto bad = opened->open())
    return bad;
  return std::unique_ptr<store>{std::move(opened)};
}

} // namespace agora
