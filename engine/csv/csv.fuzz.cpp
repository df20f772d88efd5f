// Any bytes are CSV of some kind: nothing may crash, hang or read outside, and both instruction sets agree.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/csv/decode.h"
#include "engine/csv/infer.h"
#include "engine/csv/sniff.h"
#include "engine/csv/splitter.h"

using namespace weir::csv;

namespace {

Dialect dialectOf(std::uint8_t bits) {
  Dialect dialect;
  if ((bits & 1) != 0) dialect.delimiter = ';';
  if ((bits & 2) != 0) dialect.newline = '\r';
  if ((bits & 4) != 0) dialect.comment = '#';
  if ((bits & 8) != 0) dialect.escape = Escape::backslash;
  if ((bits & 16) != 0) dialect.ragged = Ragged::fill;
  if ((bits & 32) != 0) dialect.trim = true;
  if ((bits & 64) != 0) dialect.quote = 0;
  return dialect;
}

void require(bool held) {
  if (!held) std::abort();
}

void decodeAll(const FieldTexts& fields, const FieldReader& reader) {
  const auto rows = static_cast<std::size_t>(fields.rows);
  std::vector<std::uint8_t> validity(rows / 8 + 1, 0xFF);
  Marks marks(validity.data());
  std::vector<std::int64_t> integers(rows);
  decodeIntegers(fields, reader, true, integers.data(), marks);
  decodeTimestamps(fields, reader, integers.data(), marks);
  std::vector<double> numbers(rows);
  decodeNumbers(fields, reader, false, numbers.data(), marks);
  std::vector<std::uint8_t> bits(rows / 8 + 1);
  decodeBooleans(fields, reader, bits.data(), marks);
  std::vector<std::int32_t> offsets(rows + 1);
  std::string bytes(static_cast<std::size_t>(textBytes(fields) + kPaddingBytes), '\0');
  decodeTexts(fields, reader, offsets.data(), bytes.data(), marks);
  TextDictionary dictionary;
  static_cast<void>(decodeDictionary(fields, reader, dictionary, offsets.data(), marks));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Dialect dialect = dialectOf(data[0]);
  const int columns = 1 + data[1] % 5;
  std::string padded(reinterpret_cast<const char*>(data + 2), size - 2);
  padded.append(static_cast<std::size_t>(kPaddingBytes), '"');
  const auto text = std::string_view(padded).substr(0, size - 2);
  Structure best(dialect);
  Structure base(dialect, Isa::base);
  best.scan(text, columns);
  base.scan(text, columns);
  require(best.rows() == base.rows() && best.bad().size() == base.bad().size());
  for (int c = 0; c < columns; ++c)
    for (std::int64_t r = 0; r < best.rows(); ++r) require(best.fields(c).text(r) == base.fields(c).text(r));
  const auto reader = FieldReader::make(dialect, {});
  require(reader.has_value());
  for (int c = 0; c < columns; ++c) decodeAll(best.fields(c), *reader);
  static_cast<void>(firstRecord(text, *reader));
  static_cast<void>(sniff(text, dialect, {}, {}));
  RecordSplitter splitter(dialect);
  splitter.extend(text.substr(0, text.size() / 2));
  splitter.extend(text);
  require(splitter.cut() <= static_cast<std::int64_t>(text.size()));
  return 0;
}
