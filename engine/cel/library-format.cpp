// Library: "...".format([...]).
#include <charconv>
#include <cmath>

#include "engine/cel/frame.h"
#include "engine/cel/library.h"
#include "engine/cel/text-form.h"
#include "engine/data/number-text.h"

namespace weir::cel {
namespace {

constexpr std::int64_t kMostDigits = 1000;

class Formatter {
 public:
  Formatter(CallFrame& frame, std::string_view pattern, std::span<const Value> arguments)
      : frame_(frame), pattern_(pattern), arguments_(arguments) {}

  [[nodiscard]] bool run(Value& out) {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_++];
      if (c != '%') {
        out_ += c;
      } else if (at_ < pattern_.size() && pattern_[at_] == '%') {
        out_ += '%';
        ++at_;
      } else if (!clause()) {
        return false;
      }
    }
    if (!frame_.chargeBytes(static_cast<std::int64_t>(out_.size()))) return false;
    out = Value::string(out_);
    return true;
  }

 private:
  [[nodiscard]] bool fail(std::string message) { return frame_.fail("cel.format", std::move(message)); }

  [[nodiscard]] bool clause() {
    std::int64_t digits = 6;
    if (at_ < pattern_.size() && pattern_[at_] == '.') {
      const auto parsed = parseUint64(pattern_.substr(at_ + 1, 5));
      if (parsed.consumed == 0 || parsed.value > static_cast<std::uint64_t>(kMostDigits))
        return fail("A % clause has the form %.Nf with N from 0 to 1000.");
      digits = static_cast<std::int64_t>(parsed.value);
      at_ += 1 + static_cast<std::size_t>(parsed.consumed);
    }
    if (at_ >= pattern_.size()) return fail("The pattern ends inside a % clause; write %% for a percent sign.");
    const char kind = pattern_[at_++];
    if (next_ >= arguments_.size())
      return fail("The pattern has more clauses than the list has values (" + std::to_string(arguments_.size()) + ").");
    const auto& argument = arguments_[next_++];
    switch (kind) {
      case 's':
        if (appendText(out_, argument)) return true;
        break;
      case 'd':
        if (argument.isNumber()) return appendText(out_, argument);
        break;
      case 'f':
      case 'e':
        if (argument.isNumber()) return real(argument, kind, static_cast<int>(digits));
        break;
      case 'b':
        if (argument.kind() == ValueKind::boolean) {
          out_ += argument.boolean() ? '1' : '0';
          return true;
        }
        if (isWhole(argument)) return whole(argument, 2, false);
        break;
      case 'o':
        if (isWhole(argument)) return whole(argument, 8, false);
        break;
      case 'x':
      case 'X':
        if (isWhole(argument)) return whole(argument, 16, kind == 'X');
        if (argument.kind() == ValueKind::string || argument.kind() == ValueKind::bytes)
          return hexText(argument.text(), kind == 'X');
        break;
      default:
        return fail("Unknown clause %" + std::string(1, kind) + "; known are %s %d %f %e %b %o %x %X and %%.");
    }
    return fail("%" + std::string(1, kind) + " cannot show " + showValue(argument) + ".");
  }

  [[nodiscard]] static bool isWhole(const Value& value) noexcept {
    return value.kind() == ValueKind::int64 || value.kind() == ValueKind::uint64;
  }

  [[nodiscard]] bool whole(const Value& value, unsigned base, bool upper) {
    const bool negative = value.kind() == ValueKind::int64 && value.int64() < 0;
    std::uint64_t rest = value.uint64();
    if (negative) rest = ~rest + 1;
    const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string reversed;
    do {
      reversed += digits[rest % base];
      rest /= base;
    } while (rest != 0);
    if (negative) reversed += '-';
    out_.append(reversed.rbegin(), reversed.rend());
    return true;
  }

  [[nodiscard]] bool hexText(std::string_view text, bool upper) {
    const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      out_ += digits[byte >> 4];
      out_ += digits[byte & 15];
    }
    return true;
  }

  [[nodiscard]] bool real(const Value& value, char kind, int digits) {
    double number = value.kind() == ValueKind::float64 ? value.float64() : 0;
    if (value.kind() == ValueKind::int64) number = static_cast<double>(value.int64());
    if (value.kind() == ValueKind::uint64) number = static_cast<double>(value.uint64());
    if (std::isnan(number) || std::isinf(number)) {
      out_ += doubleText(number);
      return true;
    }
    // Exact and correctly rounded in both homes; printf would bring all of stdio into the wasm module.
    const auto form = kind == 'f' ? std::chars_format::fixed : std::chars_format::scientific;
    std::string text(static_cast<std::size_t>(digits) + 330, '\0');
    const auto written = std::to_chars(text.data(), text.data() + text.size(), number, form, digits);
    out_.append(text.data(), written.ptr);
    return true;
  }

  CallFrame& frame_;
  std::string_view pattern_;
  std::span<const Value> arguments_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
  std::string out_;
};

bool format(CallFrame& frame, std::span<const Value> args, Value& out) {
  return Formatter(frame, args[0].text(), args[1].items()).run(out);
}

constexpr FunctionEntry kTable[] = {{"format", "string.(list<dyn>): string", format}};

}  // namespace

std::span<const FunctionEntry> formatFunctions() noexcept { return kTable; }

}  // namespace weir::cel
