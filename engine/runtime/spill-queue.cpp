// Batches in a temporary file.
#include "engine/runtime/spill-queue.h"

#include <string>
#include <utility>

#include "engine/data/arrow-ipc.h"

namespace weir::runtime {

Result<SpillQueue> SpillQueue::make(Files& files) {
  auto opened = files.temporary(Waker());
  WEIR_CHECK(opened.ready());
  WEIR_ASSIGN(const auto file, opened.take());
  return SpillQueue(files, file);
}

SpillQueue::SpillQueue(SpillQueue&& other) noexcept
    : files_(std::exchange(other.files_, nullptr)),
      file_(other.file_),
      records_(std::move(other.records_)),
      end_(other.end_),
      rows_(other.rows_) {}

SpillQueue::~SpillQueue() {
  if (files_ != nullptr) files_->close(file_);
}

Result<void> SpillQueue::push(const Batch& batch, std::int64_t representedRows, std::int64_t firstRow,
                              std::int64_t sinceNanos, MemoryAccount& account) {
  WEIR_ASSIGN(const auto dense, batch.dense());
  ipc::WriteOptions options;
  options.envelope = true;
  WEIR_ASSIGN(const auto text, ipc::writeStream(dense.schema(), std::span(&dense, 1), options));
  WEIR_ASSIGN(auto bytes, Buffer::copyOf(text, account));
  const auto size = bytes.size();
  auto written = files_->write(file_, end_, std::move(bytes), Waker());
  WEIR_CHECK(written.ready());
  WEIR_TRY(written.take());
  records_.push_back(Record{end_, size, representedRows, firstRow, sinceNanos});
  end_ += size;
  rows_ += representedRows;
  return {};
}

Result<SpillQueue::Popped> SpillQueue::pop(MemoryAccount& account) {
  const auto record = records_.front();
  records_.pop_front();
  rows_ -= record.rows;
  WEIR_ASSIGN(auto bytes, Buffer::allocate(record.bytes, account));
  auto reading = files_->read(file_, record.offset, bytes, 0, record.bytes, Waker());
  WEIR_CHECK(reading.ready());
  WEIR_TRY(reading.take());
  WEIR_ASSIGN(auto batches, ipc::readStream(bytes.text(), account));
  WEIR_CHECK(batches.size() == 1);
  return Popped{std::move(batches[0]), record.rows, record.firstRow, record.sinceNanos};
}

}  // namespace weir::runtime
