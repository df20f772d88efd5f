// Makes conditions of folders and of rights.
#include "service/store/sql/reach-sql.h"

#include <algorithm>

namespace weir::store::sql {
namespace {

bool isEverywhere(const std::vector<std::string>& folders) { return std::ranges::contains(folders, std::string()); }

/// One of the conditions holds; what has none is never so.
void oneOf(Narrowed statement, std::string_view column, const std::vector<std::string>& folders, std::string_view flow,
           const std::vector<std::string>& flows) {
  auto& [sql, texts] = statement;
  const std::string name(column);
  sql += " AND (1 = 0";
  for (const auto& folder : folders) {
    // The folder, and all below it: '0' comes behind '/'.
    sql += " OR " + name + " = ? OR (" + name + " > ? AND " + name + " < ?)";
    texts.insert(texts.end(), {folder, folder + '/', folder + '0'});
  }
  for (const auto& one : flows) {
    sql += " OR " + std::string(flow) + " = ?";
    texts.push_back(one);
  }
  sql += ')';
}

}  // namespace

void onlyInFolders(Narrowed statement, std::string_view column, const std::vector<std::string>& folders) {
  if (!isEverywhere(folders)) oneOf(statement, column, folders, {}, {});
}

void onlyInReach(Narrowed statement, const auth::Reach& reach, std::string_view folder, std::string_view flow) {
  static const std::vector<std::string> kNone;
  if (!isEverywhere(reach.folders)) oneOf(statement, folder, reach.folders, flow, flow.empty() ? kNone : reach.flows);
  if (!reach.within.empty()) onlyInFolders(statement, folder, reach.within);
}

}  // namespace weir::store::sql
