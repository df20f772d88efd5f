// From columns to the messages of Arrow's IPC format.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/arrow-type.h"
#include "engine/data/column.h"

namespace weir::arrow {

/// Takes bytes in order. What it returns is passed up.
using Sink = std::function<Result<void>(std::string_view)>;

/// Where a message stands in a file.
struct Placed {
  std::int64_t offset = 0;
  std::int64_t metadataBytes = 0;
  std::int64_t bodyBytes = 0;
};

/// The body of a message: pieces of column memory, or bytes made for it, each padded to `alignment`.
class Body {
 public:
  explicit Body(std::int64_t alignment) : alignment_(alignment) {}
  /// Lends bytes that outlive the body.
  void lend(const void* data, std::int64_t bytes);
  void own(std::string bytes);
  void node(std::int64_t rows, std::int64_t nulls);
  [[nodiscard]] const std::string& nodes() const noexcept { return nodes_; }
  [[nodiscard]] const std::string& buffers() const noexcept { return buffers_; }
  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_; }
  Result<void> writeTo(const Sink& sink) const;

 private:
  std::int64_t alignment_;
  std::deque<std::string> owned_;
  std::vector<std::string_view> pieces_;
  std::string nodes_, buffers_;
  std::int64_t bytes_ = 0;
};

/// Adds nodes and buffers of a column as `field` says: plain, or (hasDictionary) as codes.
void encodeColumn(const ArrowField& field, const Column& column, Body& body);
/// What dictionary a column written as codes has: its own entries, or itself where it is plain.
[[nodiscard]] Column entriesOf(const Column& column);

/// Frame and write one message; `placed` (with offset unset) tells its sizes.
Result<Placed> writeSchemaMessage(std::span<const ArrowField> fields, const std::string& version,
                                  std::int64_t alignment, const Sink& sink);
Result<Placed> writeBatchMessage(std::int64_t rows, const Body& body, std::int64_t alignment, const Sink& sink);
Result<Placed> writeDictionaryMessage(std::int64_t id, std::int64_t rows, const Body& body, std::int64_t alignment,
                                      const Sink& sink);
Result<void> writeEndOfStream(const Sink& sink);
/// Footer, its length and the closing magic of a file.
Result<void> writeFooter(std::span<const ArrowField> fields, const std::string& version,
                         std::span<const Placed> batches, const Sink& sink);

}  // namespace weir::arrow
