// RecordJoiner: joins lines to records, each beginning at a line that matches.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/regex/regex.h"
#include "nodes/files/text-read/line-rows.h"

namespace weir::nodes::text_read {

class RecordJoiner {
 public:
  RecordJoiner(const regex::Regex& start, std::int64_t maxBytes) : start_(start), maxBytes_(maxBytes) {}

  /// Takes lines with numbers and offsets; records that ended go to `out`, whose text lives until the next call.
  void add(const Lines& lines, regex::Regex::Scratch& scratch, Lines& out);
  /// The file is over: its last record ends.
  void finish(Lines& out);
  /// Line and offset of the records that were given up since the last call.
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> takeTooLong() { return std::exchange(tooLong_, {}); }

 private:
  void close(Lines& out);

  const regex::Regex& start_;
  std::int64_t maxBytes_;
  std::string text_;    // of the records that ended
  std::string record_;  // the one under way
  std::int64_t line_ = 0, offset_ = 0;
  bool open_ = false, givenUp_ = false;
  std::vector<std::pair<std::int64_t, std::int64_t>> tooLong_;
};

}  // namespace weir::nodes::text_read
