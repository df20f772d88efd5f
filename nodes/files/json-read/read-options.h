// What json-read was told, checked and made ready.
#pragma once

#include <string>
#include <vector>

#include "engine/data/schema.h"
#include "engine/json/value.h"
#include "engine/node/file-source.h"

namespace weir::nodes::json_read {

enum class Format : std::uint8_t { automatic, lines, array, document };
enum class Drift : std::uint8_t { error, widen, string };
enum class Unknown : std::uint8_t { warn, ignore, error };

struct ReadOptions {
  std::vector<std::string> paths;
  IfNoFiles ifNoFiles = IfNoFiles::error;
  Format format = Format::automatic;
  std::vector<Field> schema;
  Drift onDrift = Drift::error;
  Unknown unknownFields = Unknown::warn;
  std::int64_t maxRecordBytes = 16 << 20;
};

/// `[{"name": .., "type": ..}]`, `{"name": "type"}` or a text `{id: int, price: double}`. `settings.invalid`.
[[nodiscard]] Result<std::vector<Field>> schemaOf(const json::Value& setting);

}  // namespace weir::nodes::json_read
