// What may stand on a terminal.
#include "engine/text/printable.h"

#include <doctest/doctest.h>

using weir::hasControls;
using weir::printable;

TEST_CASE("S12: text from outside commands no terminal") {
  CHECK(printable("plain, größer, 数") == "plain, größer, 数");
  CHECK(printable("\x1b[2J\a\x7f") == "\\u001b[2J\\u0007\\u007f");
  CHECK(printable("\xc2\x9b") == "\\u009b");
  CHECK(printable("a\xe2\x80\xae z") == "a\\u202e z");
  CHECK(printable("bad \xff\xfe") == "bad \\u00ff\\u00fe");
  CHECK(printable("cut \xe2\x80") == "cut \\u00e2\\u0080");
  CHECK(printable("\r") == "\\u000d");
}

TEST_CASE("S12: text from outside forges no line") {
  CHECK(printable("one\nerror: two\n") == "one\n  error: two\n");
  CHECK(printable("tab\tstays") == "tab\tstays");
}

TEST_CASE("what holds a control character is known") {
  CHECK_FALSE(hasControls("größer"));
  CHECK(hasControls("a\nb"));
  CHECK(hasControls("\x1b"));
  CHECK(hasControls("\xff"));
}
