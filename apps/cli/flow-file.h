// A flow document from a file: read, checked, its problems told.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/command.h"
#include "engine/flow/document.h"
#include "engine/flow/make-plan.h"
#include "engine/flow/problem.h"

namespace weir::cli {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// `name=value` texts into pairs; `flag` names the option in the error.
[[nodiscard]] Result<NamedTexts> namedTexts(const std::vector<std::string>& given, std::string_view flag);

/// Problems, one a line, on standard error.
void printProblems(const flow::Problems& problems, const std::string& file);
/// Problems as objects that also name their file.
void addProblems(const flow::Problems& problems, const std::string& file, json::Value& list);

/// The document, or nothing and its problems printed, or added to `list` if there is one.
[[nodiscard]] std::optional<flow::FlowDocument> readFlow(const std::string& path, json::Value* list = nullptr);

/// What --set, --mount and the flow's folder say about how it is planned.
[[nodiscard]] Result<flow::PlanOptions> planOptions(const std::string& path, const std::vector<std::string>& sets,
                                                    const std::vector<std::string>& mounts = {});

/// The folder that holds the file.
[[nodiscard]] std::string folderOf(const std::string& path);

}  // namespace weir::cli
