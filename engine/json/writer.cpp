// The writer's punctuation and layout.
#include "engine/json/writer.h"

#include "engine/json/number.h"
#include "engine/json/text.h"

namespace weir::json {

void Writer::newLine() { out_.append(1, '\n').append(filled_.size() * 2, ' '); }

void Writer::beforeValue() {
  if (afterKey_) {
    afterKey_ = false;
    return;
  }
  if (filled_.empty()) return;
  if (filled_.back()) out_ += ',';
  filled_.back() = true;
  if (layout_ == Layout::pretty) newLine();
}

Writer& Writer::begin(char opener) {
  beforeValue();
  out_ += opener;
  filled_.push_back(false);
  return *this;
}

Writer& Writer::end(char closer) {
  const bool filled = filled_.back();
  filled_.pop_back();
  if (filled && layout_ == Layout::pretty) newLine();
  out_ += closer;
  return *this;
}

Writer& Writer::beginObject() { return begin('{'); }
Writer& Writer::endObject() { return end('}'); }
Writer& Writer::beginArray() { return begin('['); }
Writer& Writer::endArray() { return end(']'); }

Writer& Writer::key(std::string_view key) {
  if (layout_ == Layout::pretty || filled_.empty()) {
    beforeValue();
    appendQuoted(out_, {}, key, layout_ == Layout::pretty ? ": " : ":");
  } else {
    // With what lies around it in one go.
    appendQuoted(out_, filled_.back() ? "," : "", key, ":");
    filled_.back() = true;
  }
  afterKey_ = true;
  return *this;
}

Writer& Writer::null() { return raw("null"); }
Writer& Writer::value(bool value) { return raw(value ? "true" : "false"); }

Writer& Writer::value(std::int64_t value) {
  beforeValue();
  appendInt(out_, value);
  return *this;
}

Writer& Writer::value(std::uint64_t value) {
  beforeValue();
  appendUint(out_, value);
  return *this;
}

Writer& Writer::value(double value) {
  beforeValue();
  appendDouble(out_, value);
  return *this;
}

Writer& Writer::value(std::string_view value) {
  beforeValue();
  appendQuoted(out_, {}, value, {});
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  beforeValue();
  out_ += json;
  return *this;
}

Writer& Writer::value(const Value& value) {
  switch (value.kind()) {
    case ValueKind::null:
      return null();
    case ValueKind::boolean:
      return this->value(*value.asBool());
    case ValueKind::int64:
      return this->value(*value.asInt64());
    case ValueKind::uint64: {
      std::uint64_t number = 0;
      (void)value.toUint64(number);
      return this->value(number);
    }
    case ValueKind::float64: {
      if (!value.exactText().empty()) return raw(value.exactText());
      double number = 0;
      (void)value.toDouble(number);
      return this->value(number);
    }
    case ValueKind::string:
      return this->value(std::string_view(*value.asString()));
    case ValueKind::array:
      beginArray();
      for (const auto& element : *value.asArray()) this->value(element);
      return endArray();
    case ValueKind::object:
      beginObject();
      for (const auto& member : *value.asObject()) key(member.key).value(member.value);
      return endObject();
  }
  return *this;
}

void appendValue(std::string& out, const Value& value, Layout layout) { Writer(out, layout).value(value); }

std::string write(const Value& value, Layout layout) {
  std::string out;
  appendValue(out, value, layout);
  return out;
}

}  // namespace weir::json
