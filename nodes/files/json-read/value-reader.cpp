// Moves a window over one JSON value.
#include "nodes/files/json-read/value-reader.h"

#include <algorithm>
#include <string>

namespace weir::nodes::json_read {
namespace {

/// Rows of long elements leave in smaller batches.
constexpr std::int64_t kBatchBytes = 4 << 20;
constexpr std::int64_t kKeptIndexBytes = 1 << 20;
constexpr std::size_t kMostMistakes = 1024;  // are kept until they are told

/// The text is JSON all the same: what stands behind the element can be read.
bool onlyElement(json::Fault fault) { return fault == json::Fault::loneSurrogate || fault == json::Fault::tooDeep; }

}  // namespace

ValueReader::ValueReader(Shared& shared, Desk& desk, FileStream& stream, std::vector<Mistake>& mistakes)
    : shared_(shared), desk_(desk), stream_(stream), mistakes_(mistakes), charge_(shared.context.account()) {
  desk_.elements.begin();
}

ValueReader::~ValueReader() {
  // A large index is not for the next file: nobody would account for it.
  if (desk_.structure.bytes() > kKeptIndexBytes) desk_.structure = {};
  if (desk_.elements.bytes() > kKeptIndexBytes) desk_.elements = json::Elements();
}

Result<ValueReader::Step> ValueReader::run(const Waker& waker) {
  for (;;) {
    if (wantsMore_) {
      // The first window is there already.
      if (opened_ || !settleKind()) {
        WEIR_ASSIGN(const auto polled, stream_.more(waker));
        if (polled == Poll::pending) return Step::pending;
      }
      if (!settleKind()) continue;
      window_ = stream_.closedWindow();
      wantsMore_ = false;
      opened_ = true;
      if (kind_ == Kind::list) desk_.elements.open(window_, stream_.atEnd());
    }
    if (kind_ == Kind::list) {
      WEIR_ASSIGN(const auto step, readList());
      if (step != Step::pending) return step;
    } else if (stream_.atEnd() || static_cast<std::int64_t>(window_.size()) > shared_.options.maxRecordBytes) {
      return readSingle();
    }
    wantsMore_ = true;
  }
}

/// By the first byte that is no space. False: more bytes are needed.
bool ValueReader::settleKind() {
  if (kind_ != Kind::unknown) return true;
  const auto window = stream_.window();
  const auto first = window.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos && !stream_.atEnd()) {
    window_ = window;
    drop(static_cast<std::int64_t>(window.size()));
    return false;
  }
  kind_ = first != std::string_view::npos && window[first] == '[' ? Kind::list : Kind::single;
  return true;
}

void ValueReader::drop(std::int64_t bytes) {
  origin_ = json::placeOf(window_, bytes, origin_);
  stream_.drop(bytes);
}

Result<void> ValueReader::charge() {
  const auto bytes = kind_ == Kind::list ? desk_.elements.bytes() : desk_.structure.bytes();
  if (charge_.set(bytes)) return {};
  const auto& account = shared_.context.account();
  return fail("memory.limit", "the index of the JSON text needs " + std::to_string(bytes) + " bytes more, and " +
                                  std::to_string(account.usedBytes()) + " of " + std::to_string(account.limitBytes()) +
                                  " are in use. Raise the memory limit, or lower maxRecordBytes.");
}

/// `pending`: the window needs more bytes.
Result<ValueReader::Step> ValueReader::readList() {
  auto& elements = desk_.elements;
  for (;;) {
    switch (elements.next()) {
      case json::Elements::Step::element:
        if (!takeElement() && !noteWrong()) return Step::done;
        if (!desk_.decoder.full() && heldBytes_ < kBatchBytes && mistakes_.size() < kMostMistakes) break;
        heldBytes_ = 0;
        WEIR_TRY(charge());
        return Step::batch;
      case json::Elements::Step::wrong:
        if (!noteWrong()) return Step::done;
        if (mistakes_.size() >= kMostMistakes) return Step::batch;
        break;
      case json::Elements::Step::end:
        return Step::done;
      case json::Elements::Step::more:
        WEIR_TRY(charge());
        if (const auto from = elements.done();
            static_cast<std::int64_t>(window_.size() - from) > shared_.options.maxRecordBytes) {
          noteTooLong(from, "the element");
          elements.skipElement();
          break;
        }
        drop(elements.done());
        return Step::pending;
    }
  }
}

/// False: the element is wrong.
bool ValueReader::takeElement() {
  auto& elements = desk_.elements;
  const auto begin = elements.cursor().position();
  const auto bytes = elements.elementEnd() - begin;
  if (bytes > shared_.options.maxRecordBytes) {
    noteTooLong(begin, "the element");
    return true;
  }
  const auto outcome = desk_.decoder.read(elements.cursor());
  if (outcome == RowDecoder::Outcome::good && elements.finishElement()) {
    desk_.decoder.commit();
    heldBytes_ += bytes;
    return true;
  }
  if (outcome != RowDecoder::Outcome::drift || !elements.check()) return false;
  auto error = desk_.decoder.drift();
  const auto place = json::placeOf(window_, begin, origin_);
  error.message.insert(0, json::toText(place) + ": ");
  mistakes_.push_back({place.line, shownText(window_.substr(begin, bytes)), std::move(error)});
  return true;
}

/// False: what follows the mistake cannot be read.
bool ValueReader::noteWrong() {
  auto& elements = desk_.elements;
  const auto problem = elements.problem();
  auto from = window_.find_first_not_of(" \t\r\n", elements.done());
  note(problem, std::min({from, static_cast<std::size_t>(problem.position), window_.size()}));
  if (!onlyElement(problem.fault)) return false;
  elements.skipElement();
  return true;
}

void ValueReader::note(json::Problem problem, std::size_t from) {
  const auto place = json::placeOf(window_, problem.position, origin_);
  mistakes_.push_back(
      {place.line, shownText(window_.substr(from, kShownBytes + 1)), json::describe(problem, window_, origin_)});
}

void ValueReader::noteTooLong(std::size_t from, std::string_view what) {
  const auto begin = std::min(window_.find_first_not_of(" \t\r\n", from), window_.size());
  const auto place = json::placeOf(window_, static_cast<std::int64_t>(begin), origin_);
  mistakes_.push_back(
      {place.line, shownText(window_.substr(begin, kShownBytes + 1)),
       Error{"json.record_too_long",
             json::toText(place) + ": " + std::string(what) + " that begins here is longer than " +
                 std::to_string(shared_.options.maxRecordBytes) +
                 " bytes; raise maxRecordBytes, or write smaller values, a line or a list element each"}});
}

/// All of it is in the window, or it is too long.
Result<ValueReader::Step> ValueReader::readSingle() {
  if (static_cast<std::int64_t>(window_.size()) > shared_.options.maxRecordBytes) {
    noteTooLong(0, "the value");
    return Step::done;
  }
  auto& structure = desk_.structure;
  structure.build(window_, 0, static_cast<std::uint32_t>(window_.size()), json::TextKind::document);
  WEIR_TRY(charge());
  const auto wrong = structure.problem();
  if (structure.count() == 0) {
    note(wrong.ok() ? json::Problem{json::Fault::expectedValue, structure.end()} : wrong, 0);
    return Step::done;
  }
  json::Cursor cursor;
  cursor.start(structure, 0);
  if (shared_.options.format == Format::array) {
    note({json::Fault::wrongType, cursor.position()}, cursor.position());
    return Step::done;
  }
  const auto begin = cursor.position();
  const auto outcome = desk_.decoder.read(cursor);
  if (outcome == RowDecoder::Outcome::drift) {
    cursor.start(structure, 0);
    static_cast<void>(cursor.skip());
  }
  // A mistake of a string or byte comes to light where the index was cut short.
  const bool good = cursor.problem().ok() && wrong.ok() && cursor.finish(structure);
  if (good && outcome == RowDecoder::Outcome::good) {
    desk_.decoder.commit();
  } else if (good) {
    auto error = desk_.decoder.drift();
    const auto place = json::placeOf(window_, begin, origin_);
    error.message.insert(0, json::toText(place) + ": ");
    mistakes_.push_back({place.line, shownText(window_.substr(begin)), std::move(error)});
  } else {
    const auto found = cursor.problem();
    const bool cut = !wrong.ok() && (found.ok() || found.position >= wrong.position);
    note(cut ? wrong : found, begin);
  }
  return Step::done;
}

}  // namespace weir::nodes::json_read
