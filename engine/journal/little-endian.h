// Numbers as the journal writes them, put at the end of a text and taken from the front of one.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::journal {

template <class T>
void put(std::string& to, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  to.append(bytes, sizeof(T));
}

inline void putText(std::string& to, std::string_view text) {
  put(to, static_cast<std::uint32_t>(text.size()));
  to += text;
}

/// Takes numbers and texts; after the first that is not there, all are 0 or empty and `bad` is set.
struct Taking {
  std::string_view rest;
  bool bad = false;

  template <class T>
  T number() {
    T value{};
    if (rest.size() < sizeof(T)) bad = true;
    if (bad) return value;
    std::memcpy(&value, rest.data(), sizeof(T));
    rest.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view text() {
    const auto bytes = number<std::uint32_t>();
    if (bad || rest.size() < bytes) {
      bad = true;
      return {};
    }
    const auto taken = rest.substr(0, bytes);
    rest.remove_prefix(bytes);
    return taken;
  }
};

}  // namespace weir::journal
