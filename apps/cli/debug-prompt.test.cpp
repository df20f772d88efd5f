// Lines at the debugger's prompt.
#include "apps/cli/debug-prompt.h"

#include <doctest/doctest.h>

#include "engine/json/writer.h"

namespace weir::cli {
namespace {

const std::vector<std::string> kNodes{"read", "map"};
const std::vector<std::string> kEdges{"paid", "unpaid"};

std::string asked(std::string_view line) {
  const auto read = readDebugLine(line, kNodes, kEdges);
  if (!read) return read.error().message;
  return read->type + " " + json::write(read->data) + (read->ofHeld ? " held" : "");
}

}  // namespace

TEST_CASE("words are parted by spaces, and quotes keep them together") {
  CHECK(*wordsOf("  a  b\tc \r\n") == std::vector<std::string>{"a", "b", "c"});
  CHECK(*wordsOf("log 'a b' \"c 'd'\"") == std::vector<std::string>{"log", "a b", "c 'd'"});
  CHECK(*wordsOf("row.name=='x y'") == std::vector<std::string>{"row.name=='x y'"});
  CHECK(*wordsOf("name=O'Neil b") == std::vector<std::string>{"name=O'Neil", "b"});
  CHECK(*wordsOf("'' \"\"") == std::vector<std::string>{"", ""});
  CHECK_FALSE(wordsOf("log 'a b"));
}

TEST_CASE("a breakpoint is at a node or an edge, with condition, count and message") {
  CHECK(asked("break paid") == R"(break {"edge":"paid"})");
  CHECK(asked("b map if row.n > 3 && row.m == 1 after 5") ==
        R"(break {"node":"map","where":"row.n > 3 && row.m == 1","after":5})");
  CHECK(asked("break paid log 'got {row.n}' if row.n == 3") ==
        R"(break {"edge":"paid","log":"got {row.n}","where":"row.n == 3"})");
  CHECK(asked("break paid if 'row.n > 3' after 2") == R"(break {"edge":"paid","where":"row.n > 3","after":2})");
  CHECK(asked("break paid if row.land == 'DE'") == R"(break {"edge":"paid","where":"row.land == 'DE'"})");
  CHECK(asked("break paid if 'after' ==  row.a && row.b in [ 'x  y', 'log' ] after 2") ==
        R"(break {"edge":"paid","where":"'after' ==  row.a && row.b in [ 'x  y', 'log' ]","after":2})");
  CHECK(asked("break piad").find("Did you mean 'paid'?") != std::string::npos);
  CHECK(asked("break").find("break where?") != std::string::npos);
  CHECK(asked("break paid after x").find("'x' is no number") != std::string::npos);
  CHECK(asked("break paid when x").find("'when' is not understood") != std::string::npos);
}

TEST_CASE("what is done with a held row names it, or means the only one") {
  CHECK(asked("step") == R"(act {"action":"step"} held)");
  CHECK(asked("c 4") == R"(act {"action":"continue","held":4})");
  CHECK(asked("set n=5 name=\"x\" tag=plain list=[1,2]") ==
        R"(set {"fields":{"n":5,"name":"x","tag":"plain","list":[1,2]}} held)");
  CHECK(asked("set a='x y' b=\"x y\" c='' d=O'Neil") ==
        R"(set {"fields":{"a":"x y","b":"x y","c":"","d":"O'Neil"}} held)");
  CHECK(asked("set n").find("write set NAME=VALUE") != std::string::npos);
  CHECK(asked("remove 3") == R"(unbreak {"breakpoint":3})");
  CHECK(asked("tap paid 3 if row.n > 1") == R"(subscribe {"kind":"tap","edge":"paid","where":"row.n > 1"})");
}

TEST_CASE("a word that is not known names the nearest one") {
  CHECK(asked("contniue").find("Did you mean 'continue'?") != std::string::npos);
  CHECK(readDebugLine("", kNodes, kEdges)->what == DebugLine::What::nothing);
  CHECK(readDebugLine("q", kNodes, kEdges)->what == DebugLine::What::quit);
}

}  // namespace weir::cli
