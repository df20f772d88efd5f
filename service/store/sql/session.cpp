// What all sessions share.
#include "service/store/sql/session.h"

#include <utility>

namespace weir::store::sql {
namespace {

std::string escaped(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern;
}

}  // namespace

Result<std::optional<Row>> Session::queryOne(std::string_view sql, Values values) {
  WEIR_ASSIGN(auto rows, query(sql, values));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::string beginningWith(std::string_view text) { return escaped(text) + '%'; }
std::string holding(std::string_view text) { return '%' + escaped(text) + '%'; }

}  // namespace weir::store::sql
