// Writes the text format of Prometheus.
#include "service/metrics/exposition.h"

#include <algorithm>
#include <cmath>

#include "engine/data/check.h"
#include "engine/json/number.h"

namespace weir::metrics {
namespace {

void appendNumber(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Inf" : "+Inf";
  } else if (value == std::trunc(value) && std::abs(value) < 9e15) {
    out += std::to_string(static_cast<std::int64_t>(value));
  } else {
    json::appendDouble(out, value);
  }
}

void appendEscaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

/// Takes the next name of a list with spaces.
std::string_view takeName(std::string_view& names) {
  const auto end = std::min(names.find(' '), names.size());
  const auto name = names.substr(0, end);
  names.remove_prefix(std::min(end + 1, names.size()));
  return name;
}

}  // namespace

void Exposition::begin(std::string_view family) {
  family_ = &familyNamed(family);
  text_.append("# HELP ").append(family).append(" ");
  appendEscaped(text_, family_->help, false);
  text_.append("\n# TYPE ").append(family).append(" ").append(nameOf(family_->type)).append("\n");
}

void Exposition::sample(std::span<const std::string_view> labels, double value) { line("", labels, "", value); }

void Exposition::histogram(std::span<const std::string_view> labels, std::span<const double> bounds,
                           std::span<const std::int64_t> counts, double sum) {
  WEIR_CHECK(counts.size() == bounds.size() + 1);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    count += counts[i];
    std::string bound;
    if (i < bounds.size()) {
      appendNumber(bound, bounds[i]);
    } else {
      bound = "+Inf";
    }
    line("_bucket", labels, bound, static_cast<double>(count));
  }
  line("_sum", labels, "", sum);
  line("_count", labels, "", static_cast<double>(count));
}

void Exposition::line(std::string_view suffix, std::span<const std::string_view> labels, std::string_view bound,
                      double value) {
  WEIR_CHECK(family_ != nullptr);
  text_.append(family_->name).append(suffix);
  auto names = family_->labels;
  char before = '{';
  const auto add = [this, &before](std::string_view name, std::string_view text) {
    text_ += before;
    before = ',';
    text_.append(name).append("=\"");
    appendEscaped(text_, text, true);
    text_ += '"';
  };
  for (const auto label : labels) {
    WEIR_CHECK(!names.empty());
    add(takeName(names), label);
  }
  WEIR_CHECK(names.empty());
  if (!bound.empty()) add("le", bound);
  if (before == ',') text_ += '}';
  text_ += ' ';
  appendNumber(text_, value);
  text_ += '\n';
}

}  // namespace weir::metrics
