// Values to columns.
#include "nodes/files/json-read/row-decoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "engine/data/bits.h"
#include "engine/data/value-json.h"
#include "engine/json/document.h"
#include "engine/json/text.h"
#include "engine/text/base64.h"
#include "engine/time/instant.h"

namespace weir::nodes::json_read {
namespace {

constexpr auto kRows = static_cast<std::size_t>(kMaxBatchRows);
constexpr std::size_t kShownValueBytes = 80;

std::uint64_t wordOf(double value) {
  std::uint64_t word = 0;
  std::memcpy(&word, &value, sizeof word);
  return word;
}

bool isNested(weir::Kind kind) {
  return kind == weir::Kind::list || kind == weir::Kind::map || kind == weir::Kind::any || kind == weir::Kind::tensor ||
         kind == weir::Kind::blob || kind == weir::Kind::null;
}

}  // namespace

RowDecoder::RowDecoder(const ReadPlan& plan, NodeContext& context)
    : plan_(plan),
      context_(context),
      namesChecked_(plan.complete() && !plan.valueRows() && plan.options().unknownFields == Unknown::error),
      fields_(plan.names()) {
  for (const auto& column : plan.columns()) {
    Slot slot{.kind = column.type->kind, .dictionary = column.dictionary};
    slot.micros = column.type->unit == TimeUnit::micros;
    slot.rawText = column.rawText;
    slot.validity.assign(static_cast<std::size_t>(bits::bytesFor(kMaxBatchRows)), 0xFF);
    if (slot.kind == weir::Kind::boolean) {
      slot.truths.resize(kRows);
    } else if (slot.kind == weir::Kind::string || slot.kind == weir::Kind::bytes) {
      slot.numbers.resize(kRows + 1);
    } else if (!isNested(slot.kind)) {
      slot.words.resize(kRows);
    }
    slots_.push_back(std::move(slot));
  }
}

RowDecoder::Outcome RowDecoder::read(json::Cursor& cursor) {
  if (std::exchange(abandoned_, true)) forgetRow();
  ++reading_;
  set_ = wrong_ = 0;
  auto outcome = Outcome::good;
  if (plan_.valueRows()) {
    if (slots_.empty()) return cursor.skip() ? Outcome::good : Outcome::syntax;
    outcome = readColumn(0, cursor);
    if (outcome == Outcome::drift) return firstWrong();
  } else if (cursor.kind() != json::Kind::object) {
    if (std::string_view raw; cursor.getRaw(raw)) {
      return drifted("expected an object, found '" + std::string(raw.substr(0, kShownValueBytes)) +
                     "'; a file whose rows are not all objects needs a mixed sample, or a run of its own");
    }
    return Outcome::syntax;
  } else {
    outcome = namesChecked_ ? readKnown(cursor) : readObject(cursor);
  }
  if (outcome == Outcome::good && set_ < slots_.size()) fillMissing();
  return outcome;
}

RowDecoder::Outcome RowDecoder::readObject(json::Cursor& cursor) {
  if (!cursor.enterObject()) return Outcome::syntax;
  fields_.begin();
  for (;;) {
    const auto field = fields_.next(cursor);
    if (field == json::Fields::kEnd) return wrong_ == 0 ? Outcome::good : firstWrong();
    if (field == json::Fields::kWrong) return Outcome::syntax;
    if (readColumn(static_cast<std::size_t>(field), cursor) == Outcome::syntax) return Outcome::syntax;
  }
}

/// What does not fit is remembered: if the key comes again, the last one counts.
RowDecoder::Outcome RowDecoder::readColumn(std::size_t column, json::Cursor& cursor) {
  auto& slot = slots_[column];
  const auto outcome = readField(slot, cursor);
  if (outcome == Outcome::drift) {
    if (slot.wrongIn != reading_) ++wrong_;
    slot.wrongIn = reading_;
    slot.wrong = {driftCode_, "column '" + plan_.names()[column] + "': " + drift_};
  }
  return outcome;
}

RowDecoder::Outcome RowDecoder::firstWrong() {
  const auto slot = std::ranges::find(slots_, reading_, &Slot::wrongIn);
  driftCode_ = slot->wrong.code;
  drift_ = slot->wrong.message;
  return Outcome::drift;
}

RowDecoder::Outcome RowDecoder::drifted(std::string message) {
  driftCode_ = "json.drift";
  drift_ = std::move(message);
  return Outcome::drift;
}

/// Valid JSON, but more than a double holds.
RowDecoder::Outcome RowDecoder::tooLarge(json::Cursor& cursor) {
  if (cursor.problem().fault != json::Fault::numberRange) return Outcome::syntax;
  const auto text = cursor.scalarText();
  cursor.forgive();
  driftCode_ = "json.number_range";
  drift_ = "the number is too large for a double (about 1.8e308), found '" +
           std::string(text.substr(0, kShownValueBytes)) + "'; to keep its digits, read the column as string (" +
           "schema, with onDrift string)";
  return Outcome::drift;
}

/// Every key must be one of the columns.
RowDecoder::Outcome RowDecoder::readKnown(json::Cursor& cursor) {
  if (!cursor.enterObject()) return Outcome::syntax;
  std::string_view key;
  while (cursor.nextField(key)) {
    const auto& names = plan_.names();
    const auto at = std::ranges::find_if(names, [&](const std::string& name) { return json::rawEquals(key, name); });
    if (at == names.end()) {
      return drifted("the field '" + std::string(key.substr(0, kShownValueBytes)) +
                     "' is none of the columns; add it to schema, or set unknownFields");
    }
    if (readColumn(static_cast<std::size_t>(at - names.begin()), cursor) == Outcome::syntax) return Outcome::syntax;
  }
  if (!cursor.problem().ok()) return Outcome::syntax;
  return wrong_ == 0 ? Outcome::good : firstWrong();
}

RowDecoder::Outcome RowDecoder::readField(Slot& slot, json::Cursor& cursor) {
  if (slot.setIn != reading_) [[likely]] {
    slot.setIn = reading_;
    ++set_;
  } else {
    // The key came before in this row, and the last one counts.
    if (slot.nulls) bits::put(slot.validity.data(), row_, true);
    if (slot.wrongIn == reading_) {
      slot.wrongIn = 0;
      --wrong_;
    }
  }
  if (isNested(slot.kind)) return readNested(slot, cursor);
  const auto kind = cursor.kind();
  if (kind == json::Kind::null) {
    if (!cursor.getNull()) return Outcome::syntax;
    putNull(slot);
    return Outcome::good;
  }
  switch (slot.kind) {
    case weir::Kind::int64:
    case weir::Kind::uint64:
    case weir::Kind::float64:
      return readNumber(slot, cursor);
    case weir::Kind::boolean:
      return readBoolean(slot, cursor);
    case weir::Kind::string:
      return readText(slot, cursor);
    default:
      return readEncoded(slot, cursor);
  }
}

RowDecoder::Outcome RowDecoder::readNumber(Slot& slot, json::Cursor& cursor) {
  auto& word = slot.words[static_cast<std::size_t>(row_)];
  if (cursor.kind() != json::Kind::number) {
    std::string_view text;
    if (slot.kind != weir::Kind::float64 || cursor.kind() != json::Kind::string) return wrongKind(slot, cursor);
    if (!cursor.getRawString(text)) return Outcome::syntax;
    if (text != "NaN" && text != "Infinity" && text != "-Infinity") return wrongKind(slot, cursor);
    word = wordOf(text == "NaN" ? std::nan("") : text == "Infinity" ? HUGE_VAL : -HUGE_VAL);
    return Outcome::good;
  }
  json::Number number;
  if (!cursor.getNumber(number)) return tooLarge(cursor);
  if (slot.kind == weir::Kind::float64) {
    word = wordOf(number.asDouble());
    return Outcome::good;
  }
  if (number.kind == json::NumberKind::float64) {
    const auto value = number.float64;
    // 5.0 is a whole number too; minus zero is not, it would lose its sign.
    const bool whole = std::fabs(value) < 0x1p53 && std::trunc(value) == value && !(value == 0 && std::signbit(value));
    if (!whole || (slot.kind == weir::Kind::uint64 && value < 0)) return wrongKind(slot, cursor);
    word = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    return Outcome::good;
  }
  const bool fits = slot.kind == weir::Kind::int64 ? number.kind == json::NumberKind::int64
                                                   : number.kind == json::NumberKind::uint64 || number.int64 >= 0;
  if (!fits) return wrongKind(slot, cursor);
  word = number.uint64;
  return Outcome::good;
}

RowDecoder::Outcome RowDecoder::readBoolean(Slot& slot, json::Cursor& cursor) {
  if (cursor.kind() != json::Kind::boolean) return wrongKind(slot, cursor);
  bool value = false;
  if (!cursor.getBool(value)) return Outcome::syntax;
  slot.truths[static_cast<std::size_t>(row_)] = value ? 1 : 0;
  return Outcome::good;
}

RowDecoder::Outcome RowDecoder::readText(Slot& slot, json::Cursor& cursor) {
  std::string_view text;
  if (cursor.kind() == json::Kind::string) {
    if (!cursor.getString(text, buffer_)) return Outcome::syntax;
  } else {
    const bool asText = slot.rawText || plan_.options().onDrift == Drift::string;
    if (!asText || cursor.kind() == json::Kind::none) return wrongKind(slot, cursor);
    if (!cursor.getRaw(text)) return Outcome::syntax;
  }
  putText(slot, text);
  return Outcome::good;
}

/// Times, lengths of time and bytes stand in strings.
RowDecoder::Outcome RowDecoder::readEncoded(Slot& slot, json::Cursor& cursor) {
  std::string_view text;
  if (cursor.kind() != json::Kind::string) return wrongKind(slot, cursor);
  if (!cursor.getString(text, buffer_)) return Outcome::syntax;
  if (slot.kind == weir::Kind::bytes) {
    const auto bytes = decodeBase64(text);
    if (!bytes) return wrongKind(slot, cursor);
    putText(slot, *bytes);
    return Outcome::good;
  }
  std::optional<std::int64_t> word;
  if (slot.kind == weir::Kind::timestamp) {
    if (const auto instant = tryParseInstant(text)) word = slot.micros ? toMicros(*instant) : toNanos(*instant);
  } else if (const auto span = parseSpan(text)) {
    word = slot.micros ? toMicros(*span) : toNanos(*span);
  }
  if (!word) return wrongKind(slot, cursor);
  slot.words[static_cast<std::size_t>(row_)] = static_cast<std::uint64_t>(*word);
  return Outcome::good;
}

RowDecoder::Outcome RowDecoder::readNested(Slot& slot, json::Cursor& cursor) {
  std::string_view raw;
  auto before = cursor;
  if (!cursor.getRaw(raw)) return Outcome::syntax;
  json::ParseOptions options;
  options.duplicateKeys = json::DuplicateKeys::keepLast;
  auto document = json::parse(raw, options);
  if (!document) {
    // The place is that inside the value.
    const auto& message = document.error().message;
    driftCode_ = document.error().code;
    drift_ = message.substr(std::min(message.size(), message.find(": ") + 2));
    return Outcome::drift;
  }
  const auto& type = *plan_.columns()[static_cast<std::size_t>(&slot - slots_.data())].type;
  keepDigits(type, document->root());
  auto value = fromJson(document->root());
  std::string dropped;
  if (!coerce(type, value, dropped)) return wrongKind(slot, before);
  if (!dropped.empty() && unknown_.empty()) unknown_ = dropped;
  slot.values.resize(static_cast<std::size_t>(row_));
  slot.values.push_back(std::move(value));
  return Outcome::good;
}

RowDecoder::Outcome RowDecoder::wrongKind(const Slot& slot, json::Cursor& cursor) {
  std::string_view raw;
  if (!cursor.getRaw(raw)) return Outcome::syntax;
  const auto& type = *plan_.columns()[static_cast<std::size_t>(&slot - slots_.data())].type;
  auto shown = raw.substr(0, kShownValueBytes);
  while (shown.size() < raw.size() && !shown.empty() && (static_cast<unsigned char>(shown.back()) & 0x80U) != 0) {
    shown.remove_suffix(1);
  }
  return drifted("expected " + typeName(type) + ", found '" + std::string(shown) +
                 "'; correct it, give the column another type in schema, or set onDrift");
}

void RowDecoder::putText(Slot& slot, std::string_view text) {
  const auto at = static_cast<std::size_t>(row_);
  if (slot.dictionary) {
    slot.numbers[at] = slot.codes.codeOf(text);
    return;
  }
  slot.text.resize(static_cast<std::size_t>(slot.numbers[at]));
  slot.text.append(text);
  slot.numbers[at + 1] = static_cast<std::int32_t>(slot.text.size());
}

void RowDecoder::putNull(Slot& slot) {
  const auto at = static_cast<std::size_t>(row_);
  if (isNested(slot.kind)) {
    slot.values.resize(at);
    slot.values.emplace_back();
    return;
  }
  slot.nulls = true;
  auto& bits = slot.validity[at >> 3U];
  bits = static_cast<std::uint8_t>(bits & ~(1U << (at & 7U)));
  if (slot.kind == weir::Kind::string || slot.kind == weir::Kind::bytes) {
    if (slot.dictionary) {
      slot.numbers[at] = 0;
    } else {
      slot.numbers[at + 1] = slot.numbers[at];
    }
  } else if (slot.kind == weir::Kind::boolean) {
    slot.truths[at] = 0;
  } else {
    slot.words[at] = 0;
  }
}

void RowDecoder::fillMissing() {
  for (auto& slot : slots_) {
    if (slot.setIn != reading_) putNull(slot);
  }
}

/// The place of a row that was not kept is used again.
void RowDecoder::forgetRow() {
  for (auto& slot : slots_) {
    if (slot.nulls) bits::put(slot.validity.data(), row_, true);
  }
}

void RowDecoder::reset() {
  row_ = 0;
  abandoned_ = false;
  for (auto& slot : slots_) {
    if (slot.nulls) std::ranges::fill(slot.validity, std::uint8_t{0xFF});
    slot.nulls = false;
    slot.text.clear();
    slot.values.clear();
    if (slot.dictionary) slot.codes.clear();
  }
}

std::string RowDecoder::takeUnknown() {
  if (unknownTaken_ || plan_.options().unknownFields == Unknown::ignore) return {};
  if (unknown_.empty() && plan_.complete() && !plan_.valueRows()) unknown_ = fields_.unwanted();
  if (!unknown_.empty()) unknownTaken_ = true;
  return unknown_;
}

Result<Batch> RowDecoder::finish(Envelope envelope) {
  if (row_ == 0) return Batch{};
  std::vector<ColumnRoom> room;
  for (const auto& slot : slots_) {
    const bool plain = (slot.kind == weir::Kind::string || slot.kind == weir::Kind::bytes) && !slot.dictionary;
    room.push_back({plain ? std::int64_t{slot.numbers[static_cast<std::size_t>(row_)]} : 0, slot.dictionary});
  }
  WEIR_ASSIGN(auto writer, BatchWriter::make(plan_.schema(), row_, room, context_.account()));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    WEIR_TRY(fill(writer, static_cast<std::int64_t>(i), slots_[i]));
  }
  auto batch = writer.finish(row_, std::move(envelope));
  reset();
  return batch;
}

Result<void> RowDecoder::fill(BatchWriter& writer, std::int64_t at, Slot& slot) {
  const auto rows = static_cast<std::size_t>(row_);
  if (isNested(slot.kind)) {
    slot.values.resize(rows);
    WEIR_ASSIGN(auto column, columnOf(plan_.schema()->field(at).type, slot.values, context_.account()));
    writer.setColumn(at, std::move(column));
    return {};
  }
  if (slot.nulls) {
    auto* validity = writer.validity(at);
    std::memcpy(validity, slot.validity.data(), static_cast<std::size_t>(bits::bytesFor(row_)));
    std::int64_t nulls = 0;
    for (std::int64_t row = 0; row < row_; ++row) nulls += (validity[row >> 3] >> (row & 7) & 1) == 0 ? 1 : 0;
    writer.markNulls(at, nulls);
  }
  if (slot.kind == weir::Kind::boolean) {
    auto* truths = writer.bits(at);
    std::memset(truths, 0, static_cast<std::size_t>(bits::bytesFor(row_)));
    for (std::size_t row = 0; row < rows; ++row) {
      truths[row >> 3U] = static_cast<std::uint8_t>(truths[row >> 3U] | slot.truths[row] << (row & 7U));
    }
  } else if (slot.dictionary) {
    if (slot.codes.size() == 0) static_cast<void>(slot.codes.codeOf(""));
    std::memcpy(writer.codes(at), slot.numbers.data(), rows * 4);
    WEIR_ASSIGN(auto entries, slot.codes.entries(context_.account()));
    writer.setDictionary(at, std::move(entries));
  } else if (slot.kind == weir::Kind::string || slot.kind == weir::Kind::bytes) {
    std::memcpy(writer.offsets(at), slot.numbers.data(), (rows + 1) * 4);
    const auto bytes = static_cast<std::size_t>(slot.numbers[rows]);
    if (bytes > 0) std::memcpy(writer.text(at), slot.text.data(), bytes);
  } else {
    std::memcpy(slot.kind == weir::Kind::uint64    ? static_cast<void*>(writer.uints(at))
                : slot.kind == weir::Kind::float64 ? static_cast<void*>(writer.doubles(at))
                                                   : static_cast<void*>(writer.ints(at)),
                slot.words.data(), rows * 8);
  }
  return {};
}

}  // namespace weir::nodes::json_read
