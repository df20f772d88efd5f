// The quick way for bodies like those before, the slow one for the others.
#include "nodes/http/webhook/body-columns.h"

#include <algorithm>
#include <cstring>

#include "engine/data/bits.h"
#include "engine/data/value-json.h"
#include "engine/json/text.h"

namespace weir::nodes::http_webhook {
namespace {

constexpr std::size_t kMostFields = 2000;

TypeRef plainType(const Value& value) {
  switch (value.kind()) {
    case ValueKind::boolean:
      return Type::boolean();
    case ValueKind::int64:
      return Type::int64();
    case ValueKind::float64:
      return Type::float64();
    case ValueKind::string:
      return Type::string();
    case ValueKind::null:
    case ValueKind::uint64:
    case ValueKind::bytes:
    case ValueKind::timestamp:
    case ValueKind::duration:
    case ValueKind::list:
    case ValueKind::map:
    case ValueKind::type:
    case ValueKind::optional:
    case ValueKind::blob:
    case ValueKind::opaque:
      return Type::any();
  }
  return Type::any();
}

TypeRef widened(const TypeRef& known, const TypeRef& found) {
  if (!known || known->kind == found->kind) return found;
  const auto isNumber = [](const TypeRef& type) { return type->kind == Kind::int64 || type->kind == Kind::float64; };
  return isNumber(known) && isNumber(found) ? Type::float64() : Type::any();
}

}  // namespace

BodyColumns::BodyColumns(const FieldSet& needed, MemoryAccount& account) : needed_(needed), account_(account) {
  for (const auto& name : needed.names) slots_.push_back({name, json::KeyPattern(name), {}});
  settle();
}

void BodyColumns::settle() {
  std::vector<Field> fields;
  for (const auto& slot : slots_) fields.push_back({slot.name, slot.type ? slot.type : Type::any(), true, false});
  schema_ = Schema::of(std::move(fields));
}

Result<Batch> BodyColumns::read(std::span<const std::string_view> bodies, std::vector<Wrong>& wrong) {
  begin();
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const auto outcome = readBody(bodies[i]);
    if (outcome == Outcome::good) {
      for (auto& slot : slots_) skipTo(slot, rows_ + 1);
      ++rows_;
    } else if (outcome == Outcome::unlike) {
      wrong.clear();
      return readSlowly(bodies, wrong);
    } else {
      // The place of what was read of it is used again.
      for (auto& slot : slots_) {
        if (slot.rows <= rows_) continue;
        slot.rows = rows_;
        if (slot.type && slot.type->kind == Kind::string) slot.text.resize(rows_ == 0 ? 0 : slot.ends[rows_ - 1]);
        if (!slot.type || slot.type->kind == Kind::any) slot.values.resize(rows_);
      }
      const auto checked = parseJsonValue(bodies[i]);
      wrong.push_back({i, checked ? "the body cannot be read" : checked.error().message});
    }
  }
  return finish();
}

void BodyColumns::begin() {
  rows_ = 0;
  for (auto& slot : slots_) {
    slot.rows = 0;
    slot.text.clear();
    slot.values.clear();
  }
}

/// Rows up to `row` that nothing was said of are null.
void BodyColumns::skipTo(Slot& slot, std::size_t row) {
  for (; slot.rows < row; ++slot.rows) {
    if (slot.present.size() <= slot.rows) {
      slot.present.resize(slot.rows * 2 + 64);
      slot.words.resize(slot.rows * 2 + 64);
      slot.ends.resize(slot.rows * 2 + 64);
    }
    slot.present[slot.rows] = 0;
    slot.words[slot.rows] = 0;
    slot.ends[slot.rows] = static_cast<std::uint32_t>(slot.text.size());
    if (!slot.type || slot.type->kind == Kind::any) slot.values.emplace_back();
  }
}

BodyColumns::Outcome BodyColumns::readBody(std::string_view body) {
  if (body.empty()) return Outcome::wrong;
  structure_.build(body, 0, static_cast<std::uint32_t>(body.size()), json::TextKind::document);
  if (!structure_.problem().ok() || structure_.count() == 0) return Outcome::wrong;
  cursor_.start(structure_, 0);
  if (cursor_.kind() != json::Kind::object) return Outcome::unlike;
  if (!cursor_.enterObject()) return Outcome::wrong;
  std::size_t next = 0;
  for (;;) {
    Slot* slot = nullptr;
    if (next < slots_.size() && cursor_.tryField(slots_[next].pattern)) {
      slot = &slots_[next++];
    } else {
      std::string_view key;
      if (!cursor_.nextField(key)) break;
      const auto found = std::ranges::find_if(slots_, [&](const Slot& one) { return json::rawEquals(key, one.name); });
      if (found != slots_.end()) {
        slot = &*found;
        next = static_cast<std::size_t>(found - slots_.begin()) + 1;
      } else if (needed_.all) {
        return Outcome::unlike;
      }
    }
    if (slot == nullptr) {
      if (!cursor_.skip()) return Outcome::wrong;
      continue;
    }
    if (slot->rows > rows_) return Outcome::unlike;  // the key comes twice
    const auto outcome = readInto(*slot);
    if (outcome != Outcome::good) return outcome;
  }
  return cursor_.problem().ok() && cursor_.finish(structure_) ? Outcome::good : Outcome::wrong;
}

BodyColumns::Outcome BodyColumns::readInto(Slot& slot) {
  skipTo(slot, rows_ + 1);
  const auto kind = cursor_.kind();
  if (kind == json::Kind::null) return cursor_.getNull() ? Outcome::good : Outcome::wrong;
  if (!slot.type || slot.type->kind == Kind::any) {
    if (!slot.type) return Outcome::unlike;
    std::string_view raw;
    if (!cursor_.getRaw(raw)) return Outcome::wrong;
    auto value = parseJsonValue(raw);
    if (!value) return Outcome::wrong;
    slot.values.back() = std::move(*value);
    return Outcome::good;
  }
  slot.present[rows_] = 1;
  if (slot.type->kind == Kind::string) {
    if (kind != json::Kind::string) return Outcome::unlike;
    std::string_view text;
    if (!cursor_.getString(text, buffer_)) return Outcome::wrong;
    slot.text.append(text);
    slot.ends[rows_] = static_cast<std::uint32_t>(slot.text.size());
    return Outcome::good;
  }
  if (slot.type->kind == Kind::boolean) {
    bool truth = false;
    if (kind != json::Kind::boolean) return Outcome::unlike;
    if (!cursor_.getBool(truth)) return Outcome::wrong;
    slot.words[rows_] = truth ? 1 : 0;
    return Outcome::good;
  }
  if (kind != json::Kind::number) return Outcome::unlike;
  if (slot.type->kind == Kind::int64) {
    std::int64_t number = 0;
    if (!cursor_.getInt64(number)) return Outcome::unlike;
    slot.words[rows_] = static_cast<std::uint64_t>(number);
  } else {
    double number = 0;
    if (!cursor_.getDouble(number)) return Outcome::unlike;
    std::memcpy(&slot.words[rows_], &number, sizeof number);
  }
  return Outcome::good;
}

Result<Batch> BodyColumns::finish() {
  if (rows_ == 0) return Batch{};
  const auto rows = static_cast<std::int64_t>(rows_);
  std::vector<ColumnRoom> room;
  room.reserve(slots_.size());
  for (const auto& slot : slots_) room.push_back({static_cast<std::int64_t>(slot.text.size()), false});
  WEIR_ASSIGN(auto writer, BatchWriter::make(schema_, rows, room, account_));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    auto& slot = slots_[i];
    const auto at = static_cast<std::int64_t>(i);
    if (!slot.type || slot.type->kind == Kind::any) {
      WEIR_ASSIGN(auto column, weir::columnOf(Type::any(), slot.values, account_));
      writer.setColumn(at, std::move(column));
      continue;
    }
    for (std::size_t row = 0; row < rows_; ++row) {
      if (slot.present[row] == 0) writer.setNull(at, static_cast<std::int64_t>(row));
    }
    if (slot.type->kind == Kind::string) {
      auto* offsets = writer.offsets(at);
      for (std::size_t row = 0; row < rows_; ++row) offsets[row + 1] = static_cast<std::int32_t>(slot.ends[row]);
      if (!slot.text.empty()) std::memcpy(writer.text(at), slot.text.data(), slot.text.size());
    } else if (slot.type->kind == Kind::boolean) {
      auto* truths = writer.bits(at);
      std::memset(truths, 0, static_cast<std::size_t>(bits::bytesFor(rows)));
      for (std::size_t row = 0; row < rows_; ++row) {
        if (slot.words[row] != 0) truths[row / 8] = static_cast<std::uint8_t>(truths[row / 8] | 1U << (row % 8));
      }
    } else if (slot.type->kind == Kind::int64) {
      std::memcpy(writer.ints(at), slot.words.data(), rows_ * sizeof(std::uint64_t));
    } else {
      std::memcpy(writer.doubles(at), slot.words.data(), rows_ * sizeof(std::uint64_t));
    }
  }
  return writer.finish(rows, {});
}

void BodyColumns::learn(std::string_view name, const Value& value) {
  if (!needed_.contains(name)) return;
  auto found = std::ranges::find(slots_, name, &Slot::name);
  if (found == slots_.end()) {
    slots_.push_back({std::string(name), json::KeyPattern(name), {}});
    found = std::prev(slots_.end());
  }
  if (!value.isNull()) found->type = widened(found->type, plainType(value));
}

Result<Batch> BodyColumns::readSlowly(std::span<const std::string_view> bodies, std::vector<Wrong>& wrong) {
  std::vector<Value> rows;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    auto value = parseJsonValue(bodies[i]);
    if (!value) {
      wrong.push_back({i, value.error().message});
      continue;
    }
    if (value->kind() != ValueKind::map) {
      MapBuilder whole;
      whole.set(Value::string("value"), std::move(*value));
      value = std::move(whole).build();
    }
    if (value->entries().size() > kMostFields) {
      wrong.push_back({i, "the object has more than 2,000 fields"});
      continue;
    }
    rows.push_back(std::move(*value));
  }
  for (const auto& row : rows) {
    for (const auto& entry : row.entries()) {
      if (slots_.size() < kMostFields || !needed_.all) learn(entry.key.text(), entry.value);
    }
  }
  settle();
  BatchBuilder builder(schema_, account_);
  std::vector<Value> values(slots_.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const auto* value = row.find(slots_[i].name);
      values[i] = value == nullptr ? Value::null() : *value;
    }
    WEIR_TRY(builder.append(values));
  }
  if (rows.empty()) return Batch{};
  return builder.finish();
}

}  // namespace weir::nodes::http_webhook
