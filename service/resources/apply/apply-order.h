// ApplyOrder: what the body of POST /apply asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/flow/document.h"
#include "service/api/refusal.h"
#include "service/store/store.h"

namespace weir::api {

/// What the caller believes of a flow.
struct Belief {
  enum class Kind : std::uint8_t { any, absent, revision };
  Kind kind = Kind::any;
  std::int64_t revision = 0;
};

struct AppliedDocument {
  flow::FlowDocument document;
  std::string text;    // canonical
  std::string folder;  // where it is to be
  Belief belief;
};

struct RemovedFlow {
  std::string id;
  Belief belief;
};

struct ApplyOrder {
  std::vector<AppliedDocument> flows;
  std::vector<RemovedFlow> remove;
  bool publish = true;
  std::string message;
};

inline constexpr std::int64_t kMostApplied = 1000;

/// Refuses with all problems of the first document that is none; their pointers begin with its place in the body.
[[nodiscard]] Expected<ApplyOrder> applyOrderOf(const std::string& body);

}  // namespace weir::api
