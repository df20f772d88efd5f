// Text of requests that is kept and compared.
#pragma once

#include <string_view>

#include "service/api/refusal.h"

namespace weir::api {

/// Whether a decoded part of a path or query is UTF-8 without NUL; `what` names it in the refusal, `api.query`.
[[nodiscard]] Expected<void> checkText(std::string_view text, std::string_view what);

}  // namespace weir::api
