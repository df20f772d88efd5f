// Questions about flow documents and nodes, and answers, as JSON.
#pragma once

#include <string>
#include <string_view>

#include "apps/wasm/page-run.h"
#include "apps/wasm/page.h"
#include "engine/flow/problem.h"

namespace weir::wasm {

/// {"ask": "nodes"} -> {nodes: [schema.json …]}; {"ask": "validate", "flow": TEXT} -> {problems, deterministic,
/// whyNotDeterministic, hosts: [{node, typeId, hosts}] of nodes that cannot run in a browser}; {"ask": "format",
/// "flow": TEXT} -> {text} or {problems}; {"ask": "diff", "before": TEXT, "after": TEXT, "all": BOOL, "format": "text"
/// | "markdown"}
/// -> {flow, same, summary, parts, text?}; {"ask": "merge", "base": TEXT | null, "ours": TEXT, "theirs": TEXT} ->
/// {text, theirs, conflicts, notes}; both: {document, problems} of a document that is none; {"ask": "version"} ->
/// {engine, document, nodes}.
[[nodiscard]] std::string answerTo(Page& page, std::string_view question);

[[nodiscard]] std::string errorJson(const Error& error);
[[nodiscard]] std::string problemsJson(const flow::Problems& problems);
[[nodiscard]] std::string openedJson(const PageRun& run);

}  // namespace weir::wasm
