// What a flow has is counted in its row, so that a folder is one sum.
#include "service/store/sql/document-quota.h"

#include "service/auth/grants.h"
#include "service/store/sql/reach-sql.h"

namespace weir::store::sql {
namespace {

constexpr std::string_view kUse =
    "SELECT COUNT(*), CAST(COALESCE(SUM(version_count), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(bytes + version_bytes), 0) AS BIGINT) FROM flows";

DocumentUse useOf(const std::optional<Row>& row) {
  if (!row) return {};
  return {row->integer(0), row->integer(1), row->integer(2)};
}

std::string inWords(const std::string& folder) {
  return folder.empty() ? std::string("this server") : "the folder '" + folder + "'";
}

/// A bound of a quota, with what there is and what comes to it.
struct Asked {
  const char* code;
  const char* what;
  const char* todo;
  std::int64_t most, there, more;
};

Result<void> check(const Asked& asked, const std::string& folder) {
  if (asked.most == 0 || asked.more <= 0 || asked.there + asked.more <= asked.most) return {};
  return fail(asked.code, "flows of " + inWords(folder) + " may have " + std::to_string(asked.most) + " " + asked.what +
                              ", and have " + std::to_string(asked.there) + " with what is in the bin; " +
                              std::to_string(asked.more) + " more is too many: " + asked.todo +
                              ", or ask for a higher quota");
}

}  // namespace

Result<DocumentUse> documentsIn(Session& session, const std::string& folder) {
  const std::string select(kUse);
  WEIR_ASSIGN(const auto row, folder.empty()
                                  ? session.queryOne(select)
                                  : session.queryOne(select + " WHERE folder = ? OR folder LIKE ? ESCAPE '!'",
                                                     {folder, beginningWith(folder + "/")}));
  return useOf(row);
}

Result<DocumentUse> documentsOf(Session& session, const std::string& flow) {
  WEIR_ASSIGN(const auto row, session.queryOne(std::string(kUse) + " WHERE id = ?", {flow}));
  return useOf(row);
}

Result<void> admitDocuments(Session& session, const std::string& folder, const DocumentUse& more,
                            const std::optional<Arrival>& arrival) {
  WEIR_ASSIGN(const auto quotas,
              session.query("SELECT folder, documents, versions, document_bytes FROM quotas WHERE documents > 0 OR "
                            "versions > 0 OR document_bytes > 0 ORDER BY folder LIMIT 10000"));
  for (const auto& quota : quotas) {
    const auto of = quota.text(0);
    if (!auth::covers(of, folder)) continue;
    auto comes = more;
    if (arrival && !auth::covers(of, arrival->from)) {
      comes.documents += arrival->use.documents;
      comes.versions += arrival->use.versions;
      comes.bytes += arrival->use.bytes;
    }
    if (comes.documents <= 0 && comes.versions <= 0 && comes.bytes <= 0) continue;
    WEIR_ASSIGN(const auto there, documentsIn(session, of));
    WEIR_TRY(check(
        {"quota.documents", "documents", "delete flows for good", quota.integer(1), there.documents, comes.documents},
        of));
    WEIR_TRY(check(
        {"quota.versions", "versions", "delete flows for good", quota.integer(2), there.versions, comes.versions}, of));
    WEIR_TRY(check({"quota.bytes", "bytes of documents and versions", "delete flows for good, or make them smaller",
                    quota.integer(3), there.bytes, comes.bytes},
                   of));
  }
  return {};
}

}  // namespace weir::store::sql
