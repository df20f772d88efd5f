// LineRows: from lines of a chunk to batches.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/data/batch.h"
#include "engine/node/node-context.h"
#include "engine/node/step-io.h"
#include "engine/regex/line-search.h"

namespace weir::nodes::text_read {

/// Which fields are wanted, and the schema of them.
struct Fields {
  bool line = true, file = true, number = true, offset = true;
  SchemaRef schema;
  [[nodiscard]] static Fields of(const FieldSet& needed);
};

/// Lines on their way out; texts lie in `text`.
struct Lines {
  std::string_view text;
  std::vector<regex::LineSpan> spans;
  std::vector<std::int64_t> numbers, offsets;  // filled if wanted
  void clear() {
    spans.clear();
    numbers.clear();
    offsets.clear();
  }
};

/// The rows of one file.
class LineRows {
 public:
  LineRows(const Fields& fields, NodeContext& context, std::string_view path, std::int64_t fileIndex);
  /// Emits lines as batches. `represented`: how many lines a source's filter looked at for these, or -1.
  Result<void> emit(const Lines& lines, std::int64_t sequence, std::int64_t represented, StepIo& io) const;

 private:
  [[nodiscard]] Result<Batch> batchOf(const Lines& lines, std::size_t from, std::size_t count,
                                      std::int64_t sequence) const;
  const Fields& fields_;
  NodeContext& context_;
  std::string path_;
  std::int64_t fileIndex_;
};

}  // namespace weir::nodes::text_read
