// What the checker says of one formula, and what it gives for rows: for who writes it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/data/error.h"
#include "engine/host/asker.h"
#include "engine/json/value.h"

namespace weir {
class Zones;
}

namespace weir::flow {

struct FormulaPlace {
  Zones* zones = nullptr;  // null: UTC and fixed offsets only
  std::int64_t nowMicros = 0;
  std::int64_t rowCost = 1'000'000;                    // steps that a row may take, as cel::Budget counts them
  std::size_t mostRows = 10'000;                       // in one question
  std::size_t answerBytes = std::size_t{4} << 20;      // rows behind so much have an error in place of their value
  std::int64_t memoryBytes = std::int64_t{128} << 20;  // of the rows, and of the results that are computed at once
  Asker asker{};                                       // once it is gone no more rows are computed
};

/// Asked: {text, fields?, expects?, params?, rows?}. `fields`: [{name, type}], types as typeName writes them; without
/// them `row` may be anything. `expects`: the type that the result must have. `params`: an object.
/// Answer: {type, problems, results?}: `type` is empty if there are problems, each {code, message, suggestion?, offset,
/// length}, in bytes of UTF-8; `results`, if rows were given and there are none: {value} or {error} for each. What goes
/// beyond the bounds of the place is an error of its row.
/// Error `settings.invalid` for a question of another form; `run.cancelled`: the asker is gone.
[[nodiscard]] Result<std::string> formulaAnswer(const json::Value& asked, const FormulaPlace& place);

/// {functions: [{name, signature}]}: all that a formula may call, as cel::FunctionEntry writes it.
[[nodiscard]] std::string formulaFunctions();

}  // namespace weir::flow
