// Whether data and flows made for one schema still work with another, and if not, why.
#pragma once

#include <string>
#include <vector>

#include "engine/data/schema.h"

namespace weir {

/// One difference. `breaking`: rows of the new schema may not be read where the old one was expected.
struct SchemaChange {
  std::string field;   // path: `order.items[].price`
  std::string what;    // "type changed from int to string"
  std::string reason;  // why it breaks, or why it does not
  bool breaking = false;
};

struct Compatibility {
  bool compatible = true;
  std::vector<SchemaChange> changes;  // in field order, breaking or not
};

/// Reader expects `before`, rows come as `after`. Compatible: fields added or reordered, int or uint widened to double,
/// nullable made required, microseconds made nanoseconds, anything where any was expected. Breaking: fields removed,
/// types changed otherwise, required made nullable, sensitive no more.
[[nodiscard]] Compatibility compareSchemas(const Schema& before, const Schema& after);

}  // namespace weir
