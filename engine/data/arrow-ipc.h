// Arrow's IPC format, stream and file: what leaves memory as a table.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/data/arrow-encode.h"
#include "engine/data/batch.h"

/// Writes what pyarrow and npm apache-arrow read: schema version, sensitive fields, `weir.any`, `weir.blob` and tensor
/// shapes go into metadata. Reads that back as it was, and foreign data as arrow-type.h says. Little-endian,
/// uncompressed. Errors of reading: `arrow.truncated`, `arrow.invalid`, `arrow.unsupported`, `arrow.compressed`,
/// `memory.limit`; no input crashes it or makes it allocate beyond what the input holds.
namespace weir::ipc {

using arrow::Sink;

struct WriteOptions {
  bool envelope = false;        // as last field `weir.envelope`
  std::int64_t alignment = 64;  // 8 or 64
};

/// Top-level string columns that are dictionaries in the first batch are written as such, their dictionary replaced
/// where it changes; the schema is written with the first batch, or at finish.
class StreamWriter {
 public:
  StreamWriter(Sink sink, SchemaRef schema, WriteOptions options = {});
  ~StreamWriter();
  StreamWriter(StreamWriter&&) noexcept;
  StreamWriter& operator=(StreamWriter&&) noexcept;
  /// The batch has the writer's schema. Errors of the sink, `memory.limit`.
  Result<void> write(const Batch& batch);
  /// The end-of-stream mark.
  Result<void> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The file format, which allows one dictionary a field and no replacing: strings are written plain.
class FileWriter {
 public:
  FileWriter(Sink sink, SchemaRef schema, WriteOptions options = {});
  ~FileWriter();
  FileWriter(FileWriter&&) noexcept;
  FileWriter& operator=(FileWriter&&) noexcept;
  Result<void> write(const Batch& batch);
  Result<void> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct ReadOptions {
  std::int64_t maxMetadataBytes = std::int64_t{64} << 20;
  std::int64_t maxBodyBytes = std::int64_t{2} << 30;
};

/// Takes a stream in pieces of any size.
class StreamReader {
 public:
  explicit StreamReader(MemoryAccount& account, ReadOptions options = {});
  ~StreamReader();
  StreamReader(StreamReader&&) noexcept;
  StreamReader& operator=(StreamReader&&) noexcept;
  void feed(std::string_view bytes);
  /// The next batch, if its bytes are all there; else feed more. Nothing for good once ended() holds. After an error it
  /// gives the same error again. A `weir.envelope` column becomes the envelope.
  [[nodiscard]] Result<std::optional<Batch>> next();
  /// nullptr until the schema message was read.
  [[nodiscard]] const SchemaRef& schema() const noexcept;
  [[nodiscard]] bool ended() const noexcept;
  /// Call when no bytes are left: `arrow.truncated` if a message is cut off. A stream may end without its mark; behind
  /// the mark nothing may follow (`arrow.invalid`), lest a second stream be passed over.
  Result<void> finish() const;
  /// What was fed behind the end-of-stream mark: a file's footer.
  [[nodiscard]] std::string_view behindEnd() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Fills `to` from `offset` on, whole, or fails.
using ReadAt = std::function<Result<void>(std::int64_t offset, std::span<std::byte> to)>;

class FileReader {
 public:
  [[nodiscard]] static Result<FileReader> open(ReadAt readAt, std::int64_t fileBytes, MemoryAccount& account,
                                               ReadOptions options = {});
  ~FileReader();
  FileReader(FileReader&&) noexcept;
  FileReader& operator=(FileReader&&) noexcept;
  [[nodiscard]] const SchemaRef& schema() const noexcept;
  [[nodiscard]] std::int64_t batches() const noexcept;
  [[nodiscard]] Result<Batch> batch(std::int64_t index);

 private:
  struct Impl;
  explicit FileReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The mark that a file begins with, padding included.
inline constexpr std::string_view kFileMagic{"ARROW1\0\0", 8};
/// For who reads a file as the stream that it holds: checks what stands behind the end mark of that stream, the footer
/// for `batches` batches, its size and the closing mark. `arrow.truncated` if any of it is cut off, `arrow.invalid`.
[[nodiscard]] Result<void> checkFileTail(std::string_view tail, std::int64_t batches);

/// A whole stream from memory, and to it.
[[nodiscard]] Result<std::vector<Batch>> readStream(std::string_view bytes, MemoryAccount& account);
[[nodiscard]] Result<std::string> writeStream(SchemaRef schema, std::span<const Batch> batches,
                                              WriteOptions options = {});

}  // namespace weir::ipc
