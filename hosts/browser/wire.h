// Wire: how arguments and answers of host calls lie in memory: little-endian numbers, texts behind their length.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::browser {

class WireWriter {
 public:
  WireWriter& flag(bool value) { return raw(static_cast<std::uint8_t>(value ? 1 : 0)); }
  WireWriter& word(std::uint32_t value) { return raw(value); }
  /// A whole number up to 2^53 in size, as JavaScript has them.
  WireWriter& number(std::int64_t value) { return raw(static_cast<double>(value)); }
  WireWriter& text(std::string_view value) {
    word(static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
    return *this;
  }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  template <class T>
  WireWriter& raw(T value) {
    char copied[sizeof value];
    std::memcpy(copied, &value, sizeof value);
    bytes_.append(copied, sizeof value);
    return *this;
  }
  std::string bytes_;
};

/// Reads what JavaScript wrote. What is not there reads as 0 or empty, and `intact` is false.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}
  bool flag() { return raw<std::uint8_t>() != 0; }
  std::uint32_t word() { return raw<std::uint32_t>(); }
  double real() { return raw<double>(); }
  std::int64_t number() {
    const auto value = real();
    return value >= -9.0e15 && value <= 9.0e15 ? static_cast<std::int64_t>(value) : 0;
  }
  std::string_view text() {
    const auto size = word();
    if (size > rest_.size()) {
      intact_ = false;
      rest_ = {};
      return {};
    }
    const auto value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  [[nodiscard]] bool intact() const { return intact_; }
  [[nodiscard]] bool more() const { return intact_ && !rest_.empty(); }

 private:
  template <class T>
  T raw() {
    T value{};
    if (rest_.size() < sizeof value) {
      intact_ = false;
      rest_ = {};
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view rest_;
  bool intact_ = true;
};

}  // namespace weir::browser
