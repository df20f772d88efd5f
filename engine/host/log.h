// Log: where nodes and engine write lines for people.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct Log {
  static constexpr std::string_view kName = "log";
  virtual ~Log() = default;
  /// `node` is the id of the node, or empty for the run. Thread-safe.
  virtual void write(LogLevel level, std::string_view node, std::string_view message) = 0;
};

}  // namespace weir
