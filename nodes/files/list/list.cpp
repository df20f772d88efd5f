// files/list: what lies in folders, as rows.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/node/file-rows.h"
#include "nodes/files/list/list.gen.h"

namespace weir::nodes::list {
namespace {

const SchemaRef& rowSchema() {
  static const SchemaRef schema = Schema::of({{"path", Type::string(), false},
                                              {"name", Type::string(), false},
                                              {"folder", Type::string(), false},
                                              {"size", Type::int64(), false},
                                              {"modified", Type::timestamp(), false}});
  return schema;
}

/// `logs/*.log` -> `logs/**/*.log`.
std::string withFoldersBelow(const std::string& path) {
  const auto at = path.find_last_of("/:");
  const auto begin = at == std::string::npos ? 0 : at + 1;
  const auto folder = path.substr(0, begin);
  if (folder.ends_with("**/") || path.ends_with("**")) return path;
  return folder + "**/" + path.substr(begin);
}

std::string folderOf(const FoundFile& file) {
  const auto at = file.path.find_last_of("/:");
  const auto cut = at == std::string::npos ? 0 : at + 1;
  return file.path.substr(0, cut > 1 && file.path[cut - 1] == '/' ? cut - 1 : cut);
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* files, context.host<Files>());
  FileList::Options options;
  options.paths.push_back(settings.path);
  options.paths.insert(options.paths.end(), settings.morePaths.begin(), settings.morePaths.end());
  if (settings.recursive) std::ranges::transform(options.paths, options.paths.begin(), withFoldersBelow);
  options.ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::error ? IfNoFiles::error : IfNoFiles::warn;
  FileRowShape shape{
      .schema = rowSchema(), .path = 0, .name = 1, .size = 3, .modified = 4, .own = 2, .ownText = folderOf};
  return makeFileRows(std::move(shape), std::move(options), *files, context);
}

}  // namespace weir::nodes::list
