// A shared library for check-c-data.py: hands sample batches to pyarrow, and takes some back, through the C data and
// stream interfaces.
#include "engine/data/arrow-c-stream.h"
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

/// All sample batches. 0: done.
[[gnu::visibility("default")]] int weirExportStream(ArrowArrayStream* stream) {
  auto batches = testing::sampleBatches(MemoryAccount::unlimited());
  if (batches.empty()) return 1;
  const auto schema = batches[0].schema();
  arrow::exportStream(
      schema,
      [batches = std::move(batches), next = std::size_t{0}]() mutable -> Result<std::optional<Batch>> {
        if (next == batches.size()) return std::nullopt;
        return batches[next++];
      },
      stream);
  return 0;
}

/// Takes a stream and writes its rows as NDJSON, an error as its last line; the bytes that it would take.
[[gnu::visibility("default")]] std::int64_t weirImportStream(ArrowArrayStream* stream, char* text, std::int64_t room) {
  std::string rows;
  auto import = arrow::StreamImport::open(stream, MemoryAccount::unlimited());
  if (!import) rows = import.error().message;
  while (import) {
    const auto batch = import->next();
    if (!batch) rows += batch.error().message;
    if (!batch || !*batch) break;
    for (std::int64_t row = 0; row < (*batch)->rows(); ++row) {
      appendRowJson(rows, **batch, row);
      rows += '\n';
    }
  }
  rows.copy(text, static_cast<std::size_t>(room));
  return static_cast<std::int64_t>(rows.size());
}

}  // extern "C"
