// Which node reads or writes a file, and runs of nothing but a reader.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "apps/cli/place.h"
#include "engine/data/packet.h"
#include "engine/flow/plan.h"
#include "engine/node/catalogue.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// `csv`, `json`, `arrow`, `text`: by the file's name, else by its first bytes.
[[nodiscard]] std::string formatOf(const std::string& path, const std::string& asked);

/// The format to write, by `asked`, else by the ending of the name. Error `format.unknown`.
[[nodiscard]] Result<std::string> writtenFormatOf(const std::string& path, const std::string& asked);

/// The reader (or writer) of a format with its settings completed; `format.unknown` names those there are. A reader's
/// path `-` is the file of that name in the project folder: a TemporaryFile.
[[nodiscard]] Result<PlannedNode> readerOf(const std::string& format, const std::vector<std::string>& paths,
                                           const std::vector<std::pair<std::string, std::string>>& settings,
                                           const Catalogue& catalogue);
[[nodiscard]] Result<PlannedNode> writerOf(const std::string& format, const std::string& path,
                                           const std::vector<std::pair<std::string, std::string>>& settings,
                                           const Catalogue& catalogue);

/// An edge of the first output named, to the first input.
[[nodiscard]] PlannedEdge plainEdge(std::int32_t from, Port port, std::int32_t to);

struct ReadHandlers {
  std::function<bool(const Batch&)> rows;  // false: enough
  std::function<void(const ErrorPacket&)> errors;
};
/// Runs `reader` alone and hands over what it gives.
[[nodiscard]] Result<RunResult> readThrough(PlannedNode reader, const ReadHandlers& handlers,
                                            const std::string& projectFolder);

}  // namespace weir::cli
