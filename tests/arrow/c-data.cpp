// A shared library for check-c-data.py: hands a sample batch to pyarrow, and takes one back, through the C data
// interface.
#include "engine/data/arrow-c.h"
#include "engine/data/row-json.h"
#include "tests/arrow/sample.h"

using namespace weir;

extern "C" {

/// The first sample batch. 0: done.
[[gnu::visibility("default")]] int weirExportSample(ArrowArray* array, ArrowSchema* schema) {
  const auto batches = testing::sampleBatches(MemoryAccount::unlimited());
  return !batches.empty() && arrow::exportBatch(batches[0], array, schema) ? 0 : 1;
}

/// Takes a batch and writes its rows as NDJSON; the bytes that it would take, at most `room` written.
[[gnu::visibility("default")]] std::int64_t weirImportRows(ArrowArray* array, ArrowSchema* schema, char* text,
                                                           std::int64_t room) {
  const auto batch = arrow::importBatch(array, schema, MemoryAccount::unlimited());
  std::string rows;
  if (!batch) rows = batch.error().message;
  for (std::int64_t row = 0; batch && row < batch->rows(); ++row) {
    appendRowJson(rows, *batch, row);
    rows += '\n';
  }
  rows.copy(text, static_cast<std::size_t>(room));
  return static_cast<std::int64_t>(rows.size());
}

}  // extern "C"
