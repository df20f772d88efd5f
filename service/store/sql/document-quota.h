// DocumentQuota: what the documents of a folder and their versions take, and whether its quotas let it be more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "service/store/sql/session.h"

namespace weir::store::sql {

/// How many, and their bytes as they are written, also where two versions lie in one file; with what is in the bin.
struct DocumentUse {
  std::int64_t documents = 0, versions = 0, bytes = 0;
};

/// Of all flows of a folder and below it.
[[nodiscard]] Result<DocumentUse> documentsIn(Session& session, const std::string& folder);
/// Of one flow.
[[nodiscard]] Result<DocumentUse> documentsOf(Session& session, const std::string& flow);

/// An expression that is above 0 where some quota bounds documents: nobody else pays for counting them.
inline constexpr const char* kBoundsDocuments =
    "(SELECT COUNT(*) FROM quotas WHERE documents > 0 OR versions > 0 OR document_bytes > 0)";

/// A flow that moves: quotas over both folders have it already.
struct Arrival {
  std::string from;
  DocumentUse use;
};
/// `quota.documents`, `quota.versions`, `quota.bytes`: a quota of the folder, or of one above it, has no room for so
/// much more. What it has too much already stays.
[[nodiscard]] Result<void> admitDocuments(Session& session, const std::string& folder, const DocumentUse& more,
                                          const std::optional<Arrival>& arrival = std::nullopt);

}  // namespace weir::store::sql
