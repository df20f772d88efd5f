// StreamLines: the whole lines of a file that must be read in order: compressed, or of another encoding.
#pragma once

#include <string>

#include "engine/node/file-stream.h"
#include "nodes/files/text-read/range-reader.h"

namespace weir::nodes::text_read {

class StreamLines final : public LineChunks {
 public:
  StreamLines(Files& files, Codecs* codecs, MemoryAccount& account, std::string path, std::int64_t sizeHint,
              TextEncoding encoding, std::int64_t maxLineBytes)
      : stream_(files, codecs, account, std::move(path), sizeHint, optionsOf(encoding)), maxLineBytes_(maxLineBytes) {}

  [[nodiscard]] Result<Poll> next(const Waker& waker) override;
  [[nodiscard]] std::string_view chunk() const override {
    return stream_.window().substr(0, static_cast<std::size_t>(cut_));
  }
  [[nodiscard]] std::int64_t offset() const override { return stream_.offset(); }
  [[nodiscard]] std::int64_t takeReadBytes() override { return stream_.takeReadBytes(); }

 private:
  static FileStreamOptions optionsOf(TextEncoding encoding) {
    FileStreamOptions options;
    options.encoding = encoding;
    options.chunkBytes = RangeReader::kChunkBytes;
    return options;
  }
  FileStream stream_;
  std::int64_t maxLineBytes_;
  std::int64_t cut_ = 0, searched_ = 0;
  bool skipping_ = false;
  std::optional<Error> broken_;
};

}  // namespace weir::nodes::text_read
