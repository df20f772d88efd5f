// The functions of CEL and its extensions, as tables for Environment.
#pragma once

#include <array>
#include <span>

#include "engine/cel/environment.h"

namespace weir::cel {

[[nodiscard]] std::span<const FunctionEntry> conversionFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> standardFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> timeFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> stringFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> formatFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> mathFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> encoderFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> listFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> optionalFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> networkFunctions() noexcept;
[[nodiscard]] std::span<const FunctionEntry> regexFunctions() noexcept;

[[nodiscard]] inline std::array<std::span<const FunctionEntry>, 11> libraryTables() noexcept {
  return {conversionFunctions(), standardFunctions(), timeFunctions(),    stringFunctions(),
          formatFunctions(),     mathFunctions(),     encoderFunctions(), listFunctions(),
          optionalFunctions(),   networkFunctions(),  regexFunctions()};
}

}  // namespace weir::cel
