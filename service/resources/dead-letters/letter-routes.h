// The routes of dead letters.
#pragma once

#include "service/api/route.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> letterRoutes();

Job<Response> replayLetters(Call& call);

}  // namespace weir::api
