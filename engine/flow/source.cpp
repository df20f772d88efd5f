// Reads JSON, brings it up to date and checks its form.
#include "engine/flow/source.h"

#include <charconv>
#include <utility>

#include "engine/flow/migrate.h"
#include "engine/flow/shape.h"

namespace weir::flow {
namespace {

// The reader of JSON says "line 3, column 14: …".
void placeFromMessage(Problem& problem) {
  const std::string_view text = problem.message;
  if (!text.starts_with("line ")) return;
  const auto read = [&](std::size_t from, std::int64_t& number) {
    std::from_chars(text.data() + from, text.data() + text.size(), number);
  };
  read(5, problem.line);
  if (const auto at = text.find("column "); at != std::string_view::npos) read(at + 7, problem.column);
}

}  // namespace

const std::string& FlowSource::id() const { return *root().find("id")->asString(); }

std::string FlowSource::description() const {
  const auto* metadata = root().find("metadata");
  const auto* found = metadata == nullptr ? nullptr : metadata->find("description");
  return found != nullptr && found->isString() ? *found->asString() : std::string();
}

std::expected<FlowSource, Problems> parseSource(std::string_view text) {
  auto parsed = json::parse(text);
  if (!parsed) {
    Problems problems;
    Problem problem{Severity::error, std::string(parsed.error().code), "", parsed.error().message, "", 0, 0};
    placeFromMessage(problem);
    if (text.starts_with("<<<<<<<") || text.contains("\n<<<<<<<"))
      problem.suggestion =
          "A merge left a conflict here: keep one of its two sides, and delete the lines that begin with <<<<<<<, "
          "======= and >>>>>>>.";
    problems.add(std::move(problem));
    return std::unexpected(std::move(problems));
  }
  return readSource(std::move(*parsed));
}

std::expected<FlowSource, Problems> readSource(json::Document document) {
  Problems problems;
  FlowSource source;
  source.document = std::move(document);
  source.migratedFrom = migrateDocument(source.document.root(), problems);
  if (!problems.failed()) checkShape(source.root(), flowShape(), "", problems);
  if (problems.failed()) {
    problems.locate(source.document);
    return std::unexpected(std::move(problems));
  }
  return source;
}

}  // namespace weir::flow
