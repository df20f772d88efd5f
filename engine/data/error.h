// What an expected failure looks like: Error, and Result<T> that carries it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace weir {

/// An expected failure. `code` comes from the closed dotted list in engine/data/error-codes.tsv (static storage: pass a
/// literal); `message` is a sentence for a person: what was found, what was expected, what to do.
/// `recoverable`: trying the same again later may help.
struct Error {
  std::string_view code;
  std::string message;
  bool recoverable = false;
};

template <class T>
using Result = std::expected<T, Error>;

using Unit = std::monostate;

/// Shorthand for `return fail("csv.unterminated_quote", "...");`
[[nodiscard]] inline std::unexpected<Error> fail(std::string_view code, std::string message, bool recoverable = false) {
  return std::unexpected<Error>(Error{code, std::move(message), recoverable});
}

}  // namespace weir

// Passes an error up: `WEIR_TRY(readHeader());`
#define WEIR_TRY(expression)                                               \
  do {                                                                     \
    if (auto weirTried = (expression); !weirTried) [[unlikely]]            \
      return std::unexpected<::weir::Error>(std::move(weirTried).error()); \
  } while (false)

// Passes an error up, else declares the value: `WEIR_ASSIGN(auto file, open(path));`
#define WEIR_ASSIGN_CAT2(a, b) a##b
#define WEIR_ASSIGN_CAT(a, b) WEIR_ASSIGN_CAT2(a, b)
#define WEIR_ASSIGN_NAMED(name, declaration, expression)            \
  auto name = (expression);                                         \
  if (!name) [[unlikely]]                                           \
    return std::unexpected<::weir::Error>(std::move(name).error()); \
  declaration = std::move(*name)
#define WEIR_ASSIGN(declaration, expression) \
  WEIR_ASSIGN_NAMED(WEIR_ASSIGN_CAT(weirAssigned, __LINE__), declaration, expression)
