// Turns the syntax tree into instructions, from the end of the pattern to its begin, so that every successor exists.
#include "engine/regex/program.h"

namespace weir::regex {
namespace {

class Compiler {
 public:
  Compiler(const Syntax& syntax, bool backward, std::int32_t maxInstructions)
      : syntax_(syntax), backward_(backward), limit_(maxInstructions) {}

  [[nodiscard]] Result<Program> compile(std::int32_t anySet) {
    auto entry = emit({.op = Op::match});
    if (!backward_) entry = emit({.op = Op::save, .out = entry, .argument = 1});
    WEIR_ASSIGN(entry, compileNode(syntax_.root, entry));
    if (!backward_) entry = emit({.op = Op::save, .out = entry, .argument = 0});
    program_.anchored = entry;
    const auto loop = emit({.op = Op::split, .out = entry});
    at(loop).other = emit({.op = Op::symbol, .out = loop, .argument = anySet});
    program_.unanchored = loop;
    return std::move(program_);
  }

 private:
  // Every call returns the entry of code that matches the node and goes on at `next`.
  [[nodiscard]] Result<std::int32_t> compileNode(std::int32_t index, std::int32_t next) {
    // Counts visits too: {0} and empty groups emit nothing but can still multiply the work.
    work_ += 1;
    if (work_ > limit_ * 4LL || static_cast<std::int64_t>(program_.instructions.size()) > limit_)
      return fail("regex.too_large", "the pattern needs more than " + std::to_string(limit_) +
                                         " instructions; use smaller repetition counts");
    const auto& node = syntax_.nodes[static_cast<std::size_t>(index)];
    switch (node.kind) {
      case NodeKind::empty:
        return next;
      case NodeKind::set:
        return emit({.op = Op::symbol, .out = next, .argument = node.index});
      case NodeKind::assertion:
        return compileAssertion(node, next);
      case NodeKind::concat:
        return compileConcat(node, next);
      case NodeKind::alternate:
        return compileAlternate(node, next);
      case NodeKind::capture:
        return compileCapture(node, next);
      case NodeKind::repeat:
        return compileRepeat(node, next);
    }
    return next;
  }

  [[nodiscard]] std::int32_t compileAssertion(const Node& node, std::int32_t next) {
    program_.hasAssertions = true;
    auto assertion = node.assertion;
    if (backward_) {
      switch (node.assertion) {
        case Assertion::beginText:
          assertion = Assertion::endText;
          break;
        case Assertion::endText:
          assertion = Assertion::beginText;
          break;
        case Assertion::beginLine:
          assertion = Assertion::endLine;
          break;
        case Assertion::endLine:
          assertion = Assertion::beginLine;
          break;
        case Assertion::wordBoundary:
        case Assertion::notWordBoundary:
          break;
      }
    }
    return emit({.op = Op::assertion, .out = next, .argument = static_cast<std::int32_t>(assertionBit(assertion))});
  }

  [[nodiscard]] Result<std::int32_t> compileConcat(const Node& node, std::int32_t next) {
    const auto count = node.children.size();
    for (std::size_t i = 0; i < count; ++i) {
      WEIR_ASSIGN(next, compileNode(node.children[backward_ ? i : count - 1 - i], next));
    }
    return next;
  }

  [[nodiscard]] Result<std::int32_t> compileAlternate(const Node& node, std::int32_t next) {
    auto entry = std::int32_t{-1};
    for (auto i = node.children.size(); i-- > 0;) {
      WEIR_ASSIGN(const auto branch, compileNode(node.children[i], next));
      entry = entry < 0 ? branch : emit({.op = Op::split, .out = branch, .other = entry});
    }
    return entry;
  }

  [[nodiscard]] Result<std::int32_t> compileCapture(const Node& node, std::int32_t next) {
    if (backward_) return compileNode(node.children[0], next);
    const auto close = emit({.op = Op::save, .out = next, .argument = 2 * node.index + 1});
    WEIR_ASSIGN(const auto body, compileNode(node.children[0], close));
    return emit({.op = Op::save, .out = body, .argument = 2 * node.index});
  }

  [[nodiscard]] Result<std::int32_t> compileRepeat(const Node& node, std::int32_t next) {
    const auto child = node.children[0];
    auto entry = next;
    auto copies = node.min;
    if (node.max < 0) {
      WEIR_ASSIGN(entry, compilePlus(child, node.greedy, next));
      if (node.min == 0) return split(node.greedy, entry, next);
      --copies;
    } else {
      for (auto i = node.min; i < node.max; ++i) {
        WEIR_ASSIGN(const auto body, compileNode(child, entry));
        entry = split(node.greedy, body, next);
      }
    }
    for (; copies > 0; --copies) {
      WEIR_ASSIGN(entry, compileNode(child, entry));
    }
    return entry;
  }

  // `x*` is made from this as `(x+)?`: with an `x` that can be empty, one loop would visit its ways in wrong order.
  [[nodiscard]] Result<std::int32_t> compilePlus(std::int32_t child, bool greedy, std::int32_t next) {
    const auto loop = split(greedy, 0, next);
    WEIR_ASSIGN(const auto body, compileNode(child, loop));
    (greedy ? at(loop).out : at(loop).other) = body;
    return body;
  }

  [[nodiscard]] std::int32_t split(bool greedy, std::int32_t body, std::int32_t next) {
    return emit({.op = Op::split, .out = greedy ? body : next, .other = greedy ? next : body});
  }

  [[nodiscard]] std::int32_t emit(Instruction instruction) {
    program_.instructions.push_back(instruction);
    return static_cast<std::int32_t>(program_.instructions.size() - 1);
  }
  [[nodiscard]] Instruction& at(std::int32_t index) { return program_.instructions[static_cast<std::size_t>(index)]; }

  const Syntax& syntax_;
  bool backward_;
  std::int64_t limit_;
  std::int64_t work_ = 0;
  Program program_;
};

}  // namespace

Result<Program> compileProgram(const Syntax& syntax, bool backward, std::int32_t anySet, std::int32_t maxInstructions) {
  return Compiler(syntax, backward, maxInstructions).compile(anySet);
}

}  // namespace weir::regex
