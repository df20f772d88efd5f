// Value: construction, sharing and access.
#include "engine/data/value.h"

#include <cstdlib>
#include <limits>
#include <new>

#include "engine/data/value-parts.h"

namespace weir {

struct TextPart {
  std::atomic<std::int32_t> refs{1};

  [[nodiscard]] char* chars() noexcept { return reinterpret_cast<char*>(this) + sizeof(TextPart); }

  static TextPart* make(std::string_view text) {
    auto* memory = ::operator new(sizeof(TextPart) + text.size());
    auto* part = std::construct_at(static_cast<TextPart*>(memory));
    std::memcpy(part->chars(), text.data(), text.size());
    return part;
  }
};

namespace {

template <class Part>
void retainPart(void* part) noexcept {
  static_cast<Part*>(part)->refs.fetch_add(1, std::memory_order_relaxed);
}

template <class Part>
[[nodiscard]] bool lastOf(void* part) noexcept {
  return static_cast<Part*>(part)->refs.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

template <class Part>
void dropPart(void* part) noexcept {
  if (lastOf<Part>(part)) std::unique_ptr<Part>(static_cast<Part*>(part)).reset();
}

}  // namespace

void Value::retain() const noexcept {
  switch (storage_) {
    case Storage::block:
      static_cast<Block*>(bits_.ref.owner)->retain();
      return;
    case Storage::textPart:
      retainPart<TextPart>(bits_.ref.owner);
      return;
    case Storage::listPart:
      retainPart<ListPart>(bits_.heap.part);
      return;
    case Storage::mapPart:
      retainPart<MapPart>(bits_.heap.part);
      return;
    case Storage::optionalPart:
      retainPart<OptionalPart>(bits_.heap.part);
      return;
    case Storage::none:
    case Storage::inside:
    case Storage::view:
      return;
  }
}

void Value::drop() noexcept {
  switch (storage_) {
    case Storage::block:
      static_cast<Block*>(bits_.ref.owner)->release();
      return;
    case Storage::textPart:
      if (lastOf<TextPart>(bits_.ref.owner)) ::operator delete(bits_.ref.owner);
      return;
    case Storage::listPart:
      dropPart<ListPart>(bits_.heap.part);
      return;
    case Storage::mapPart:
      dropPart<MapPart>(bits_.heap.part);
      return;
    case Storage::optionalPart:
      dropPart<OptionalPart>(bits_.heap.part);
      return;
    case Storage::none:
    case Storage::inside:
    case Storage::view:
      return;
  }
}

Value Value::inside(ValueKind kind, std::string_view text) noexcept {
  Value value;
  value.kind_ = kind;
  value.storage_ = Storage::inside;
  value.extra_ = static_cast<std::uint32_t>(text.size());
  if (!text.empty()) std::memcpy(value.bits_.chars, text.data(), text.size());
  return value;
}

Value Value::copied(ValueKind kind, std::string_view text) {
  WEIR_CHECK(text.size() <= std::numeric_limits<std::uint32_t>::max());
  if (text.size() <= kInsideBytes) return inside(kind, text);
  auto* part = TextPart::make(text);
  Value value;
  value.kind_ = kind;
  value.storage_ = Storage::textPart;
  value.extra_ = static_cast<std::uint32_t>(text.size());
  value.bits_.ref = {part->chars(), part};
  return value;
}

Value Value::opaque(OpaqueKind kind, std::string_view data) {
  Value value = copied(ValueKind::opaque, data);
  value.opaque_ = kind;
  return value;
}

Value Value::shared(ValueKind kind, std::string_view text, const BlockRef& owner) {
  if (text.size() <= kInsideBytes) return inside(kind, text);
  if (!owner) return copied(kind, text);
  WEIR_CHECK(text.size() <= std::numeric_limits<std::uint32_t>::max());
  Value value;
  value.kind_ = kind;
  value.storage_ = Storage::block;
  value.extra_ = static_cast<std::uint32_t>(text.size());
  owner->retain();
  value.bits_.ref = {text.data(), owner.get()};
  return value;
}

Value Value::view(ValueKind kind, std::string_view text) noexcept {
  WEIR_CHECK(text.size() <= std::numeric_limits<std::uint32_t>::max());
  Value value;
  value.kind_ = kind;
  value.storage_ = Storage::view;
  value.extra_ = static_cast<std::uint32_t>(text.size());
  value.bits_.ref = {text.data(), nullptr};
  return value;
}

Value Value::list(std::vector<Value> items) {
  Value value;
  value.kind_ = ValueKind::list;
  if (items.empty()) return value;
  auto part = std::make_unique<ListPart>();
  part->items = std::move(items);
  value.storage_ = Storage::listPart;
  value.bits_.heap.part = part.release();
  return value;
}

Value Value::map(std::vector<MapEntry> entries) {
  MapBuilder builder;
  builder.reserve(entries.size());
  for (auto& entry : entries) builder.set(std::move(entry.key), std::move(entry.value));
  return std::move(builder).build();
}

Value MapBuilder::build() && { return Value::mapOf(std::move(entries_), std::move(table_)); }

Value Value::mapOf(std::vector<MapEntry> entries, std::vector<std::uint32_t> table) {
  Value value;
  value.kind_ = ValueKind::map;
  if (entries.empty()) return value;
  auto part = std::make_unique<MapPart>();
  part->entries = std::move(entries);
  part->table = std::move(table);
  value.storage_ = Storage::mapPart;
  value.bits_.heap.part = part.release();
  return value;
}

Value Value::optionalOf(Value held) {
  auto part = std::make_unique<OptionalPart>();
  part->value = std::move(held);
  Value value;
  value.kind_ = ValueKind::optional;
  value.storage_ = Storage::optionalPart;
  value.bits_.heap.part = part.release();
  return value;
}

std::span<const Value> Value::items() const noexcept {
  if (storage_ != Storage::listPart) return {};
  return static_cast<const ListPart*>(bits_.heap.part)->items;
}

std::span<const MapEntry> Value::entries() const noexcept {
  if (storage_ != Storage::mapPart) return {};
  return static_cast<const MapPart*>(bits_.heap.part)->entries;
}

std::int64_t Value::size() const noexcept {
  switch (kind_) {
    case ValueKind::list:
      return static_cast<std::int64_t>(items().size());
    case ValueKind::map:
      return static_cast<std::int64_t>(entries().size());
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::type:
    case ValueKind::blob:
    case ValueKind::opaque:
      return extra_;
    case ValueKind::optional:
      return storage_ == Storage::optionalPart ? 1 : 0;
    case ValueKind::null:
    case ValueKind::boolean:
    case ValueKind::int64:
    case ValueKind::uint64:
    case ValueKind::float64:
    case ValueKind::timestamp:
    case ValueKind::duration:
      return 0;
  }
  return 0;
}

const Value* Value::find(const Value& key) const noexcept {
  if (storage_ != Storage::mapPart) return nullptr;
  return static_cast<const MapPart*>(bits_.heap.part)->find(key);
}

const Value* Value::find(std::string_view key) const noexcept {
  if (storage_ != Storage::mapPart) return nullptr;
  return static_cast<const MapPart*>(bits_.heap.part)->find(view(ValueKind::string, key));
}

const Value* Value::optionalValue() const noexcept {
  if (storage_ != Storage::optionalPart) return nullptr;
  return &static_cast<const OptionalPart*>(bits_.heap.part)->value;
}

Value Value::owned() const {
  switch (kind_) {
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::blob:
      if (storage_ == Storage::block || storage_ == Storage::view) return copied(kind_, text());
      return *this;
    case ValueKind::list: {
      std::vector<Value> copies;
      copies.reserve(items().size());
      for (const auto& item : items()) copies.push_back(item.owned());
      return list(std::move(copies));
    }
    case ValueKind::map: {
      MapBuilder builder;
      for (const auto& entry : entries()) builder.set(entry.key.owned(), entry.value.owned());
      return std::move(builder).build();
    }
    case ValueKind::optional:
      return optionalValue() == nullptr ? *this : optionalOf(optionalValue()->owned());
    case ValueKind::null:
    case ValueKind::boolean:
    case ValueKind::int64:
    case ValueKind::uint64:
    case ValueKind::float64:
    case ValueKind::timestamp:
    case ValueKind::duration:
    case ValueKind::type:
    case ValueKind::opaque:
      return *this;
  }
  return *this;
}

std::int64_t Value::memoryBytes() const noexcept {
  std::int64_t bytes = static_cast<std::int64_t>(sizeof(Value));
  if (storage_ == Storage::textPart || storage_ == Storage::block) return bytes + extra_ + 16;
  for (const auto& item : items()) bytes += item.memoryBytes();
  for (const auto& entry : entries()) bytes += entry.key.memoryBytes() + entry.value.memoryBytes() + 4;
  if (const auto* held = optionalValue()) bytes += held->memoryBytes();
  return bytes;
}

}  // namespace weir
