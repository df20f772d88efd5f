// Batches to the payloads of records, and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/arrow-encode.h"
#include "engine/data/arrow-read.h"
#include "engine/data/batch.h"
#include "engine/journal/format.h"

namespace weir::journal {

/// The rows of one schema. Strings are written plain: a segment can be read from any record on once the schemas are
/// known.
class RowEncoder {
 public:
  /// `wholeEnvelope`: as field `weir.envelope`, for rows that differ in more than their sequence.
  RowEncoder(SchemaRef schema, bool wholeEnvelope);
  [[nodiscard]] static bool needsWholeEnvelope(const Batch& batch) { return batch.envelope().detail != nullptr; }
  Result<void> schema(std::string& to) const;
  /// A dense batch of the schema.
  Result<void> rows(const Batch& batch, std::string& to) const;

 private:
  SchemaRef schema_;
  bool whole_;
  std::vector<arrow::ArrowField> fields_;
};

class RowDecoder {
 public:
  /// `payload` of a record `schema`.
  [[nodiscard]] static Result<RowDecoder> make(std::string_view payload, MemoryAccount& account);
  /// `payload` of a record `batch`.
  [[nodiscard]] Result<Batch> rows(const RecordHead& head, std::string_view payload) const;

 private:
  explicit RowDecoder(MemoryAccount& account) : intake_(account), account_(&account) {}
  arrow::Intake intake_;
  MemoryAccount* account_;
};

}  // namespace weir::journal
