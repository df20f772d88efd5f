// What JavaScript calls of the HTTP API (page-api.h); texts and answers as in exports.cpp.
#include <cstdint>
#include <memory>

#include "apps/wasm/documents.h"
#include "apps/wasm/module.h"
#include "apps/wasm/page-api.h"

namespace {

using weir::wasm::answer;
using weir::wasm::PageApi;
using weir::wasm::textOf;

std::unique_ptr<PageApi>& api() {
  static std::unique_ptr<PageApi> one;
  return one;
}

}  // namespace

extern "C" {

/// Before all others. 1, or 0 with the error as answer.
WEIR_EXPORT(weir_api_open) std::uint32_t weirApiOpen(const char* options, std::uint32_t bytes) {
  auto made = PageApi::make(weir::wasm::page(), textOf(options, bytes));
  answer().clear();
  if (!made) {
    answer() = weir::wasm::errorJson(made.error());
    return 0;
  }
  api() = std::move(*made);
  return 1;
}
WEIR_EXPORT(weir_api_begin) std::uint32_t weirApiBegin(const char* head, std::uint32_t bytes) {
  return api()->begin(textOf(head, bytes));
}
/// 0: no more of the body is wanted.
WEIR_EXPORT(weir_api_body)
std::uint32_t weirApiBody(std::uint32_t exchange, const char* piece, std::uint32_t bytes, std::uint32_t last) {
  return api()->body(exchange, textOf(piece, bytes), last != 0) ? 1 : 0;
}
WEIR_EXPORT(weir_api_work) double weirApiWork(double budgetMs) { return api()->work(budgetMs); }
WEIR_EXPORT(weir_api_answer) std::uint32_t weirApiAnswer(std::uint32_t exchange) {
  return api()->answer(exchange, answer()) ? 1 : 0;
}
/// 0: a piece is in the answer; 1: none is there yet; 2: there are no more.
WEIR_EXPORT(weir_api_piece) std::uint32_t weirApiPiece(std::uint32_t exchange) {
  return static_cast<std::uint32_t>(api()->next(exchange, answer()));
}
WEIR_EXPORT(weir_api_end) void weirApiEnd(std::uint32_t exchange) { api()->end(exchange); }
}
