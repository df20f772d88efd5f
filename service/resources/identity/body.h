// Body: the members of a request's JSON object, checked one after the other; the first mistake counts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json/document.h"
#include "service/api/route.h"

namespace weir::api {

class Body {
 public:
  /// `known` are all its members, with spaces between.
  Body(const Call& call, std::string_view known);

  /// Absent: as if it was `otherwise`.
  [[nodiscard]] std::string text(std::string_view name, std::string otherwise = {});
  /// It must be there and not be empty.
  [[nodiscard]] std::string needed(std::string_view name);
  [[nodiscard]] bool flag(std::string_view name, bool otherwise);
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                    std::int64_t most);
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) const;
  /// Null if it is not there.
  [[nodiscard]] const json::Value* find(std::string_view name) const;
  void refuseOnce(std::string detail);
  /// `api.body`: what was wrong first.
  [[nodiscard]] const std::optional<Refusal>& refused() const { return refused_; }

 private:
  std::optional<json::Document> document_;
  std::optional<Refusal> refused_;
};

}  // namespace weir::api
