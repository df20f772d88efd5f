// FlatBuffers, as far as Arrow's metadata needs them: writing front to back, reading with every bound checked.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace weir::flat {

/// A field of a table that is about to be written. `reference`: four bytes that `point` fills in later.
struct Slot {
  std::int32_t id = 0;
  std::int32_t bytes = 4;
  std::uint64_t value = 0;
  bool reference = false;
};

/// Parents are written before what they refer to, so that all references point forward. Positions are from the start.
class Writer {
 public:
  Writer();
  /// Writes a table; returns its position.
  std::int64_t table(std::span<const Slot> slots);
  /// Where the reference of field `id` stands in a table written by this writer.
  [[nodiscard]] std::int64_t slotOf(std::int64_t table, std::int32_t id) const;
  void point(std::int64_t reference, std::int64_t target);
  std::int64_t text(std::string_view text);
  /// A vector of `count` references; the first stands 4 bytes behind the position returned.
  std::int64_t references(std::int64_t count);
  /// A vector of structs of 64-bit members, given as their little-endian bytes.
  std::int64_t structs(std::string_view bytes, std::int64_t count);
  void root(std::int64_t table) { point(0, table); }
  [[nodiscard]] const std::string& bytes() const noexcept { return out_; }

 private:
  void align(std::int64_t to, std::int64_t ahead = 0);
  void put(std::uint64_t value, std::int64_t bytes);
  std::string out_;
};

/// A reader shared by all tables of one buffer; the first bad offset makes it bad for good.
struct Source {
  std::string_view bytes;
  bool bad = false;
};

class Table;

/// A vector; empty if absent.
class Vector {
 public:
  Vector() noexcept = default;
  Vector(Source& source, std::int64_t at, std::int64_t count, std::int64_t width) noexcept
      : source_(&source), at_(at), count_(count), width_(width) {}
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  [[nodiscard]] Table table(std::int64_t index) const noexcept;
  /// 64-bit member `member` of the struct `index`.
  [[nodiscard]] std::int64_t int64(std::int64_t index, std::int64_t member) const noexcept;

 private:
  Source* source_ = nullptr;
  std::int64_t at_ = 0;
  std::int64_t count_ = 0;
  std::int64_t width_ = 0;
};

/// A table, or nothing (false) if absent or bad; all of its fields are then absent.
class Table {
 public:
  Table() noexcept = default;
  Table(Source& source, std::int64_t at) noexcept;
  [[nodiscard]] static Table root(Source& source) noexcept;

  [[nodiscard]] explicit operator bool() const noexcept { return source_ != nullptr; }
  template <class T>
  [[nodiscard]] T scalar(std::int32_t id, T otherwise) const noexcept {
    const auto at = field(id, static_cast<std::int64_t>(sizeof(T)));
    if (at < 0) return otherwise;
    T value;
    std::memcpy(&value, source_->bytes.data() + at, sizeof value);
    return value;
  }
  [[nodiscard]] Table table(std::int32_t id) const noexcept;
  [[nodiscard]] std::string_view text(std::int32_t id) const noexcept;
  /// Elements of `width` bytes each.
  [[nodiscard]] Vector vector(std::int32_t id, std::int64_t width) const noexcept;

 private:
  [[nodiscard]] std::int64_t field(std::int32_t id, std::int64_t bytes) const noexcept;
  [[nodiscard]] std::int64_t follow(std::int32_t id) const noexcept;
  Source* source_ = nullptr;
  std::int64_t at_ = 0;
  std::int64_t vtable_ = 0;
  std::int64_t vtableBytes_ = 0;
  std::int64_t tableBytes_ = 0;
};

}  // namespace weir::flat
