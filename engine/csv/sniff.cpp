// Tries each delimiter on the sample and takes the most even one.
#include "engine/csv/sniff.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/csv/infer.h"
#include "engine/csv/record.h"

namespace weir::csv {
namespace {

constexpr std::int64_t kMaxRecords = 200;

struct Shape {
  std::int64_t records = 0;
  std::int64_t even = 0;    // records with as many fields as the first
  std::int64_t fields = 0;  // of the first record
};

Shape shapeOf(std::string_view sample, const Dialect& dialect) {
  Shape shape;
  const auto size = static_cast<std::uint32_t>(sample.size());
  for (std::uint32_t at = 0; at < size && shape.records < kMaxRecords;) {
    std::int64_t fields = 0;
    const std::uint32_t begin = at;
    std::uint32_t last = at;
    const RecordScan found = scanRecord(sample.data(), at, size, dialect, [&](std::uint32_t end) {
      ++fields;
      last = end;
    });
    at = found.next;
    if (found.reachedEnd && shape.records > 1) break;
    const bool blank = fields == 1 && (last == begin || (last == begin + 1 && sample[begin] == '\r'));
    if (found.kind == RecordKind::comment || blank) continue;
    if (shape.records++ == 0) shape.fields = fields;
    if (found.kind == RecordKind::row && fields == shape.fields) ++shape.even;
  }
  return shape;
}

char guessDelimiter(std::string_view sample, Dialect dialect) {
  // In the order of trust where two are equally even: a comma may be a decimal sign, a colon may be part of a time.
  constexpr char kCandidates[] = {'\t', ';', '|', ',', ':'};
  char best = ',';
  double bestScore = 0;
  for (const char candidate : kCandidates) {
    if (candidate == dialect.quote || candidate == dialect.comment) continue;
    dialect.delimiter = candidate;
    const Shape shape = shapeOf(sample, dialect);
    if (shape.fields < 2) continue;
    const double score = static_cast<double>(shape.even) / static_cast<double>(shape.records);
    const bool comma = candidate == ',' && score >= bestScore && score > 0.99 && bestScore < 0.99;
    if (score > bestScore + 0.01 || comma) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

bool hasHeader(std::string_view sample, const Dialect& dialect, const ValueFormat& format) {
  const auto reader = FieldReader::make(dialect, format);
  if (!reader) return true;
  const auto first = firstRecord(sample, *reader);
  if (!first || !*first) return true;
  const std::vector<std::string>& names = (*first)->fields;
  for (const std::string& name : names) {
    const ColumnType type = typeOfField({.text = name, .quoted = false}, *reader);
    if (type != ColumnType::text && type != ColumnType::unknown) return false;
  }
  std::string rest(sample.substr(static_cast<std::size_t>((*first)->end)));
  const auto whole = rest.rfind(dialect.newline);
  if (whole != std::string::npos) rest.resize(whole + 1);
  const std::size_t size = rest.size();
  rest.append(static_cast<std::size_t>(kPaddingBytes), '\0');
  Inference inference(names);
  inference.learn(std::string_view(rest).substr(0, size), *reader, kMaxRecords);
  const bool typed = std::ranges::any_of(
      inference.types(), [](ColumnType type) { return type != ColumnType::text && type != ColumnType::unknown; });
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  return typed || std::ranges::adjacent_find(sorted) == sorted.end();
}

}  // namespace

Dialect sniff(std::string_view sample, const Dialect& settings, const SniffWish& wish, const ValueFormat& format) {
  Dialect dialect = settings;
  if (wish.newline) dialect.newline = sample.contains('\r') && !sample.contains('\n') ? '\r' : '\n';
  if (wish.delimiter) dialect.delimiter = guessDelimiter(sample, dialect);
  if (wish.header && settings.header == Header::automatic)
    dialect.header = hasHeader(sample, dialect, format) ? Header::present : Header::none;
  return dialect;
}

}  // namespace weir::csv
