// SQL texts that are made here: names quoted, values always parameters.
#pragma once

#include <string>
#include <string_view>

#include "engine/host/sql.h"

namespace weir {

/// `"name"`, quotes inside doubled. `sql.name` for an empty name, a NUL byte, or one longer than 255 bytes.
[[nodiscard]] Result<std::string> sqlName(std::string_view name);
/// NAME or SCHEMA.NAME, each part quoted.
[[nodiscard]] Result<std::string> sqlTableName(std::string_view name);
/// The statement that writes one row of the schema, with parameters $1 … in the order of its fields. `sql.name`,
/// `settings.invalid` for keys that are not among them, or a mode without what it needs.
[[nodiscard]] Result<std::string> sqlWriteText(const SqlWrite& write, const Schema& columns);

/// The table in which sinks keep what they have written.
inline constexpr const char* kSqlCheckpointTable =
    "CREATE TABLE IF NOT EXISTS weir_checkpoints(sink VARCHAR(64) PRIMARY KEY, checkpoint BIGINT NOT NULL,"
    " ended INTEGER NOT NULL, epoch BIGINT NOT NULL, written_at VARCHAR(40) NOT NULL)";

}  // namespace weir
