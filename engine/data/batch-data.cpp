// Allocation of batches, and what they keep alive.
#include <algorithm>
#include <memory>
#include <new>

#include "engine/data/batch.h"
#include "engine/data/check.h"

namespace weir {
namespace {

/// Gives up the owners of columns in a row that share one with a single count.
void releaseOwners(Column* columns, std::int32_t count) noexcept {
  std::int32_t i = 0;
  while (i < count) {
    auto* owner = columns[i].owner.detach();
    std::int32_t same = 1;
    for (++i; i < count && columns[i].owner.get() == owner; ++i, ++same) static_cast<void>(columns[i].owner.detach());
    if (owner != nullptr) owner->release(same);
  }
}

void disposeBatch(Block& block) noexcept {
  auto* data = reinterpret_cast<Batch::Data*>(block.payload());
  releaseOwners(data->columns(), data->columnCount);
  std::destroy_n(data->columns(), data->columnCount);
  std::destroy_at(data);
}

void collectBlocks(const Column& column, std::vector<const Block*>& blocks);

void collectChildren(const Column& column, std::vector<const Block*>& blocks) {
  if (column.children == nullptr) return;
  std::size_t count = 1;
  if (column.type->kind == Kind::map) count = column.type->fields.size();
  for (std::size_t i = 0; i < count; ++i) collectBlocks(column.children[i], blocks);
}

void collectBlocks(const Column& column, std::vector<const Block*>& blocks) {
  if (column.owner) blocks.push_back(column.owner.get());
  if (column.validityOwner) blocks.push_back(column.validityOwner.get());
  collectChildren(column, blocks);
}

std::int64_t blockBytes(const Block& block) noexcept { return block.capacityBytes() + Block::kHeaderBytes; }

/// The common case without memory: all columns from one block, no children.
std::int64_t pinnedByOneBlock(std::span<const Column> columns) noexcept {
  const Block* only = nullptr;
  for (const auto& column : columns) {
    const auto* owner = column.owner.get();
    if (column.validityOwner || column.children != nullptr) return -1;
    if (owner == nullptr) continue;
    if (only != nullptr && only != owner) return -1;
    only = owner;
  }
  return only != nullptr ? blockBytes(*only) : 0;
}

/// References to one block, taken for several columns in a row, to be counted at once.
struct Owed {
  Block* owner = nullptr;
  std::int32_t count = 0;
  void pay() noexcept {
    if (count > 0) owner->retain(count);
    count = 0;
  }
  [[nodiscard]] BlockRef borrow(Block* block) noexcept {
    if (block == nullptr) return {};
    if (block != owner) {
      pay();
      owner = block;
    }
    ++count;
    return BlockRef::adopt(block);
  }
};

/// Onto raw memory.
void copyColumn(const Column& from, Column* to, Owed& owed) noexcept {
  ::new (to) Column{.type = from.type,
                    .owner = owed.borrow(from.owner.get()),
                    .validityOwner = from.validityOwner,
                    .validity = from.validity,
                    .values = from.values,
                    .offsets = from.offsets,
                    .children = from.children,
                    .offset = from.offset,
                    .length = from.length,
                    .nullCount = from.nullCount,
                    .dictionary = from.dictionary};
}

}  // namespace

Batch::Data* Batch::Data::makeBare(const SchemaRef& schema, MemoryAccount& account) noexcept {
  const auto count = schema->size();
  auto* block =
      Block::make(static_cast<std::int64_t>(sizeof(Data)) + count * static_cast<std::int64_t>(sizeof(Column)), account);
  if (block == nullptr) return nullptr;
  auto* data = ::new (block->payload()) Data();
  data->schema = schema;
  data->account = &account;
  data->columnCount = static_cast<std::int32_t>(count);
  block->setDispose(disposeBatch);
  return data;
}

Batch::Data* Batch::Data::make(const SchemaRef& schema, MemoryAccount& account) noexcept {
  auto* data = makeBare(schema, account);
  if (data != nullptr) std::uninitialized_value_construct_n(data->columns(), data->columnCount);
  return data;
}

Batch::Data* Batch::Data::makeAnyway(const SchemaRef& schema, MemoryAccount& account) noexcept {
  if (auto* data = makeBare(schema, account); data != nullptr) [[likely]]
    return data;
  auto* data = makeBare(schema, MemoryAccount::unlimited());
  WEIR_CHECK(data != nullptr);
  data->account = &account;
  return data;
}

Batch::Data* Batch::Data::likeness(const Data& of) noexcept {
  auto* data = makeAnyway(of.schema, *of.account);
  data->rows = of.rows;
  data->physicalRows = of.physicalRows;
  data->represented = of.represented;
  data->selection = of.selection;
  data->selected = of.selected;
  data->prefiltered = of.prefiltered;
  data->envelope = of.envelope;
  return data;
}

void Batch::Data::share(std::span<const Column> from) noexcept {
  Owed owed;
  auto* to = columns();
  for (const auto& column : from) copyColumn(column, to++, owed);
  owed.pay();
}

void Batch::Data::arrange(const Data& from, std::span<const std::int32_t> sources, std::span<Column> made) noexcept {
  Owed owed;
  auto* to = columns();
  for (const auto source : sources) {
    if (source < 0) {
      auto& column = made[static_cast<std::size_t>(-1 - source)];
      WEIR_CHECK(column.type && column.length == physicalRows);
      ::new (to++) Column(std::move(column));
    } else {
      WEIR_CHECK(source < from.columnCount);
      copyColumn(from.columns()[source], to++, owed);
    }
  }
  owed.pay();
}

bool Batch::mayPin(std::int64_t bytes) const noexcept {
  if (data_ == nullptr) return false;
  auto most = bytes - blockBytes(*block());
  if (data_->selection.block()) most -= blockBytes(*data_->selection.block().get());
  for (const auto& column : columns()) {
    if (column.children != nullptr) return pinnedBytes() > bytes;
    if (column.owner) most -= blockBytes(*column.owner.get());
    if (column.validityOwner) most -= blockBytes(*column.validityOwner.get());
  }
  // What several columns share was counted several times.
  return most < 0 && pinnedBytes() > bytes;
}

std::int64_t Batch::pinnedBytes() const noexcept {
  if (data_ == nullptr) return 0;
  if (const auto known = data_->pinned.load(std::memory_order_relaxed); known >= 0) return known;
  const auto own = blockBytes(*block());
  auto total = data_->selection.block() ? -1 : pinnedByOneBlock(columns());
  if (total < 0) {
    total = 0;
    std::vector<const Block*> blocks;
    if (data_->selection.block()) blocks.push_back(data_->selection.block().get());
    for (const auto& column : columns()) collectBlocks(column, blocks);
    std::ranges::sort(blocks);
    const auto repeated = std::ranges::unique(blocks);
    blocks.erase(repeated.begin(), repeated.end());
    for (const auto* block : blocks) total += blockBytes(*block);
  }
  data_->pinned.store(total + own, std::memory_order_relaxed);
  return total + own;
}

}  // namespace weir
