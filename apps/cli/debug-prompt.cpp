// The words of the debugger's prompt.
#include "apps/cli/debug-prompt.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "engine/json/document.h"
#include "engine/text/suggest.h"

namespace weir::cli {
namespace {

using What = DebugLine::What;
using Words = std::vector<std::string>;

/// A word without its quotes, and as it stands in the line.
struct Word {
  std::string text;
  std::string_view raw;
};

std::unexpected<Error> wrong(std::string message) { return fail("settings.invalid", std::move(message)); }

Result<std::int64_t> numberOf(const std::string& text, std::string_view what) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) {
    return wrong("'" + text + "' is no number of " + std::string(what));
  }
  return number;
}

Result<DebugLine> request(std::string type, json::Value data = json::Value::object()) {
  DebugLine line;
  line.what = What::request;
  line.type = std::move(type);
  line.data = std::move(data);
  return line;
}

/// An expression from this word on, up to `after` or `log`: a single quoted word, or what stands in the line.
std::string expressionAt(std::span<const Word> words, std::size_t& at) {
  const auto first = at++;
  while (at < words.size() && words[at].raw != "after" && words[at].raw != "log") ++at;
  if (at == first + 1) return words[first].text;
  const auto* begin = words[first].raw.data();
  const auto& last = words[at - 1].raw;
  return {begin, last.data() + last.size()};
}

/// `if CEL`, `after N`, `log TEXT` behind a place.
Result<void> readMore(std::span<const Word> words, std::size_t at, json::Value& data) {
  while (at < words.size()) {
    const auto& word = words[at++].text;
    if (at >= words.size()) return wrong("'" + word + "' needs something behind it");
    if (word == "after") {
      WEIR_ASSIGN(const auto count, numberOf(words[at++].text, "matches"));
      data.set("after", count);
    } else if (word == "log") {
      data.set("log", words[at++].text);
    } else if (word == "if" || word == "where") {
      data.set("where", expressionAt(words, at));
    } else {
      return wrong("'" + word +
                   "' is not understood here; write: break PLACE [if CEL] [after N] [log 'text {row.id}']");
    }
  }
  return {};
}

Result<DebugLine> readBreak(std::span<const Word> words, const Words& nodes, const Words& edges) {
  if (words.size() < 2) return wrong("break where? write: break NODE-OR-EDGE [if CEL] [after N] [log 'text {row.id}']");
  const auto& place = words[1].text;
  auto data = json::Value::object();
  const auto known = [&place](const Words& names) { return std::ranges::find(names, place) != names.end(); };
  if (known(edges)) {
    data.set("edge", place);
  } else if (known(nodes)) {
    data.set("node", place);
  } else {
    auto all = nodes;
    all.insert(all.end(), edges.begin(), edges.end());
    return wrong("there is no node or edge '" + place + "'." + didYouMean(place, all));
  }
  WEIR_TRY(readMore(words, 2, data));
  return request("break", std::move(data));
}

Result<DebugLine> readTap(std::span<const Word> words) {
  if (words.size() < 2) return wrong("tap which edge? write: tap EDGE [ROWS] [if CEL]");
  auto data = json::Value::object();
  data.set("kind", "tap");
  data.set("edge", words[1].text);
  std::size_t at = 2;
  std::int64_t rows = 10;
  if (words.size() > 2 && words[2].text != "if" && words[2].text != "where") {
    WEIR_ASSIGN(rows, numberOf(words[2].text, "rows"));
    at = 3;
  }
  WEIR_TRY(readMore(words, at, data));
  WEIR_ASSIGN(auto line, request("subscribe", std::move(data)));
  line.rows = rows;
  return line;
}

/// `set NAME=JSON …`; what is no JSON is a text, in '…' if one likes.
Result<DebugLine> readSet(std::span<const Word> words) {
  auto fields = json::Value::object();
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto& word = words[i].text;
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0) return wrong("'" + word + "': write set NAME=VALUE");
    auto text = word.substr(equals + 1);
    auto value = json::parse(text);
    if (!value && text.size() > 1 && text.front() == '\'' && text.back() == '\'')
      text = text.substr(1, text.size() - 2);
    fields.set(word.substr(0, equals), value ? std::move(value->root()) : json::Value(text));
  }
  if (fields.count() == 0) return wrong("set what? write: set NAME=VALUE …");
  auto data = json::Value::object();
  data.set("fields", std::move(fields));
  WEIR_ASSIGN(auto line, request("set", std::move(data)));
  line.ofHeld = true;
  return line;
}

Result<DebugLine> readAction(std::span<const Word> words, std::string_view action) {
  auto data = json::Value::object();
  data.set("action", action);
  if (words.size() > 1) {
    WEIR_ASSIGN(const auto number, numberOf(words[1].text, "a held row"));
    data.set("held", number);
  }
  WEIR_ASSIGN(auto line, request("act", std::move(data)));
  line.ofHeld = words.size() < 2;
  return line;
}

Result<DebugLine> readRemove(std::span<const Word> words) {
  if (words.size() < 2) return wrong("remove which breakpoint? 'list' shows their numbers");
  WEIR_ASSIGN(const auto number, numberOf(words[1].text, "a breakpoint"));
  auto data = json::Value::object();
  data.set("breakpoint", number);
  return request("unbreak", std::move(data));
}

constexpr std::array<std::string_view, 22> kWords{"break",    "b",    "tap",    "t",    "step", "s",    "next", "n",
                                                  "continue", "c",    "drop",   "set",  "show", "held", "list", "l",
                                                  "remove",   "wait", "events", "help", "quit", "q"};

bool inName(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// Parted by spaces outside of quotes. Quotes around a word are taken off; those inside belong to it, as in x=='a b'.
Result<std::vector<Word>> split(std::string_view line) {
  std::vector<Word> words;
  std::size_t begin = 0;
  bool inWord = false, around = false;
  char quote = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    const char c = i < line.size() ? line[i] : ' ';
    if (quote != 0) {
      if (i == line.size()) return wrong(std::string("a quote (") + quote + ") has no partner");
      const bool ends = c == quote;
      if (ends) quote = 0;
      if (!ends || !around) words.back().text += c;
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (inWord) words.back().raw = line.substr(begin, i - begin);
      inWord = false;
      continue;
    }
    const bool opens = (c == '\'' || c == '"') && (!inWord || !inName(line[i - 1]));
    if (!inWord) {
      words.emplace_back();
      begin = i;
      around = opens;
    } else if (opens) {
      around = false;
    }
    if (opens) quote = c;
    if (!opens || !around) words.back().text += c;
    inWord = true;
  }
  return words;
}

}  // namespace

Result<std::vector<std::string>> wordsOf(std::string_view line) {
  WEIR_ASSIGN(auto split, cli::split(line));
  std::vector<std::string> words;
  for (auto& word : split) words.push_back(std::move(word.text));
  return words;
}

Result<DebugLine> readDebugLine(std::string_view line, const std::vector<std::string>& nodes,
                                const std::vector<std::string>& edges) {
  WEIR_ASSIGN(const auto words, split(line));
  const auto plain = [](What what) {
    DebugLine made;
    made.what = what;
    return made;
  };
  if (words.empty()) return plain(What::nothing);
  const auto& word = words.front().text;
  if (word == "help" || word == "?") return plain(What::help);
  if (word == "quit" || word == "q" || word == "exit") return plain(What::quit);
  if (word == "show" || word == "held") return plain(What::show);
  if (word == "list" || word == "l") return plain(What::list);
  if (word == "wait") return plain(What::wait);
  if (word == "events") return plain(What::events);
  if (word == "break" || word == "b") return readBreak(words, nodes, edges);
  if (word == "tap" || word == "t") return readTap(words);
  if (word == "set") return readSet(words);
  if (word == "remove") return readRemove(words);
  if (word == "step" || word == "s") return readAction(words, "step");
  if (word == "next" || word == "n") return readAction(words, "next");
  if (word == "continue" || word == "c") return readAction(words, "continue");
  if (word == "drop") return readAction(words, "drop");
  return wrong("'" + word + "' is no word of the debugger." + didYouMean(word, kWords) + " 'help' lists them.");
}

std::string_view debugHelp() {
  return "break PLACE [if CEL] [after N] [log 'TEXT {row.id}']\n"
         "                   hold rows at a node's inputs or at an edge; with log: say it and hold nothing\n"
         "remove N           end breakpoint N; rows that it holds go on\n"
         "list               breakpoints, with how often they were hit\n"
         "wait               until a row is held\n"
         "show               the rows that are held\n"
         "set NAME=VALUE …   change the held row\n"
         "step [N]           let it go on, and hold it where it leaves the next node\n"
         "next [N]           let it go on, and hold the row behind it\n"
         "continue [N]       let it go on\n"
         "drop [N]           discard it; it is counted so\n"
         "tap EDGE [ROWS] [if CEL]\n"
         "                   show rows as they pass\n"
         "events             what happened since the last time\n"
         "quit               leave; breakpoints end and held rows go on\n";
}

}  // namespace weir::cli
