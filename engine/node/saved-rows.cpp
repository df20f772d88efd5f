// Rows as an Arrow stream inside a value.
#include "engine/node/saved-rows.h"

#include <array>

#include "engine/data/arrow-ipc.h"

namespace weir {

Result<void> saveRows(const Batch& rows, StateWriter& to) {
  WEIR_ASSIGN(auto dense, rows.dense());
  const auto schema = dense.schema();
  const std::array<Batch, 1> one{std::move(dense)};
  ipc::WriteOptions options;
  options.envelope = true;
  WEIR_ASSIGN(const auto text, ipc::writeStream(schema, one, options));
  WEIR_TRY(to.write(Value::bytes(text)));
  return {};
}

Result<Batch> restoreRows(StateReader& from, MemoryAccount& account) {
  WEIR_ASSIGN(const auto saved, from.readValue());
  if (saved.kind() != ValueKind::bytes) return fail("state.mismatch", "saved rows are damaged");
  auto batches = ipc::readStream(saved.text(), account);
  if (!batches || batches->size() != 1) return fail("state.mismatch", "saved rows are damaged");
  return std::move(batches->front());
}

}  // namespace weir
