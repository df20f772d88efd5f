// The grammar written the obvious way, for the tests to hold the scanner against.
#pragma once

#include <string>
#include <vector>

#include "engine/csv/dialect.h"

namespace weir::csv::reference {

struct Record {
  std::vector<std::string> fields;  // raw texts, quotes included
  std::string bad;                  // code, if the record is malformed
  std::size_t begin = 0;
};

/// Reads every record of `text` (without `trim`, comments or backslashes).
inline std::vector<Record> parse(const std::string& text, const Dialect& d) {
  std::vector<Record> records;
  std::size_t at = 0;
  const auto lineEnd = [&](std::size_t from) {
    const auto found = text.find(d.newline, from);
    return found == std::string::npos ? text.size() : found + 1;
  };
  while (at < text.size()) {
    Record record{.fields = {}, .bad = {}, .begin = at};
    std::string field;
    bool quoted = false;
    bool closed = false;
    std::size_t p = at;
    for (;; ++p) {
      const bool end = p >= text.size();
      const char c = end ? '\0' : text[p];
      if (end && quoted) {
        record.bad = "csv.unterminated_quote";
        p = lineEnd(record.begin);
        break;
      }
      if (quoted) {
        field += c;
        if (c != d.quote) continue;
        if (p + 1 < text.size() && text[p + 1] == d.quote) {
          field += text[++p];
          continue;
        }
        quoted = false;
        closed = true;
        continue;
      }
      if (end || c == d.delimiter || c == d.newline) {
        if (d.newline == '\n' && (end || c == '\n') && field.ends_with('\r')) field.pop_back();
        record.fields.push_back(field);
        field.clear();
        closed = false;
        if (c == d.delimiter && !end) continue;
        p = end ? p : p + 1;
        break;
      }
      if (closed) {
        const bool crlf = d.newline == '\n' && c == '\r' && (p + 1 >= text.size() || text[p + 1] == '\n');
        if (!crlf) {
          record.bad = "csv.text_after_quote";
          p = lineEnd(p);
          break;
        }
      }
      if (c == d.quote && field.empty() && d.quote != 0) quoted = true;
      field += c;
    }
    at = p;
    records.push_back(record);
  }
  return records;
}

}  // namespace weir::csv::reference
