// HiddenFields: what nodes that show rows to people leave out of them; asked for like a host, and always there in a
// run.
#pragma once

#include <string_view>

#include "engine/data/sensitive.h"

namespace weir {

struct HiddenFields {
  static constexpr std::string_view kName = "hidden-fields";
  SensitiveNames names{};
};

}  // namespace weir
