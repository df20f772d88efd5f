// Versions as the catalogue compares them (semver), and the engine's own.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

inline constexpr std::string_view kEngineVersion = "1.0.0";

/// `major.minor.patch[-prerelease]`; a prerelease comes before its release. Build metadata is not accepted.
struct Version {
  std::int64_t major = 0, minor = 0, patch = 0;
  std::string prerelease;

  [[nodiscard]] static std::optional<Version> parse(std::string_view text);
  [[nodiscard]] friend std::strong_ordering operator<=>(const Version& a, const Version& b) { return compare(a, b); }
  [[nodiscard]] friend bool operator==(const Version& a, const Version& b) { return compare(a, b) == 0; }

 private:
  static std::strong_ordering compare(const Version& a, const Version& b);
};

}  // namespace weir
