// One text as one zstd frame; frames behind each other are one stream for every reader of zstd.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::native {

/// Appends the frame of `text` to `out`. Error `memory.limit`: libzstd could not.
Result<void> appendZstdFrame(std::string& out, std::string_view text);

}  // namespace weir::native
