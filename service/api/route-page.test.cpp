// docs/reference/api.md says what the table of routes says. WEIR_WRITE_DOCS=1 brings it up to date.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "service/resources/server-routes.h"

using namespace weir::api;

namespace {

constexpr const char* kPage = "docs/reference/api.md";
constexpr std::string_view kBegin = "<!-- routes: written from the tables of routes -->\n";
constexpr std::string_view kEnd = "<!-- end of routes -->\n";

std::string pathOf(const Route& route) {
  auto path = "`" + std::string(kPrefix) + std::string(route.pattern) + "`";
  if (route.atRoot) path += ", `" + std::string(route.pattern) + "`";
  return path;
}

std::string orNone(std::string_view text) { return text.empty() ? "-" : std::string(text); }

std::string kindOf(const QueryRule& rule) {
  switch (rule.kind) {
    case QueryRule::Kind::text:
      return "text";
    case QueryRule::Kind::number:
      return "a number from " + std::to_string(rule.least) +
             (rule.most == std::numeric_limits<std::int64_t>::max() ? "" : " to " + std::to_string(rule.most));
    case QueryRule::Kind::flag:
      return "`true` or `false`";
    case QueryRule::Kind::choice: {
      auto choices = "`" + std::string(rule.choices) + "`";
      for (auto at = choices.find('|'); at != std::string::npos; at = choices.find('|', at))
        choices.replace(at, 1, "` or `");
      return choices;
    }
  }
  return {};
}

std::string tableOf(const std::vector<const Route*>& routes) {
  std::string text = "| method | path | what it does | takes | gives | permission |\n|---|---|---|---|---|---|\n";
  for (const auto* route : routes) {
    text += "| " + std::string(route->method) + " | " + pathOf(*route) + " | " + std::string(route->summary) + " | " +
            orNone(route->takes) + " | " + std::to_string(route->status) + " " + orNone(route->gives) + " | " +
            orNone(route->permission) + " |\n";
  }
  return text;
}

std::string written() {
  std::vector<const Route*> everywhere, ofServers, all;
  for (const auto& route : commonRoutes()) everywhere.push_back(&route);
  for (const auto* route : serverRoutes().all()) {
    if (!std::ranges::contains(everywhere, route)) ofServers.push_back(route);
  }
  auto text = "### Everywhere\n\n" + tableOf(everywhere) +
              "\n### On a server\n\nWhere one of the same method and path stands above, a server has this one.\n\n" +
              tableOf(ofServers);
  text += "\n### Parameters of the query\n\n| route | parameter | value | what it means |\n|---|---|---|---|\n";
  all = everywhere;
  all.insert(all.end(), ofServers.begin(), ofServers.end());
  for (const auto* route : all) {
    for (const auto& rule : route->query) {
      text += "| " + std::string(route->operation) + " | `" + std::string(rule.name) + "`" +
              (rule.repeats ? " (several)" : "") + " | " + kindOf(rule) + " | " + std::string(rule.help) + " |\n";
    }
  }
  return text + "\n";
}

}  // namespace

TEST_CASE("The page about the API says what the table of routes says") {
  std::ifstream file(kPage);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const auto begin = page.find(kBegin);
  const auto end = page.find(kEnd);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  const auto head = page.substr(0, begin + kBegin.size());
  const auto wanted = head + "\n" + written() + page.substr(end);
  if (std::getenv("WEIR_WRITE_DOCS") != nullptr) {
    std::ofstream(kPage) << wanted;
    return;
  }
  INFO("run build/release/test_service with WEIR_WRITE_DOCS=1 from the root of the repository");
  CHECK(page == wanted);
}
