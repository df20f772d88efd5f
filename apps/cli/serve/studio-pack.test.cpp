// The pack of the studio: what it holds, and texts that are none.
#include "apps/cli/serve/studio-pack.h"

#include <doctest/doctest.h>

namespace weir::cli {

TEST_CASE("a pack has its files with what they are sent with") {
  const auto files = studioFilesOf("/\ttext/html\tfresh\t3\n/assets/a-1.js\ttext/javascript\tkept\t2\n\nabcde");
  REQUIRE(files.size() == 2);
  CHECK(files[0].path == "/");
  CHECK(files[0].type == "text/html");
  CHECK_FALSE(files[0].kept);
  CHECK(files[0].content == "abc");
  CHECK(files[1].path == "/assets/a-1.js");
  CHECK(files[1].kept);
  CHECK(files[1].content == "de");
}

TEST_CASE("what is no pack has no files") {
  for (const auto* text :
       {"", "\n\n", "/\ttext/html\tfresh\t3\n", "/\ttext/html\tfresh\t9\n\nabc", "/\ttext/html\tfresh\tx\n\nabc",
        "/\ttext/html\tfresh\t-1\n\nabc", "/\n\nabc", "a\tb\tc\t0\n\n"}) {
    CAPTURE(text);
    CHECK(studioFilesOf(text).empty());
  }
}

}  // namespace weir::cli
