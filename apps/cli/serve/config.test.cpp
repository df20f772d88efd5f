// Settings: where they come from, what goes first, what is refused; and the pages written from their table.
#include "apps/cli/serve/config.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

using namespace weir;
using namespace weir::cli;

namespace {

using Kind = Setting::Kind;

constexpr std::array kSome = {
    Setting{
        .group = "A", .name = "listen", .value = "ADDRESS", .otherwise = "127.0.0.1:8080", .help = "Where it answers"},
    Setting{.group = "A",
            .name = "most-connections",
            .value = "N",
            .otherwise = "100",
            .help = "How many",
            .kind = Kind::number,
            .least = 1,
            .most = 1000},
    Setting{
        .group = "A", .name = "self-signed", .value = "", .otherwise = "false", .help = "So it is", .kind = Kind::flag},
    Setting{
        .group = "A", .name = "drain", .value = "TIME", .otherwise = "30s", .help = "How long", .kind = Kind::duration},
    Setting{.group = "A", .name = "room", .value = "SIZE", .otherwise = "1MiB", .help = "How much", .kind = Kind::size},
    Setting{.group = "B", .name = "proxies", .value = "RANGE", .otherwise = "", .help = "Which", .kind = Kind::list},
    Setting{
        .group = "B", .name = "data", .value = "DIR", .otherwise = "~/weir", .help = "The folder", .kind = Kind::path},
    Setting{.group = "B",
            .name = "level",
            .value = "LEVEL",
            .otherwise = "info",
            .help = "What is logged",
            .kind = Kind::choice,
            .aliases = "LOG_LEVEL LEVEL",
            .choices = "debug info error"},
    Setting{.group = "B",
            .name = "database-limit",
            .value = "N",
            .otherwise = "",
            .help = "A secret number",
            .kind = Kind::number,
            .secret = true},
};

std::string refusalOf(const ConfigSources& sources) {
  const auto config = Config::make(kSome, sources);
  return config ? "taken" : config.error().message;
}

/// The whole text of `path` with what stands between its marks replaced; what is there now goes to `found`.
std::string pageWith(const std::string& path, const std::string& tables, std::string& found) {
  constexpr std::string_view begin = "<!-- settings: written from apps/cli/serve/config-table.cpp -->\n";
  constexpr std::string_view end = "<!-- end of settings -->\n";
  std::ifstream file(path);
  found.assign(std::istreambuf_iterator<char>(file), {});
  const auto from = found.find(begin), to = found.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  return found.substr(0, from + begin.size()) + "\n" + tables + "\n" + found.substr(to);
}

}  // namespace

TEST_CASE("A flag goes before a variable, a variable before the file, the file before the default") {
  ConfigSources sources{
      .flags = {}, .environment = {}, .file = R"({"listen": "file", "level": "error"})", .fileName = "f"};
  const auto listen = [&sources] {
    const auto config = Config::make(kSome, sources);
    REQUIRE(config);
    return config->text("listen") + " of " + config->origin("listen");
  };
  CHECK(listen() == "file of f:1");
  sources.environment["WEIR_LISTEN"] = "variable";
  CHECK(listen() == "variable of WEIR_LISTEN");
  sources.flags["listen"] = {"flag"};
  CHECK(listen() == "flag of --listen");
  sources = {};
  CHECK(listen() == "127.0.0.1:8080 of default");
  sources.environment["WEIR_LISTEN"] = "";
  CHECK(listen() == "127.0.0.1:8080 of default");
}

TEST_CASE("The usual names of other programs do as well, and ours goes first") {
  ConfigSources sources;
  sources.environment["LEVEL"] = "error";
  CHECK(Config::make(kSome, sources)->text("level") == "error");
  sources.environment["LOG_LEVEL"] = "debug";
  CHECK(Config::make(kSome, sources)->text("level") == "debug");
  CHECK(Config::make(kSome, sources)->byAlias("level"));
  sources.environment["WEIR_LEVEL"] = "info";
  CHECK(Config::make(kSome, sources)->text("level") == "info");
  CHECK_FALSE(Config::make(kSome, sources)->byAlias("level"));
  CHECK_FALSE(Config::make(kSome, {})->byAlias("level"));
}

TEST_CASE("Each kind of value says the same as a flag, a variable and in the file") {
  const ConfigSources byFlags{.flags = {{"most-connections", {"7"}},
                                        {"self-signed", {"true"}},
                                        {"drain", {"1m30s"}},
                                        {"room", {"2KiB"}},
                                        {"proxies", {"10.0.0.0/8", "::1/128"}},
                                        {"data", {"~/here"}}},
                              .environment = {{"HOME", "/home/a"}},
                              .file = {},
                              .fileName = {}};
  const ConfigSources byVariables{.flags = {},
                                  .environment = {{"WEIR_MOST_CONNECTIONS", "7"},
                                                  {"WEIR_SELF_SIGNED", "yes"},
                                                  {"WEIR_DRAIN", "90s"},
                                                  {"WEIR_ROOM", "2048"},
                                                  {"WEIR_PROXIES", "10.0.0.0/8, ::1/128"},
                                                  {"WEIR_DATA", "~/here"},
                                                  {"HOME", "/home/a"}},
                                  .file = {},
                                  .fileName = {}};
  const ConfigSources byFile{.flags = {},
                             .environment = {{"HOME", "/home/a"}},
                             .file = R"({"most-connections": 7, "self-signed": true, "drain": "90s", "room": "2KiB",
                                         "proxies": ["10.0.0.0/8", "::1/128"], "data": "~/here", "x-note": null})",
                             .fileName = "weir.json"};
  for (const auto* sources : {&byFlags, &byVariables, &byFile}) {
    const auto config = Config::make(kSome, *sources);
    REQUIRE(config);
    CHECK(config->number("most-connections") == 7);
    CHECK(config->flag("self-signed"));
    CHECK(config->number("drain") == 90'000);
    CHECK(config->number("room") == 2048);
    CHECK(config->list("proxies") == std::vector<std::string>{"10.0.0.0/8", "::1/128"});
    CHECK(config->text("data") == "/home/a/here");
  }
}

TEST_CASE("A duration has its unit, days and weeks too, and 0 needs none") {
  const auto drain = [](const std::string& text) -> std::int64_t {
    const auto config =
        Config::make(kSome, {.flags = {{"drain", {text}}}, .environment = {}, .file = {}, .fileName = {}});
    return config ? config->number("drain") : -1;
  };
  CHECK(drain("90d") == 90LL * 86'400'000);
  CHECK(drain("2w") == 14LL * 86'400'000);
  CHECK(drain("1w1d12h") == (8LL * 24 + 12) * 3'600'000);
  CHECK(drain("1m30s") == 90'000);
  CHECK(drain("500ms") == 500);
  CHECK(drain("0") == 0);
  CHECK(drain("0s") == 0);
  for (const auto* bad : {"90", "1d90", "d", "1d1d", "1d1w", "-1d", "99999999999999999999d", "9999999d", "1.5", "1y"}) {
    CAPTURE(bad);
    CHECK(drain(bad) == -1);
  }
}

TEST_CASE("A choice may be in capitals, and a level of the log has the words of other programs") {
  CHECK(Config::make(kSome, {.flags = {{"level", {"INFO"}}}, .environment = {}, .file = {}, .fileName = {}})
            ->text("level") == "info");
  for (const auto& [said, meant] : {std::pair{"WARNING", "warn"}, {"Warn", "warn"}, {"critical", "error"}}) {
    const auto config =
        Config::make(serveSettings(), {.flags = {}, .environment = {{"LOG_LEVEL", said}}, .file = {}, .fileName = {}});
    REQUIRE(config);
    CHECK(config->text("log-level") == meant);
  }
}

TEST_CASE("What is no setting is refused with the nearest name, and what is no value with where it was given") {
  CHECK(refusalOf({.flags = {}, .environment = {}, .file = "{\n \"lisen\": \"x\"}", .fileName = "weir.json"}) ==
        "weir.json:2: there is no setting 'lisen'. Did you mean 'listen'?");
  CHECK(refusalOf({.flags = {}, .environment = {}, .file = "[]", .fileName = "weir.json"}) ==
        "weir.json is a list; expected a JSON object of settings");
  CHECK(refusalOf({.flags = {}, .environment = {}, .file = R"({"drain": {}})", .fileName = "weir.json"}) ==
        "weir.json:1: '{}' is no value for 'drain'; expected a duration such as 90s or 5m");
  CHECK(refusalOf({.flags = {{"drain", {"90"}}}, .environment = {}, .file = {}, .fileName = {}}) ==
        "--drain: '90' is no value for 'drain'; expected a duration with its unit: 90 what? Write 90s, 90m, 90h or "
        "90d");
  for (const auto* file :
       {R"({"drain": 90})", R"({"data": 5})", R"({"most-connections": "5"})", R"({"self-signed": "true"})",
        R"({"listen": 8080})", R"({"level": true})", R"({"proxies": [1]})"}) {
    CAPTURE(file);
    CHECK(refusalOf({.flags = {}, .environment = {}, .file = file, .fileName = "f"}).starts_with("f:1: "));
  }
  CHECK(refusalOf({.flags = {{"most-connections", {"0"}}}, .environment = {}, .file = {}, .fileName = {}}) ==
        "--most-connections: '0' is no value for 'most-connections'; expected a whole number, 1 or more, 1000 at most");
  CHECK(refusalOf({.flags = {}, .environment = {{"LOG_LEVEL", "eror"}}, .file = {}, .fileName = {}}) ==
        "LOG_LEVEL: 'eror' is no value for 'level'; expected one of: debug info error. Did you mean 'error'?");
  CHECK(refusalOf({.flags = {}, .environment = {{"WEIR_SELF_SIGNED", "maybe"}}, .file = {}, .fileName = {}}) ==
        "WEIR_SELF_SIGNED: 'maybe' is no value for 'self-signed'; expected true or false");
}

TEST_CASE("S11: a secret setting is neither quoted when it is refused nor shown") {
  CHECK(refusalOf({.flags = {}, .environment = {{"WEIR_DATABASE_LIMIT", "canary"}}, .file = {}, .fileName = {}}) ==
        "WEIR_DATABASE_LIMIT: is no value for 'database-limit'; expected a whole number");
  const auto config =
      Config::make(kSome, {.flags = {}, .environment = {{"WEIR_DATABASE_LIMIT", "4711"}}, .file = {}, .fileName = {}});
  REQUIRE(config);
  CHECK_FALSE(config->describe().contains("4711"));
  CHECK(config->describe().contains("database-limit = ***  (WEIR_DATABASE_LIMIT)\n"));
  CHECK(config->describe().contains("level = info  (default)\n"));
}

TEST_CASE("A command line gives settings as flags; a list repeats, a flag can be switched off") {
  CLI::App app;
  GivenTexts flags;
  addSettings(app, kSome, flags);
  app.parse("--listen a --listen b --proxies 1.0.0.0/8 --proxies 2.0.0.0/8 --self-signed=false --config x.json");
  CHECK(flags["listen"].back() == "b");
  CHECK(flags["proxies"] == std::vector<std::string>{"1.0.0.0/8", "2.0.0.0/8"});
  CHECK(flags["self-signed"] == std::vector<std::string>{"false"});
  CHECK(flags["config"] == std::vector<std::string>{"x.json"});
}

TEST_CASE("Every setting of weir serve has a name of its own and a default that it takes") {
  std::set<std::string> variables;
  for (const auto& setting : serveSettings()) {
    CAPTURE(setting.name);
    CHECK(variables.insert(variableOf(setting)).second);
    CHECK_FALSE(setting.help.empty());
    CHECK_FALSE(setting.help.ends_with('.'));
  }
  const auto config = Config::make(serveSettings(), {});
  INFO((config ? "" : config.error().message));
  CHECK(config.has_value());
}

TEST_CASE(".env.example and the page about the configuration say what the table says") {
  std::string page;
  const auto wanted = pageWith("docs/reference/configuration.md", configurationTables(serveSettings()), page);
  std::ifstream file(".env.example");
  const std::string example{std::istreambuf_iterator<char>(file), {}};
  if (std::getenv("WEIR_WRITE_DOCS") != nullptr) {
    std::ofstream("docs/reference/configuration.md") << wanted;
    std::ofstream(".env.example") << envExample(serveSettings());
    return;
  }
  INFO("run build/release/test_cli with WEIR_WRITE_DOCS=1 from the root of the repository");
  CHECK(page == wanted);
  CHECK(example == envExample(serveSettings()));
}
