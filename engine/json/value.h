// A JSON value in memory: for documents, settings and API bodies, not for rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/json/number.h"

namespace weir::json {

struct Member;

enum class ValueKind : std::uint8_t { null, boolean, int64, uint64, float64, string, array, object };

/// The kind's name for messages: "null", "a boolean", "an integer", "a number", "a string", "a list", "an object".
[[nodiscard]] std::string_view nameOf(ValueKind kind);

/// Owns all below it; copied deeply, moved cheaply. Objects keep the order of insertion.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;

  Value();  // null
  ~Value();
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  // NOLINTBEGIN(google-explicit-constructor): values are built from literals
  Value(std::nullptr_t) : Value() {}
  Value(bool value);
  Value(std::int64_t value);
  Value(int value) : Value(std::int64_t{value}) {}
  Value(std::uint64_t value);
  Value(double value);
  Value(std::string value);
  Value(std::string_view value) : Value(std::string(value)) {}
  Value(const char* value) : Value(std::string(value)) {}
  // NOLINTEND(google-explicit-constructor)
  [[nodiscard]] static Value array();
  [[nodiscard]] static Value array(Array elements);
  [[nodiscard]] static Value object();
  [[nodiscard]] static Value object(Object members);

  [[nodiscard]] ValueKind kind() const { return static_cast<ValueKind>(data_.index()); }
  [[nodiscard]] bool isNull() const { return kind() == ValueKind::null; }
  [[nodiscard]] bool isString() const { return kind() == ValueKind::string; }
  [[nodiscard]] bool isArray() const { return kind() == ValueKind::array; }
  [[nodiscard]] bool isObject() const { return kind() == ValueKind::object; }
  [[nodiscard]] bool isNumber() const { return kind() >= ValueKind::int64 && kind() <= ValueKind::float64; }

  /// Each is null (a pointer) if the value is of another kind. asUint64 and asDouble are below.
  [[nodiscard]] const bool* asBool() const;
  [[nodiscard]] const std::int64_t* asInt64() const;
  [[nodiscard]] const std::string* asString() const;
  [[nodiscard]] const Array* asArray() const;
  [[nodiscard]] const Object* asObject() const;
  [[nodiscard]] Array* asArray();
  [[nodiscard]] Object* asObject();

  /// The number, if it is a number: every kind of number for toDouble, those that are not negative for toUint64.
  [[nodiscard]] bool toDouble(double& value) const;
  [[nodiscard]] bool toUint64(std::uint64_t& value) const;
  /// The digits as they stood in the text, if a double could not hold all of them (an integer beyond 64 bits, a
  /// decimal of more than 17 digits); else empty. Written again as they are.
  [[nodiscard]] std::string_view exactText() const;
  /// A double with the text it was read from.
  [[nodiscard]] static Value exactNumber(double value, std::string text);

  /// The member's value, or null (a pointer): no such key, or no object. Of equal keys the last.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  /// The element, or null.
  [[nodiscard]] const Value* at(std::int64_t index) const;
  /// By JSON pointer (RFC 6901): "" is this value, "/nodes/0/id". Null if there is none or the pointer is wrong.
  [[nodiscard]] const Value* findPointer(std::string_view pointer) const;
  [[nodiscard]] Value* findPointer(std::string_view pointer);
  /// Elements or members; 0 for all else.
  [[nodiscard]] std::int64_t count() const;

  /// Sets a member (of an object, or of null, which becomes one), in its old place if the key is there.
  Value& set(std::string key, Value value);
  /// Removes a member; false if there was none.
  bool remove(std::string_view key);
  /// Appends an element (to a list, or to null, which becomes one).
  Value& push(Value value);

  /// Where the value begins in the text it was read from, -1 if it was built.
  [[nodiscard]] std::int64_t offset() const { return offset_; }
  void setOffset(std::int64_t offset) { offset_ = offset; }

  /// Same kind, same content (objects: whatever the order). Numbers are equal if their values are: 1, 1.0, 1e0.
  [[nodiscard]] bool operator==(const Value& other) const { return equal(*this, other); }
  [[nodiscard]] static bool equal(const Value& a, const Value& b);

 private:
  struct Float {
    double value = 0;
    std::string text;
  };

  // In the order of ValueKind.
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, Float, std::string, Array, Object> data_;
  std::int64_t offset_ = -1;
};

struct Member {
  std::string key;
  Value value;
  std::int64_t keyOffset = -1;  // of its opening quote
};

inline Value::Value() = default;
inline Value::~Value() = default;
inline Value::Value(Value&& other) noexcept = default;
inline Value& Value::operator=(Value&& other) noexcept = default;
inline Value::Value(bool value) : data_(value) {}
inline Value::Value(std::int64_t value) : data_(value) {}
inline Value::Value(double value) : data_(Float{value, {}}) {}
inline Value::Value(std::string value) : data_(std::move(value)) {}
inline const bool* Value::asBool() const { return std::get_if<bool>(&data_); }
inline const std::int64_t* Value::asInt64() const { return std::get_if<std::int64_t>(&data_); }
inline const std::string* Value::asString() const { return std::get_if<std::string>(&data_); }
inline const Value::Array* Value::asArray() const { return std::get_if<Array>(&data_); }
inline const Value::Object* Value::asObject() const { return std::get_if<Object>(&data_); }
inline Value::Array* Value::asArray() { return std::get_if<Array>(&data_); }
inline Value::Object* Value::asObject() { return std::get_if<Object>(&data_); }

/// Escapes a key for use in a JSON pointer (~ is ~0, / is ~1) and appends it behind a '/'.
void appendPointer(std::string& pointer, std::string_view key);

}  // namespace weir::json
