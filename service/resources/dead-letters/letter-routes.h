// The routes of dead letters.
#pragma once

#include <string>

#include "service/api/route.h"
#include "service/resources/dead-letters/letter-shelf.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> letterRoutes();

/// Of all runs together.
[[nodiscard]] std::span<const Route> allLetterRoutes();

Job<Response> replayLetters(Call& call);

/// A run that goes on gives what it has written out of its hands.
Job<Unit> settleLetters(Call& call, LetterShelf& shelf, std::string run);
/// Of errors of a shelf.
[[nodiscard]] Response letterRefusal(Error error);

}  // namespace weir::api
