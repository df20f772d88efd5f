// What the exports share: the page of this module, and what the last call has answered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apps/wasm/page.h"

#define WEIR_EXPORT(name) __attribute__((export_name(#name)))

namespace weir::wasm {

[[nodiscard]] inline Page& page() {
  static Page one;
  return one;
}

/// Lies where `weir_answer_at` says, until the next call.
[[nodiscard]] inline std::string& answer() {
  static std::string text;
  return text;
}

[[nodiscard]] inline std::string_view textOf(const char* at, std::uint32_t bytes) { return {at, bytes}; }

}  // namespace weir::wasm
