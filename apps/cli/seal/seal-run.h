// Makes the seal of a run, and looks at files for who holds one against them.
#pragma once

#include <optional>
#include <string>

#include "apps/cli/seal/file-witness.h"
#include "apps/cli/seal/seal.h"
#include "engine/flow/plan.h"
#include "engine/flow/validate.h"
#include "engine/runtime/run-result.h"
#include "hosts/native/native-files.h"

namespace weir::cli {

/// What is known before the run: everything but files and rows.
/// Error `seal.impossible` says why no two runs of this flow need be the same: a live source, a node that reaches
/// outside, what depends on the clock or on who comes first. `oneAtATime`: --mode sync.
[[nodiscard]] Result<Seal> beginSeal(const flow::FlowDocument& document, const Plan& plan,
                                     const flow::SubflowLoader& loadFlow, bool oneAtATime);

/// After the run. Errors: `seal.impossible` (it did not end well, a file was changed meanwhile, or is both read and
/// written), those of files.
[[nodiscard]] Result<Seal> endSeal(Seal begun, const Plan& plan, const RunResult& result, const FileWitness& witness,
                                   native::NativeFiles& files);

/// Length, digest, and rows of a file; `file` says how its rows are told apart. With `keep` a text that is small enough
/// is kept.
[[nodiscard]] Result<SealedFile> measure(const SealedFile& file, const std::string& systemPath, bool keep);

/// SHA-256 of a document's meaning.
[[nodiscard]] std::string meaningDigest(const flow::FlowDocument& document);

}  // namespace weir::cli
