// FlowSource: a flow document whose form was checked, for who keeps it and needs none of its parts.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "engine/flow/problem.h"
#include "engine/json/document.h"

namespace weir::flow {

struct FlowSource {
  json::Document document;   // migrated
  std::string migratedFrom;  // the older format version, or empty

  [[nodiscard]] const json::Value& root() const { return document.root(); }
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] std::string description() const;
};

/// All problems of form at once, as parseFlow tells them.
[[nodiscard]] std::expected<FlowSource, Problems> parseSource(std::string_view text);
/// The same of what was read already; its root may be a part of what its text has.
[[nodiscard]] std::expected<FlowSource, Problems> readSource(json::Document document);

}  // namespace weir::flow
