// The public conformance suite, when it is there: at least 99 % pass, and the exceptions are listed.
#include "engine/cel/conformance.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "engine/time/zone.h"

namespace {

class SystemZones final : public weir::ZoneSource {
 public:
  weir::Result<std::string> load(std::string_view name) override {
    std::ifstream file("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
    if (!file) return weir::fail("zone.unknown", "There is no such zone.");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
};

std::ifstream openSuite() {
  if (const char* shared = std::getenv("WEIR_SHARED"))
    return std::ifstream(std::string(shared) + "/conformance/cel.ndjson");
  for (std::string up = "../"; up.size() < 20; up += "../") {
    std::ifstream file(up + "shared/conformance/cel.ndjson");
    if (file) return file;
  }
  return {};
}

std::set<std::string> exceptions() {
  std::set<std::string> names;
  for (std::string up; up.size() < 20; up += "../") {
    std::ifstream file(up + "tests/conformance/cel/exceptions.tsv");
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#') continue;
      names.insert(line.substr(0, line.rfind('\t')));
    }
  }
  return names;
}

}  // namespace

TEST_CASE("the public conformance suite passes, but for the listed exceptions") {
  auto suite = openSuite();
  if (!suite) {
    MESSAGE("skipped: cel.ndjson is not there (set WEIR_SHARED)");
    return;
  }
  SystemZones source;
  weir::Zones zones(source);
  const auto allowed = exceptions();
  weir::cel::ConformanceCount count;
  for (std::string line; std::getline(suite, line);) {
    const auto result = weir::cel::runConformanceCase(line, &zones);
    count.add(result);
    const bool excused = allowed.contains(result.file + "\t" + result.section + "\t" + result.name);
    CHECK_MESSAGE((excused || result.outcome == weir::cel::CaseOutcome::passed), weir::cel::conformanceLine(result));
  }
  MESSAGE(count.text());
  CHECK(count.passed * 100 >= (count.passed + count.failed + count.skipped) * 99);
}

TEST_CASE("a line that is no case is a failed case that says why") {
  const auto result = weir::cel::runConformanceCase("{nonsense");
  CHECK(result.outcome == weir::cel::CaseOutcome::failed);
  CHECK_FALSE(result.why.empty());
}

TEST_CASE("a case that cannot be read has failed, and says why") {
  for (const char* line :
       {"", "{}", "[]", "{\"expr\": 1, \"error\": {}}", "{\"expr\": \"1\"}", "{\"expr\": \"1 +\"}"}) {
    CAPTURE(line);
    const auto result = weir::cel::runConformanceCase(line);
    CHECK(result.outcome == weir::cel::CaseOutcome::failed);
    CHECK_FALSE(result.why.empty());
  }
}
