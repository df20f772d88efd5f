// files/json-read: one stage finds files, learns their columns and divides the large ones; the next reads and decodes.
#include <memory>
#include <utility>

#include "nodes/files/json-read/file-planner.h"
#include "nodes/files/json-read/file-work.h"
#include "nodes/files/json-read/json-read.gen.h"

namespace weir::nodes::json_read {
namespace {

Result<ReadOptions> optionsOf(const Settings& settings) {
  ReadOptions options;
  options.paths.push_back(settings.path);
  options.paths.insert(options.paths.end(), settings.morePaths.begin(), settings.morePaths.end());
  options.ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::warn ? IfNoFiles::warn : IfNoFiles::error;
  static constexpr Format kFormats[] = {Format::automatic, Format::lines, Format::array, Format::document};
  options.format = kFormats[static_cast<std::size_t>(settings.format)];
  WEIR_ASSIGN(options.schema, schemaOf(settings.schema));
  static constexpr Drift kDrifts[] = {Drift::error, Drift::widen, Drift::string};
  options.onDrift = kDrifts[static_cast<std::size_t>(settings.onDrift)];
  static constexpr Unknown kUnknowns[] = {Unknown::warn, Unknown::ignore, Unknown::error};
  options.unknownFields = kUnknowns[static_cast<std::size_t>(settings.unknownFields)];
  options.maxRecordBytes = settings.maxRecordBytes;
  return options;
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto options, optionsOf(settings));
  WEIR_ASSIGN(auto* files, context.host<Files>());
  const auto codecs = context.host<Codecs>();
  auto shared = std::make_shared<Shared>(std::move(options), context, *files, codecs ? *codecs : nullptr);
  auto node = std::make_unique<Node>();
  Stage find;
  find.makeTask = [shared]() -> Result<std::unique_ptr<Task>> { return std::make_unique<FilePlanner>(shared); };
  Stage parse;
  parse.parallelism = Stage::Parallelism::parallel;
  parse.work = std::make_shared<FileParse>(shared);
  node->stages.push_back(std::move(find));
  node->stages.push_back(std::move(parse));
  return node;
}

}  // namespace weir::nodes::json_read
