// Keeps values out of texts, in all the forms that they may take on their way.
#pragma once

#include <span>
#include <string>

namespace weir::native {

/// Puts *** for each of `forms`, which are sorted with the longest first.
void redactForms(std::string& text, std::span<const std::string> forms);

}  // namespace weir::native
