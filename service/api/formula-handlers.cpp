// Formulas: what the checker says of one, what it gives for rows, and the functions that there are.
#include <algorithm>

#include "engine/flow/formula.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"

namespace weir::api {
namespace {

/// Small as a question is, its rows may be long to compute.
constexpr std::size_t kWithRows = kLargeBytes;
/// As many as a person looks at, and less for each than a run has: others wait for this thread.
constexpr std::size_t kMostRows = 1'000;
constexpr std::int64_t kRowCost = 20'000, kMemoryBytes = std::int64_t{8} << 20;

Expected<std::string> answered(const std::string& text, const flow::FormulaPlace& place) {
  auto body = jsonOf(text);
  if (!body) return std::unexpected(std::move(body.error()));
  if (auto known = checkMembers(body->root(), "text fields expects params rows"); !known)
    return std::unexpected(std::move(known.error()));
  auto answer = flow::formulaAnswer(body->root(), place);
  if (!answer) return refuse(400, "api.body", std::move(answer.error().message));
  return std::move(*answer);
}

}  // namespace

Job<Response> checkFormula(Call& call) {
  auto* zones = call.services.zones;
  flow::FormulaPlace place{.zones = zones == nullptr ? nullptr : zones->zones(),
                           .nowMicros = call.services.clock.nowMicros(),
                           .rowCost = kRowCost,
                           .mostRows = kMostRows,
                           .memoryBytes = kMemoryBytes};
  auto answer = co_await call.aside(std::max(kWithRows, call.body.size()),
                                    [text = std::move(call.body), place](const Asker& asker) mutable {
                                      place.asker = asker;
                                      return answered(text, place);
                                    });
  co_return answer ? jsonAnswer(std::move(*answer)) : toResponse(std::move(answer.error()));
}

Job<Response> listFormulaFunctions(Call&) { co_return jsonAnswer(flow::formulaFunctions()); }

}  // namespace weir::api
