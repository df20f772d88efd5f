// What a flow refers to outside of itself: secrets, mounts, subflows, code, and the requests that it answers.
#pragma once

#include <string>
#include <vector>

#include "engine/flow/document.h"
#include "engine/node/catalogue.h"
#include "service/folders/folder-book.h"

namespace weir::api {

struct References {
  std::vector<std::string> secrets, mounts, subflows;  // names, each once
  std::vector<std::string> codeNodes;                  // ids of nodes
};

/// Parameters count with their defaults, also inside other texts.
[[nodiscard]] References referencesOf(const flow::FlowDocument& document, const Catalogue& catalogue);
/// Of its webhooks, with defaults put in for parameters.
[[nodiscard]] std::vector<folders::HookClaim> hooksOf(const flow::FlowDocument& document);

}  // namespace weir::api
