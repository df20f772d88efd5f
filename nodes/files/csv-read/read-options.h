// What csv-read was told, checked and made ready.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/csv/infer.h"
#include "engine/csv/sniff.h"
#include "engine/json/value.h"
#include "engine/node/file-source.h"
#include "engine/node/file-stream.h"

namespace weir::nodes::csv_read {

struct NamedType {
  std::string name;
  csv::ColumnType type = csv::ColumnType::text;
};

struct ReadOptions {
  std::vector<std::string> paths;
  IfNoFiles ifNoFiles = IfNoFiles::error;
  csv::Dialect dialect;
  csv::SniffWish wish;
  csv::ValueFormat format;
  TextEncoding encoding = TextEncoding::automatic;
  std::vector<NamedType> schema;
  csv::Drift onDrift = csv::Drift::error;
  bool strict = false;
  std::int64_t maxRecordBytes = 16 << 20;
};

/// One sign below 0x80, `tab`, or nothing (0). `settings.invalid` names the setting.
[[nodiscard]] Result<char> oneSign(std::string_view text, std::string_view setting);
/// `[{"name": .., "type": ..}]`, `{"name": "type"}` or a text `{id: int, price: double}`. `settings.invalid`.
[[nodiscard]] Result<std::vector<NamedType>> schemaOf(const json::Value& setting);

}  // namespace weir::nodes::csv_read
