// Layout of an arena block: if there are children, a count and the columns, then the 64-byte aligned pieces.
#include "engine/data/column-arena.h"

#include <cstring>
#include <memory>
#include <new>

#include "engine/data/check.h"

namespace weir {
namespace {

constexpr std::int64_t kCountBytes = 64;

std::int64_t childrenBytes(std::int64_t children) noexcept {
  if (children == 0) return 0;
  return kCountBytes + ((children * static_cast<std::int64_t>(sizeof(Column)) + 63) & ~std::int64_t{63});
}

std::int64_t& childCount(Block& block) noexcept { return *reinterpret_cast<std::int64_t*>(block.payload()); }

Column* childColumns(Block& block) noexcept { return reinterpret_cast<Column*>(block.payload() + kCountBytes); }

void disposeChildren(Block& block) noexcept {
  std::destroy_n(childColumns(block), static_cast<std::size_t>(childCount(block)));
}

}  // namespace

std::unexpected<Error> memoryLimit(std::int64_t bytes, const MemoryAccount& account) {
  return fail("memory.limit", std::to_string(bytes) +
                                  " more bytes do not fit: " + std::to_string(account.usedOfLimitBytes()) + " of " +
                                  std::to_string(account.limitBytes()) +
                                  " bytes are in use. Raise the memory limit, or use smaller batches.");
}

Result<ColumnArena> ColumnArena::make(const Plan& plan, MemoryAccount& account) {
  const auto head = childrenBytes(plan.children);
  ColumnArena arena;
  arena.block_ = BlockRef::adopt(Block::make(head + plan.bytes, account));
  if (!arena.block_) return memoryLimit(head + plan.bytes, account);
  arena.used_ = head;
  if (plan.children > 0) {
    ::new (arena.block_->payload()) std::int64_t(plan.children);
    std::uninitialized_default_construct_n(childColumns(*arena.block_.get()), static_cast<std::size_t>(plan.children));
    arena.block_->setDispose(disposeChildren);
  }
  return arena;
}

void* ColumnArena::takeBytes(std::int64_t bytes) noexcept {
  auto* at = block_->payload() + used_;
  used_ += (bytes + 63) & ~std::int64_t{63};
  WEIR_CHECK(used_ <= block_->capacityBytes());
  return at;
}

Column* ColumnArena::takeChildren(std::int64_t count) noexcept {
  auto* at = childColumns(*block_.get()) + childrenUsed_;
  childrenUsed_ += count;
  WEIR_CHECK(childrenUsed_ <= childCount(*block_.get()));
  return at;
}

Result<BlockRef> blockOfColumns(std::span<const Column> children, MemoryAccount& account) {
  ColumnArena::Plan plan;
  plan.children = static_cast<std::int64_t>(children.size());
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  auto* slots = plan.children > 0 ? arena.takeChildren(plan.children) : nullptr;
  for (const auto& child : children) *slots++ = child;
  return arena.block();
}

const Column* columnsOf(const BlockRef& block) noexcept { return childColumns(*block.get()); }

Result<Column> nullColumn(TypeRef type, std::int64_t rows, MemoryAccount& account) {
  Column column;
  column.type = std::move(type);
  column.length = rows;
  column.nullCount = rows;
  if (column.type->kind == Kind::null) return column;
  std::vector<Column> children;
  if (column.type->kind == Kind::list) {
    WEIR_ASSIGN(auto child, nullColumn(column.type->element, 0, account));
    children.push_back(std::move(child));
  } else if (column.type->kind == Kind::map) {
    for (const auto& field : column.type->fields) {
      WEIR_ASSIGN(auto child, nullColumn(field.type, rows, account));
      children.push_back(std::move(child));
    }
  } else if (column.type->kind == Kind::tensor) {
    std::int64_t width = 1;
    for (const auto n : column.type->shape) width *= n;
    WEIR_ASSIGN(auto child, nullColumn(Type::float64(), rows * width, account));
    children.push_back(std::move(child));
  }
  // One run of zeros serves as validity, values and offsets.
  ColumnArena::Plan plan;
  plan.children = static_cast<std::int64_t>(children.size());
  const auto zeroBytes = (rows + 1) * 8;
  plan.add(zeroBytes);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  auto* zeros = arena.take<std::uint8_t>(zeroBytes);
  std::memset(zeros, 0, static_cast<std::size_t>(zeroBytes));
  if (plan.children > 0) {
    auto* slots = arena.takeChildren(plan.children);
    column.children = slots;
    for (auto& child : children) *slots++ = std::move(child);
  }
  column.owner = arena.block();
  column.validity = zeros;
  column.values = zeros;
  column.offsets = reinterpret_cast<const std::int32_t*>(zeros);
  return column;
}

}  // namespace weir
