// Holds an outcome against what its case says.
#include <algorithm>

#include "engine/data/value-json.h"
#include "engine/json/writer.h"
#include "tests/contract/harness.h"

namespace weir::contract {
namespace {

std::string textAt(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found == nullptr || found->asString() == nullptr ? std::string() : *found->asString();
}

/// Rows are compared as the JSON that a person would read.
Value plain(const Value& value) { return parseJsonValue(toJson(value)).value_or(Value::null()); }

std::string listOf(const std::vector<Value>& rows) {
  std::string text = "[";
  for (const auto& row : rows) text += (text.size() > 1 ? ", " : "") + toJson(row);
  return text + "]";
}

std::string compareRows(const std::string& port, const json::Value& wanted, std::vector<Value> got, bool unordered) {
  std::vector<Value> expected;
  for (const auto& row : *wanted.asArray()) expected.push_back(fromJson(row));
  for (auto& row : got) row = plain(row);
  if (unordered) {
    const auto before = [](const Value& a, const Value& b) { return totalOrder(a, b) < 0; };
    std::ranges::stable_sort(expected, before);
    std::ranges::stable_sort(got, before);
  }
  if (std::ranges::equal(expected, got, equalValues)) return {};
  return "at output '" + port + "' expected " + listOf(expected) + ", found " + listOf(got);
}

bool fitsError(const json::Value& wanted, const ErrorPacket& got) {
  if (const auto code = textAt(wanted, "code"); !code.empty() && code != got.code) return false;
  if (const auto part = textAt(wanted, "message"); !got.message.contains(part)) return false;
  const auto* row = wanted.find("row");
  return row == nullptr || equalValues(fromJson(*row), plain(got.row));
}

std::string compareErrors(const json::Value& wanted, const std::vector<ErrorPacket>& got) {
  std::string found;
  for (const auto& error : got) found += " " + error.code + " (" + error.message + ") of " + toJson(error.row);
  if (wanted.count() != std::ssize(got)) {
    return "expected " + std::to_string(wanted.count()) + " errors, found " + std::to_string(got.size()) + ":" + found;
  }
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (!fitsError((*wanted.asArray())[i], got[i])) {
      return "expected the error " + json::write((*wanted.asArray())[i]) + ", found" + found;
    }
  }
  return {};
}

std::string compareOut(const json::Value& one, const Outcome& outcome) {
  const auto* out = one.find("out");
  if (out == nullptr || !out->isObject()) return {};
  const auto* flag = one.find("unordered");
  const bool unordered = flag != nullptr && flag->asBool() != nullptr && *flag->asBool();
  for (const auto& member : *out->asObject()) {
    if (!member.value.isArray()) return "the case's output '" + member.key + "' is no list";
    std::string wrong;
    if (member.key == "error") {
      wrong = compareErrors(member.value, outcome.errors);
    } else {
      const auto rows = outcome.rows.find(member.key);
      wrong = compareRows(member.key, member.value, rows == outcome.rows.end() ? std::vector<Value>{} : rows->second,
                          unordered);
    }
    if (!wrong.empty()) return wrong;
  }
  return {};
}

std::string compareFiles(const json::Value& one, const Outcome& outcome) {
  const auto* after = one.find("filesAfter");
  if (after == nullptr || !after->isObject()) return {};
  for (const auto& member : *after->asObject()) {
    const auto found = outcome.files.find(member.key);
    if (member.value.isNull()) {
      if (found != outcome.files.end()) return "the file " + member.key + " should not be there";
    } else if (found == outcome.files.end()) {
      return "the file " + member.key + " is not there";
    } else if (member.value.asString() == nullptr || *member.value.asString() != found->second) {
      return "the file " + member.key + " holds " + json::write(json::Value(found->second));
    }
  }
  return {};
}

std::string headersOf(const HttpRequest& request) {
  std::string text;
  for (const auto& header : request.headers) {
    // Its span differs from run to run of the suite.
    if (header.name != "traceparent") text += (text.empty() ? "" : "\n") + header.name + ": " + header.value;
  }
  return text;
}

std::string compareHttp(const json::Value& one, const Outcome& outcome) {
  const auto* after = one.find("httpAfter");
  if (after == nullptr || !after->isArray()) return {};
  if (after->count() != std::ssize(outcome.asked)) {
    return "expected " + std::to_string(after->count()) + " requests, found " + std::to_string(outcome.asked.size());
  }
  for (std::size_t i = 0; i < outcome.asked.size(); ++i) {
    const auto& wanted = (*after->asArray())[i];
    const auto& got = outcome.asked[i];
    const bool same = textAt(wanted, "method") == got.method && textAt(wanted, "url") == got.url &&
                      (wanted.find("body") == nullptr || textAt(wanted, "body") == got.body) &&
                      (wanted.find("headers") == nullptr || textAt(wanted, "headers") == headersOf(got));
    if (!same)
      return "expected the request " + json::write(wanted) + ", found " + got.method + " " + got.url + " " + got.body;
  }
  return {};
}

std::string compareWritten(const json::Value& one, const Outcome& outcome) {
  const auto* after = one.find("written");
  if (after == nullptr || !after->isObject()) return {};
  for (const auto& member : *after->asObject()) {
    const auto found = outcome.written.find(member.key);
    if (!member.value.isArray()) return "the case's '" + member.key + "' is no list";
    auto wrong = compareRows(member.key, member.value,
                             found == outcome.written.end() ? std::vector<Value>{} : found->second, false);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

std::string compareSent(const json::Value& one, const Outcome& outcome) {
  const auto* wanted = one.find("sent");
  if (wanted == nullptr || !wanted->isObject()) return {};
  for (const auto& member : *wanted->asObject()) {
    const auto found = outcome.sent.find(member.key);
    const auto got = found == outcome.sent.end() ? std::string() : found->second;
    if (got != textAt(*wanted, member.key)) return "to " + member.key + " was sent " + json::write(json::Value(got));
  }
  return {};
}

std::string compareReplies(const json::Value& one, const Outcome& outcome) {
  const auto* wanted = one.find("replies");
  if (wanted == nullptr || !wanted->isArray()) return {};
  json::Value got = json::Value::array();
  for (const int status : outcome.replies) got.push(std::int64_t{status});
  return got == *wanted ? std::string()
                        : "expected the replies " + json::write(*wanted) + ", found " + json::write(got);
}

std::string compareRefusal(const json::Value& wanted, const Outcome& outcome) {
  const auto pointer = textAt(wanted, "pointer"), code = textAt(wanted, "code"), message = textAt(wanted, "message");
  std::string found;
  for (const auto& problem : outcome.problems) {
    if (problem.pointer == pointer && problem.code == code && problem.message.contains(message)) return {};
    found += " " + problem.pointer + " " + std::string(problem.code) + " (" + problem.message + ")";
  }
  if (outcome.refused) {
    const auto& error = *outcome.refused;
    if (error.code == code && error.message.contains(message) && error.message.contains(pointer)) return {};
    found += " " + std::string(error.code) + " (" + error.message + ")";
  }
  return "expected a refusal with " + code + " at " + pointer + ", found" + (found.empty() ? " none" : found);
}

std::string unexpectedEnd(const json::Value& one, const Outcome& outcome) {
  for (const auto& problem : outcome.problems) {
    return "the settings were refused: " + problem.pointer + " " + std::string(problem.code) + " " + problem.message;
  }
  if (outcome.refused) return "the node was refused: " + outcome.refused->message;
  const auto& result = outcome.result;
  if (const auto* fails = one.find("fails"); fails != nullptr) {
    if (result.error && result.error->code == textAt(*fails, "code") &&
        result.error->message.contains(textAt(*fails, "message"))) {
      return {};
    }
    return "expected the run to fail with " + textAt(*fails, "code") +
           (result.error ? ", found " + std::string(result.error->code) + " " + result.error->message : ", it did not");
  }
  if (result.outcome != weir::Outcome::done) {
    return "the run did not end well" +
           (result.error ? ": " + std::string(result.error->code) + " " + result.error->message : std::string());
  }
  if (result.deadLetters > 0) return std::to_string(result.deadLetters) + " rows became dead letters";
  return {};
}

}  // namespace

std::string mismatch(const json::Value& one, const Outcome& outcome) {
  if (const auto* refused = one.find("refused"); refused != nullptr) return compareRefusal(*refused, outcome);
  if (auto wrong = unexpectedEnd(one, outcome); !wrong.empty()) return wrong;
  if (auto wrong = compareOut(one, outcome); !wrong.empty()) return wrong;
  if (auto wrong = compareFiles(one, outcome); !wrong.empty()) return wrong;
  if (auto wrong = compareWritten(one, outcome); !wrong.empty()) return wrong;
  if (auto wrong = compareHttp(one, outcome); !wrong.empty()) return wrong;
  if (auto wrong = compareSent(one, outcome); !wrong.empty()) return wrong;
  return compareReplies(one, outcome);
}

std::string dump(const Outcome& outcome) {
  std::string text;
  json::Writer writer(text);
  writer.beginObject().key("rows").beginObject();
  for (const auto& [port, rows] : outcome.rows) {
    writer.key(port).beginArray();
    for (const auto& row : rows) writer.raw(toJson(row));
    writer.endArray();
  }
  writer.endObject().key("errors").beginArray();
  for (const auto& error : outcome.errors) {
    writer.beginObject().key("code").value(error.code).key("message").value(error.message);
    writer.key("row").raw(toJson(error.row)).endObject();
  }
  writer.endArray().key("files").beginObject();
  for (const auto& [path, content] : outcome.files) {
    // Bytes of a file need not be UTF-8.
    std::string encoded;
    appendJson(encoded, Value::bytes(content));
    writer.key(path).raw(encoded);
  }
  writer.endObject().key("written").beginObject();
  for (const auto& [name, rows] : outcome.written) {
    writer.key(name).beginArray();
    for (const auto& row : rows) writer.raw(toJson(row));
    writer.endArray();
  }
  writer.endObject();
  if (outcome.result.error) writer.key("failed").value(outcome.result.error->code);
  for (const auto& problem : outcome.problems) writer.key(problem.pointer).value(problem.code);
  if (outcome.refused) writer.key("refused").value(outcome.refused->code);
  writer.endObject();
  return text;
}

std::string reportCases(const Catalogue& catalogue, std::string_view id, std::string_view casesJson,
                        std::uint64_t seed) {
  std::string report;
  const auto line = [&](std::string_view name, std::string_view outcome, std::string_view got, std::string_view why) {
    json::Writer writer(report);
    writer.beginObject().key("node").value(id).key("case").value(name).key("outcome").value(outcome).key("got");
    writer.raw(got.empty() ? "null" : got).key("why").value(why).endObject();
    report += '\n';
  };
  const NodeType* type = catalogue.newestOf(id);
  for (const auto* version : catalogue.versionsOf(id)) {
    if (catalogue.casesOf(*version) == casesJson) type = version;
  }
  if (type == nullptr) {
    line("all", "skip", "", "the node has no code yet");
    return report;
  }
  const auto cases = json::parse(casesJson);
  if (!cases || !cases->root().isArray()) {
    line("all", "fail", "", cases ? "cases.json is no list" : cases.error().message);
    return report;
  }
  for (const auto& one : *cases->root().asArray()) {
    const auto outcome = runCase(*type, one, {.workers = 2, .seed = seed});
    const auto wrong = mismatch(one, outcome);
    line(textAt(one, "name"), wrong.empty() ? "pass" : "fail", dump(outcome), wrong);
  }
  return report;
}

}  // namespace weir::contract
