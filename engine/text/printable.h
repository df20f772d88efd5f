// Text from outside, made safe to show on a terminal or in a log.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Control characters (C0 but for line ends and tabs, DEL, C1), marks that turn the direction of text and bytes that
/// are no UTF-8 become \u001b and their like, so that they command no terminal; what follows a line end is indented, so
/// that no text can forge a line of its own.
[[nodiscard]] std::string printable(std::string_view text);
/// Whether printable() would change it, line ends counting too.
[[nodiscard]] bool hasControls(std::string_view text);

}  // namespace weir
