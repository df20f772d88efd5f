// Reads the elements of a list, however long, from a text that arrives in windows.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/json/cursor.h"
#include "engine/json/structure.h"

namespace weir::json {

/// Gives the elements of a JSON text that is one list. Memory: the index of about 64 KiB, or of the longest element.
///
///   elements.begin();
///   for (;;) {
///     elements.open(window, last);  // begins with the byte that done() told of the window before
///     for (auto step = elements.next(); step == Elements::Step::element; step = elements.next())
///       if (!read(elements.cursor()) || !elements.finishElement()) report(elements.problem());
///     ...
///   }
class Elements {
 public:
  enum class Step : std::uint8_t {
    element,  // cursor() stands before it; all of it is in the window
    more,     // open() a window with more bytes behind done()
    wrong,    // problem() tells; skipElement() may help
    end       // of the list and of the text
  };

  explicit Elements(std::uint32_t windowBytes = 1U << 16U) : windowBytes_(windowBytes) {}

  /// A new text.
  void begin();
  /// `text` begins where done() said, at most kMaxTextBytes, and has kPaddingBytes readable bytes behind it, the first
  /// of which is NUL. `last`: nothing follows. Before the list there may be space; no byte order mark.
  void open(std::string_view text, bool last);
  [[nodiscard]] Step next();

  [[nodiscard]] Cursor& cursor() { return cursor_; }
  /// To be called when the element was read: false if something else follows it than a comma or the list's end, or if
  /// the cursor found it wrong.
  [[nodiscard]] bool finishElement();
  /// Whether all of the element is valid, wherever the cursor was left.
  [[nodiscard]] bool check();
  /// Gives the element up that begins at done(), be it wrong or too long: the next steps go to the one behind it.
  void skipElement();
  /// What is wrong; the position is one of the window.
  [[nodiscard]] Problem problem() const { return cursor_.problem(); }

  /// So many bytes of the window are not needed again: behind them begins the element under way.
  [[nodiscard]] std::uint32_t done() const { return at_; }
  /// Where the element ends, behind next().
  [[nodiscard]] std::uint32_t elementEnd() const { return structure_.entries()[end_]; }
  /// What the index holds.
  [[nodiscard]] std::int64_t bytes() const { return structure_.bytes(); }

 private:
  enum class Stage : std::uint8_t {
    before,   // of the list
    first,    // behind '[': an element or ']'
    element,  // behind a comma
    taken,    // an element was given
    skipping,
    behind  // the list
  };

  Step toElement();
  Step toFirst();
  Step toEnd();
  Step passOver();
  bool index();
  bool findEnd();
  void start();
  void leave();
  bool toToken();
  Step wrong(Fault fault);

  std::uint32_t windowBytes_;
  Structure structure_;
  Cursor cursor_;
  std::string_view text_;
  bool last_ = false;
  Stage stage_ = Stage::before;
  std::uint32_t at_ = 0;
  // The index begins with an element, of which it has no comma; behind that, comma_ is the entry before the element.
  std::uint32_t indexedTo_ = 0;
  std::int64_t comma_ = -1;
  std::int64_t end_ = 0;  // the entry behind the element
  // Of the element that is passed over.
  std::int64_t depth_ = 0;
  bool inString_ = false, escaped_ = false;
};

}  // namespace weir::json
