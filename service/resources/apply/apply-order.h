// ApplyOrder: what the body of POST /apply asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/flow/document.h"
#include "engine/host/asker.h"
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
  store::FlowChange change;  // with the canonical text
  std::string folder;        // where it is to be
  Belief belief;
  [[nodiscard]] const std::string& text() const { return *change.document; }
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

/// What was said of one flow of the body, with its place there: the problems of its document, and in words.
[[nodiscard]] Refusal inFlow(Refusal refusal, std::size_t number, std::string_view id);

/// Refuses with all problems of the first document that is none; their pointers begin with its place in the body; it
/// looks at each document whether the asker is still there.
[[nodiscard]] Expected<ApplyOrder> applyOrderOf(const std::string& body, const Asker& asker);

}  // namespace weir::api
