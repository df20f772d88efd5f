// Holds files against a seal.
#pragma once

#include <string>
#include <vector>

#include "apps/cli/flow-file.h"
#include "apps/cli/seal/seal.h"
#include "engine/flow/document.h"

namespace weir::cli {

struct SealCheck {
  std::string folder;        // the flow's, where paths without a mount lead
  std::string sealedFolder;  // where outputs may lie that are still as they were sealed; empty: nowhere
  NamedTexts mounts;
};

/// What differs, a sentence for each file; none: all inputs and outputs are the same, byte for byte. Errors
/// `seal.mount`, and those of files other than that one is not there.
[[nodiscard]] Result<std::vector<std::string>> differencesFrom(const Seal& seal, const SealCheck& check);

/// What differs between the flow that was sealed and this one; empty: they mean the same.
[[nodiscard]] std::string flowDifference(const Seal& seal, const flow::FlowDocument& document);

}  // namespace weir::cli
