// Finds where elements end before they are read: an element whose end is not in the window waits for more bytes.
#include "engine/json/elements.h"

#include <algorithm>

namespace weir::json {
namespace {

enum class Mark : std::uint8_t { none, open, close, comma };

constexpr std::array<Mark, 256> kMarks = [] {
  std::array<Mark, 256> marks{};
  marks['['] = marks['{'] = Mark::open;
  marks[']'] = marks['}'] = Mark::close;
  marks[','] = Mark::comma;
  return marks;
}();

Mark markOf(char c) { return kMarks[static_cast<unsigned char>(c)]; }

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

void Elements::begin() {
  stage_ = Stage::before;
  at_ = indexedTo_ = 0;
}

void Elements::open(std::string_view text, bool last) {
  text_ = text;
  last_ = last;
  at_ = indexedTo_ = 0;
  if (stage_ == Stage::taken) stage_ = Stage::element;
}

Elements::Step Elements::wrong(Fault fault) {
  cursor_.fail(fault, at_);
  return Step::wrong;
}

// False: the window has nothing but space from here.
bool Elements::toToken() {
  while (at_ < text_.size() && isSpace(text_[at_])) ++at_;
  return at_ < text_.size();
}

Elements::Step Elements::next() {
  if (stage_ == Stage::taken) leave();
  switch (stage_) {
    case Stage::before:
      if (!toToken()) return last_ ? wrong(Fault::expectedValue) : Step::more;
      if (text_[at_] != '[') return wrong(Fault::wrongType);
      ++at_;
      stage_ = Stage::first;
      return toFirst();
    case Stage::first:
      return toFirst();
    case Stage::skipping:
      return passOver();
    case Stage::behind:
      return toEnd();
    case Stage::element:
    case Stage::taken:
      break;
  }
  return toElement();
}

Elements::Step Elements::toFirst() {
  if (!toToken()) return last_ ? wrong(Fault::expectedElement) : Step::more;
  if (text_[at_] != ']') return toElement();
  ++at_;
  stage_ = Stage::behind;
  return toEnd();
}

Elements::Step Elements::toEnd() {
  if (toToken()) return wrong(Fault::trailing);
  return last_ ? Step::end : Step::more;
}

// Goes behind the element's comma, or the list's end.
void Elements::leave() {
  const auto end = structure_.entries()[end_];
  at_ = end + 1;
  comma_ = end_;
  stage_ = text_[end] == ',' ? Stage::element : Stage::behind;
}

Elements::Step Elements::toElement() {
  // Between the comma and the element there may be much space, which need not stay in the window.
  if (indexedTo_ <= at_ && !toToken()) return last_ ? wrong(Fault::expectedValue) : Step::more;
  for (;;) {
    if (indexedTo_ > at_) {
      if (findEnd()) {
        start();
        stage_ = Stage::taken;
        return Step::element;
      }
      if (const auto problem = structure_.problem(); !problem.ok() || indexedTo_ == text_.size()) {
        // What is in the window of it tells whether more can mend it.
        start();
        const bool good = cursor_.skip();
        const bool cut = cursor_.next() >= structure_.entries() + structure_.count();
        if (!good && !cut) return Step::wrong;
        if (!problem.ok()) return cursor_.fail(problem.fault, problem.position), Step::wrong;
        if (!last_) return Step::more;
        if (good) cursor_.fail(Fault::expectedCommaOrBracket, structure_.end());
        return Step::wrong;
      }
    }
    if (!index()) return wrong(Fault::expectedValue);
  }
}

// Indexes from the element on, further than before.
bool Elements::index() {
  const auto size = static_cast<std::uint32_t>(text_.size());
  const auto before = indexedTo_ > at_ ? indexedTo_ - at_ : 0;
  const auto wanted = std::max(std::uint64_t{windowBytes_}, std::uint64_t{before} * 2);
  indexedTo_ = size - at_ > wanted ? at_ + static_cast<std::uint32_t>(wanted) : size;
  comma_ = -1;
  structure_.build(text_, at_, indexedTo_, last_ && indexedTo_ == size ? TextKind::document : TextKind::part);
  return structure_.count() > 0 || !structure_.problem().ok() || indexedTo_ < size || !last_;
}

bool Elements::findEnd() {
  const auto* const entries = structure_.entries();
  const auto count = structure_.count();
  std::int64_t depth = 0;
  for (auto at = comma_ + 1; at < count; ++at) {
    switch (markOf(text_[entries[at]])) {
      case Mark::none:
        break;
      case Mark::open:
        ++depth;
        break;
      case Mark::close:
        if (--depth >= 0) break;
        end_ = at;
        return true;
      case Mark::comma:
        if (depth > 0) break;
        end_ = at;
        return true;
    }
  }
  return false;
}

void Elements::start() {
  if (comma_ < 0) {
    cursor_.startElement(structure_);
  } else {
    cursor_.startElement(structure_, comma_);
  }
}

bool Elements::finishElement() {
  if (!cursor_.problem().ok()) return false;
  const auto* const next = cursor_.next();
  const auto* const end = structure_.entries() + end_;
  if (next == end && text_[*end] != '}') return true;
  return cursor_.fail(Fault::expectedCommaOrBracket, *std::min(next, end));
}

bool Elements::check() {
  start();
  return cursor_.skip() && finishElement();
}

void Elements::skipElement() {
  stage_ = Stage::skipping;
  depth_ = 0;
  inString_ = escaped_ = false;
  indexedTo_ = at_;
}

// Nothing of it is checked: it is told as wrong already.
Elements::Step Elements::passOver() {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (inString_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        inString_ = false;
      }
      continue;
    }
    if (c == '"') {
      inString_ = true;
      continue;
    }
    const auto mark = markOf(c);
    if (mark == Mark::open) ++depth_;
    if (mark == Mark::comma && depth_ == 0) {
      ++at_;
      stage_ = Stage::element;
      return toElement();
    }
    if (mark == Mark::close && --depth_ < 0) {
      if (c != ']') return wrong(Fault::expectedCommaOrBracket);
      ++at_;
      stage_ = Stage::behind;
      return toEnd();
    }
  }
  indexedTo_ = at_;
  if (!last_) return Step::more;
  return wrong(inString_ ? Fault::unterminatedString : Fault::expectedCommaOrBracket);
}

}  // namespace weir::json
