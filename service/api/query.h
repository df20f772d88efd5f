// Query: what stands behind the '?' of a request, checked by the rules of its route.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/api/refusal.h"

namespace weir::api {

struct QueryRule {
  enum class Kind : std::uint8_t { text, number, flag, choice };
  std::string_view name;
  Kind kind = Kind::text;
  std::string_view help;
  std::int64_t least = 0, most = std::numeric_limits<std::int64_t>::max();  // of a number
  std::string_view choices{};                                               // of a choice, with | between
  bool repeats = false;
};

class Query {
 public:
  /// `api.query` for what no rule names, what stands there twice, and values that are not what the rule wants.
  /// With `others` what no rule names is passed over.
  [[nodiscard]] static Expected<Query> parse(std::string_view text, std::span<const QueryRule> rules,
                                             bool others = false);

  /// Null if it is not there.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] bool flag(std::string_view name) const { return text(name) == "true"; }
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> given_;
};

}  // namespace weir::api
