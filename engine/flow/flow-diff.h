// FlowDiff: what one version of a flow document says otherwise than another, thing by thing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/document.h"

namespace weir::flow {

enum class FlowPart : std::uint8_t {
  flow,  // id, metadata, config and keys of one's own
  parameter,
  input,
  output,
  node,
  edge,
  group,
  note,
  widget,
  dashboard,
  alert,
  test,  // of NAME.test.json
  place  // where a thing stands on the canvas, and its size
};
[[nodiscard]] std::string_view nameOf(FlowPart part);

enum class PartChange : std::uint8_t { added, removed, changed };
[[nodiscard]] std::string_view nameOf(PartChange change);

/// One value that differs.
struct Difference {
  std::string path;     // from the part, for a person: `settings.measures[revenue].of`
  std::string pointer;  // RFC 6901, in the canonical new document; what is removed: in the canonical old one
  std::optional<json::Value> before, after;
};

struct PartDiff {
  FlowPart part = FlowPart::flow;
  PartChange change = PartChange::changed;
  std::string id;        // in the new document; what is removed: in the old one
  std::string formerId;  // of one that was renamed
  std::string about;     // `logic/filter 1.0.0`, `read.rows → paid.rows`
  std::string pointer;
  /// What differs; of what is added or removed, all that it has.
  std::vector<Difference> differences;
};

struct FlowDiff {
  std::string name;  // the flow's id
  std::vector<PartDiff> parts;
  bool cut = false;  // more differs than is told: see DiffRoom

  [[nodiscard]] bool empty() const { return parts.empty(); }
};

struct DiffOptions {
  /// Positions, sizes, colours, times of creation and saving, and the order of lists of the document too.
  bool all = false;
};

/// Nodes, edges and the like are told apart by id (else name), so that moving one in its list is no difference. Nodes
/// are known again under another id by what they do, edges by what they join. What is written counts: a setting that is
/// given its default is not the same as one that is left out.
[[nodiscard]] FlowDiff diffFlows(const FlowDocument& before, const FlowDocument& after,
                                 const DiffOptions& options = {});

/// The same of documents as canonicalFlow gives them. An empty object is a document without anything.
[[nodiscard]] FlowDiff diffCanonical(json::Value before, json::Value after, const DiffOptions& options = {});

/// Of two files of tests (`parseFlowTests` has read both), which are told apart by name.
[[nodiscard]] FlowDiff diffTests(const json::Value& before, const json::Value& after);

}  // namespace weir::flow
