// What an engine process leaves for the front when it falls.
#pragma once

#include "service/engines/crash-board.h"

namespace weir::cli {

/// The board that the front shares with this process, from now on told of signals that end it. Null: there is none.
[[nodiscard]] engines::CrashBoard* watchCrashes();
/// The calling thread tells also when its stack is used up.
void watchStack();

}  // namespace weir::cli
