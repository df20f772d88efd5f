// ChunkCursor: one CSV file as a row of chunks of whole records, its header checked and taken off.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/csv/splitter.h"
#include "nodes/files/csv-read/read-plan.h"

namespace weir::nodes::csv_read {

class ChunkCursor {
 public:
  struct Options {
    csv::Drift drift = csv::Drift::error;
    TextEncoding encoding = TextEncoding::automatic;
    std::int64_t maxRecordBytes = 16 << 20;
    /// A file that ends within this many bytes is one chunk.
    std::int64_t targetBytes = 1 << 20;
  };
  /// Trouble with one record that had to be skipped.
  struct Skipped {
    std::int64_t line = 0;
    Error error;
    std::string text;
  };

  ChunkCursor(const ReadPlan& plan, Options options, Files& files, Codecs* codecs, MemoryAccount& account,
              const FoundFile& file);

  /// Looks for the next chunk. ready: chunk() is there, or skipped(), or atEnd(). An error means that no more comes of
  /// this file.
  [[nodiscard]] Result<Poll> next(const Waker& waker);
  [[nodiscard]] bool atEnd() const noexcept { return atEnd_; }
  /// Whole records, with csv::kPaddingBytes behind them; empty if there is none.
  [[nodiscard]] std::string_view chunk() const noexcept;
  [[nodiscard]] std::int64_t line() const noexcept { return line_; }  // at which the chunk begins
  /// Up to where chunks were taken or dropped, in the file's text.
  [[nodiscard]] std::int64_t position() const noexcept { return stream_.offset(); }
  [[nodiscard]] std::int64_t offset() const noexcept { return offset_; }  // in the file's text
  /// The layout of the file if it is not the plan's.
  [[nodiscard]] const std::optional<Layout>& layout() const noexcept { return layout_; }
  [[nodiscard]] std::optional<Skipped> takeSkipped() { return std::exchange(skipped_, std::nullopt); }
  /// Takes the chunk away as a buffer.
  [[nodiscard]] Result<Buffer> takeChunk();
  /// Has read the chunk where it is.
  void dropChunk();
  [[nodiscard]] std::int64_t takeReadBytes() noexcept { return stream_.takeReadBytes(); }

 private:
  [[nodiscard]] Result<bool> cutChunk();
  void giveUp();

  const ReadPlan& plan_;
  Options options_;
  FileStream stream_;
  csv::RecordSplitter splitter_;
  std::optional<Layout> layout_;
  std::optional<Error> broken_;
  std::optional<Skipped> skipped_;
  std::int64_t target_;
  std::int64_t chunkBegin_ = 0, chunkEnd_ = 0;  // in the window
  std::int64_t line_ = 1, offset_ = 0;
  bool started_ = false, skipping_ = false, atEnd_ = false, splitting_ = false;
};

}  // namespace weir::nodes::csv_read
