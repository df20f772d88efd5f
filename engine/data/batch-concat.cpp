// Joining batches.
#include "engine/data/batch.h"
#include "engine/data/check.h"
#include "engine/data/column-copy.h"

namespace weir {

Result<Batch> concat(std::span<const Batch> batches, MemoryAccount& account) {
  WEIR_CHECK(!batches.empty());
  if (batches.size() == 1) return batches[0].dense();
  const auto& schema = batches[0].schema();
  std::vector<Batch> dense;
  dense.reserve(batches.size());
  auto* data = Batch::Data::make(schema, account);
  if (data == nullptr) return memoryLimit(schema->size() * static_cast<std::int64_t>(sizeof(Column)), account);
  auto joined = Batch::Data::wrap(data);
  EnvelopeJoin envelope;
  data->prefiltered = true;
  for (const auto& batch : batches) {
    WEIR_CHECK(batch.schema() == schema);
    WEIR_ASSIGN(auto rows, batch.dense());
    data->rows += rows.rows();
    data->represented += rows.representedRows();
    data->prefiltered = data->prefiltered && rows.prefiltered();
    envelope.add(rows.envelope(), rows.rows());
    dense.push_back(std::move(rows));
  }
  data->physicalRows = data->rows;
  data->envelope = std::move(envelope).finish();
  std::vector<ColumnParts> parts(static_cast<std::size_t>(schema->size()));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].reserve(dense.size());
    for (const auto& batch : dense)
      if (batch.rows() > 0 || parts[i].empty()) parts[i].push_back(&batch.columns()[i]);
  }
  WEIR_TRY(concatColumns(parts, {data->columns(), parts.size()}, account));
  return joined;
}

}  // namespace weir
