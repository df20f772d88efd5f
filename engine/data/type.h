// Type: what a column holds; CEL's types, with Arrow's physical layout.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// Kind -> Arrow layout:
///   null -> null; boolean -> bitmap; int64, uint64, float64 -> primitive; string -> utf8 (int32 offsets) or a
///   dictionary of it with int32 indices; bytes -> binary; timestamp, duration -> int64 in `unit`; list -> list (int32
///   offsets); map -> struct of `fields` (a map with unknown keys is `any`); tensor -> fixed-size list of float64
///   (`shape`); blob -> binary holding a BlobRef (extension weir.blob); any -> binary holding encoded Values (extension
///   weir.any).
enum class Kind : std::uint8_t {
  null,
  boolean,
  int64,
  uint64,
  float64,
  string,
  bytes,
  timestamp,
  duration,
  list,
  map,
  tensor,
  blob,
  any
};
enum class TimeUnit : std::uint8_t { micros, nanos };

struct Type;

/// Shares a Type; scalar types are constants and cost nothing to copy.
class TypeRef {
 public:
  TypeRef() noexcept = default;
  explicit TypeRef(const Type* adopted) noexcept : type_(adopted) {}
  TypeRef(const TypeRef& other) noexcept;
  TypeRef(TypeRef&& other) noexcept : type_(std::exchange(other.type_, nullptr)) {}
  TypeRef& operator=(TypeRef other) noexcept {
    std::swap(type_, other.type_);
    return *this;
  }
  ~TypeRef();
  [[nodiscard]] const Type* get() const noexcept { return type_; }
  [[nodiscard]] const Type* operator->() const noexcept { return type_; }
  [[nodiscard]] const Type& operator*() const noexcept { return *type_; }
  [[nodiscard]] explicit operator bool() const noexcept { return type_ != nullptr; }
  /// Same structure (field names, order, nullability, units included).
  [[nodiscard]] friend bool operator==(const TypeRef& a, const TypeRef& b) noexcept { return same(a, b); }

 private:
  static bool same(const TypeRef& a, const TypeRef& b) noexcept;
  static void drop(const Type* type) noexcept;
  const Type* type_ = nullptr;
};

/// One named member of a schema or of a map type.
struct Field {
  std::string name;
  TypeRef type;
  bool nullable = true;
  bool sensitive = false;
  [[nodiscard]] friend bool operator==(const Field&, const Field&) noexcept = default;
};

struct Type {
  Kind kind = Kind::null;
  TimeUnit unit = TimeUnit::micros;
  TypeRef element{};                           // list
  std::vector<Field> fields{};                 // map
  std::vector<std::int64_t> shape{};           // tensor
  mutable std::atomic<std::int32_t> refs{-1};  // -1: a constant, never counted

  [[nodiscard]] static TypeRef null();
  [[nodiscard]] static TypeRef boolean();
  [[nodiscard]] static TypeRef int64();
  [[nodiscard]] static TypeRef uint64();
  [[nodiscard]] static TypeRef float64();
  [[nodiscard]] static TypeRef string();
  [[nodiscard]] static TypeRef bytes();
  [[nodiscard]] static TypeRef timestamp(TimeUnit unit = TimeUnit::micros);
  [[nodiscard]] static TypeRef duration(TimeUnit unit = TimeUnit::micros);
  [[nodiscard]] static TypeRef blob();
  [[nodiscard]] static TypeRef any();
  [[nodiscard]] static TypeRef list(TypeRef element);
  [[nodiscard]] static TypeRef map(std::vector<Field> fields);
  [[nodiscard]] static TypeRef tensor(std::vector<std::int64_t> shape);
};

/// As flow documents and messages write it: `int`, `string`, `list<int>`, `map{a: int, b: string?}`, `timestamp[ns]`.
[[nodiscard]] std::string typeName(const Type& type);
/// The CEL name of a kind: null bool int uint double string bytes timestamp duration list map tensor blob any.
[[nodiscard]] std::string_view kindName(Kind kind);
/// Reads what typeName writes; nullptr-like empty ref if it is none.
[[nodiscard]] TypeRef parseTypeName(std::string_view text);

inline TypeRef::TypeRef(const TypeRef& other) noexcept : type_(other.type_) {
  if (type_ != nullptr && type_->refs.load(std::memory_order_relaxed) >= 0)
    type_->refs.fetch_add(1, std::memory_order_relaxed);
}

inline TypeRef::~TypeRef() {
  if (type_ != nullptr && type_->refs.load(std::memory_order_relaxed) >= 0) drop(type_);
}

}  // namespace weir
