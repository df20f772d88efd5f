// Flow documents from files.
#include "apps/cli/flow-file.h"

#include <cstdio>
#include <filesystem>

namespace weir::cli {
namespace fs = std::filesystem;

Result<NamedTexts> namedTexts(const std::vector<std::string>& given, std::string_view flag) {
  NamedTexts pairs;
  for (const auto& text : given) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail("settings.invalid", std::string(flag) + " '" + text + "': write name=value");
    }
    pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

void addProblems(const flow::Problems& problems, const std::string& file, json::Value& list) {
  for (const auto& problem : problems) {
    auto value = flow::toJson(problem);
    value.set("file", file);
    list.push(std::move(value));
  }
}

void printProblems(const flow::Problems& problems, const std::string& file) {
  for (const auto& problem : problems) std::fprintf(stderr, "%s\n", flow::describe(problem, file).c_str());
}

std::optional<flow::FlowDocument> readFlow(const std::string& path, json::Value* list) {
  const auto text = readText(path);
  if (!text) {
    if (list == nullptr) {
      printError(text.error());
      return std::nullopt;
    }
    flow::Problems unreadable;
    unreadable.error(text.error().code, "", text.error().message);
    addProblems(unreadable, path, *list);
    return std::nullopt;
  }
  auto document = flow::parseFlow(*text);
  if (document) return std::move(*document);
  if (list != nullptr) {
    addProblems(document.error(), path, *list);
  } else {
    printProblems(document.error(), path);
  }
  return std::nullopt;
}

std::string folderOf(const std::string& path) {
  const auto folder = fs::absolute(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Result<flow::PlanOptions> planOptions(const std::string& path, const std::vector<std::string>& sets,
                                      const std::vector<std::string>& mounts) {
  flow::PlanOptions options;
  WEIR_ASSIGN(const auto given, namedTexts(sets, "--set"));
  for (const auto& [name, text] : given) options.parameters.insert_or_assign(name, json::Value(text));
  WEIR_ASSIGN(const auto folders, namedTexts(mounts, "--mount"));
  auto& names = options.mounts.emplace();
  for (const auto& [name, folder] : folders) names.push_back(name);
  options.hosts = std::vector<std::string>{"clock",   "random",  "files", "log",    "codecs", "http",
                                           "ingress", "streams", "sql",   "broker", "mail"};
  options.needsCode = true;
  options.loadFlow = [folder = folderOf(path)](std::string_view id) -> Result<std::string> {
    return readText(folder + "/" + std::string(id) + ".flow.json");
  };
  return options;
}

}  // namespace weir::cli
