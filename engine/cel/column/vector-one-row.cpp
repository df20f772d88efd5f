// One row through a program of numbers and truth values: every register is a word, nothing is null, nothing fails. What
// is different leaves the row to VectorRun.
#include <array>

#include "engine/cel/column/vector-run.h"
#include "engine/data/bits.h"

namespace weir::cel {
namespace {

using Words = std::array<std::uint64_t, VectorProgram::kOneRowRegisters>;

bool load(const VectorProgram& program, const VectorStep& step, const Batch& batch, Words& words) {
  const auto& column = batch.column(step.table);
  if (column.validity != nullptr) return false;
  const auto row = column.offset + (batch.hasSelection() ? std::int64_t{batch.selection()[0]} : 0);
  words[step.out] = program.registers[step.out].lane == Lane::boolean
                        ? bits::load(static_cast<const std::uint8_t*>(column.values), row, 1)
                        : static_cast<const std::uint64_t*>(column.values)[row];
  return true;
}

}  // namespace

bool suitsOneRow(const VectorProgram& program) {
  if (program.registers.size() > VectorProgram::kOneRowRegisters) return false;
  for (const auto& as : program.registers)
    if (as.lane == Lane::text) return false;
  for (const auto& step : program.steps) {
    switch (step.op) {
      case VectorOp::load:
      case VectorOp::compute:
      case VectorOp::equality:
      case VectorOp::equalBits:
      case VectorOp::logicalAnd:
      case VectorOp::logicalOr:
      case VectorOp::logicalNot:
        break;
      default:
        return false;
    }
  }
  return true;
}

bool computeOneRow(const VectorProgram& program, const Batch& batch, std::uint64_t& result) {
  Words words;  // uninitialised
  for (const auto& [number, bits] : program.oneRowConstants) words[number] = bits;
  for (const auto& step : program.steps) {
    const auto second = step.b != kNoRegister ? step.b : step.a;
    switch (step.op) {
      case VectorOp::load:
        if (!load(program, step, batch, words)) return false;
        break;
      case VectorOp::compute: {
        const void* right = step.b != kNoRegister ? static_cast<const void*>(&words[step.b]) : step.bounds;
        std::uint64_t failed = 0;
        if (step.kernel(&words[step.a], right, &words[step.out], &failed, 1)) return false;
        break;
      }
      case VectorOp::equality:
        static_cast<void>(step.kernel(&words[step.a], &words[second], &words[step.out], nullptr, 1));
        break;
      case VectorOp::equalBits:
        words[step.out] = step.negated ? words[step.a] ^ words[second] : ~(words[step.a] ^ words[second]);
        break;
      case VectorOp::logicalAnd:
        words[step.out] = words[step.a] & words[second];
        break;
      case VectorOp::logicalOr:
        words[step.out] = words[step.a] | words[second];
        break;
      case VectorOp::logicalNot:
        words[step.out] = ~words[step.a];
        break;
      default:
        return false;
    }
  }
  result = words[program.root];
  return true;
}

}  // namespace weir::cel
