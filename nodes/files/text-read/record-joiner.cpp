// Records end where the next one begins.
#include "nodes/files/text-read/record-joiner.h"

namespace weir::nodes::text_read {

void RecordJoiner::add(const Lines& lines, regex::Regex::Scratch& scratch, Lines& out) {
  text_.clear();
  out.clear();
  for (std::size_t i = 0; i < lines.spans.size(); ++i) {
    const auto span = lines.spans[i];
    const auto line =
        lines.text.substr(static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.end - span.begin));
    if (!open_ || start_.search(line, scratch)) {
      close(out);
      open_ = true;
      line_ = lines.numbers[i];
      offset_ = lines.offsets[i];
      record_.assign(line);
    } else if (!givenUp_) {
      if (static_cast<std::int64_t>(record_.size() + line.size()) >= maxBytes_) {
        givenUp_ = true;
        tooLong_.emplace_back(line_, offset_);
        record_.clear();
      } else {
        record_ += '\n';
        record_ += line;
      }
    }
  }
  out.text = text_;
}

void RecordJoiner::finish(Lines& out) {
  text_.clear();
  close(out);
  out.text = text_;
}

void RecordJoiner::close(Lines& out) {
  if (open_ && !givenUp_) {
    const auto begin = static_cast<std::int64_t>(text_.size());
    text_ += record_;
    out.spans.push_back({begin, static_cast<std::int64_t>(text_.size())});
    out.numbers.push_back(line_);
    out.offsets.push_back(offset_);
  }
  open_ = givenUp_ = false;
}

}  // namespace weir::nodes::text_read
