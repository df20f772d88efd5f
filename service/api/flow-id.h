// Ids of flows that are to be kept.
#pragma once

#include <string_view>

#include "service/api/refusal.h"

namespace weir::api {

/// Whether a new flow may have this id: 1 to 200 bytes that can be seen, without a space at an end, and none that paths
/// read otherwise ('.', '..'). `flow.id` (422) says what is wrong.
[[nodiscard]] Expected<void> checkFlowId(std::string_view id);

/// A text that is valid has a character that has no width, turns the direction of text, or is a control.
[[nodiscard]] bool hasUnseen(std::string_view text);

}  // namespace weir::api
