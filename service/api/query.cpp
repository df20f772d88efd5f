// Reads queries.
#include "service/api/query.h"

#include <algorithm>
#include <charconv>

#include "engine/text/url.h"
#include "service/api/checked-text.h"

namespace weir::api {
namespace {

std::optional<std::int64_t> numberOf(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool isChoice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const auto end = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, end) == value) return true;
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return false;
}

/// What the rule wants, if `value` is not that.
std::string wanted(const QueryRule& rule, std::string_view value) {
  switch (rule.kind) {
    case QueryRule::Kind::text:
      return {};
    case QueryRule::Kind::number:
      if (const auto number = numberOf(value); number && *number >= rule.least && *number <= rule.most) return {};
      return "a whole number from " + std::to_string(rule.least) +
             (rule.most == std::numeric_limits<std::int64_t>::max() ? "" : " to " + std::to_string(rule.most));
    case QueryRule::Kind::flag:
      return value == "true" || value == "false" ? "" : "true or false";
    case QueryRule::Kind::choice:
      return isChoice(rule.choices, value) ? "" : "one of " + std::string(rule.choices);
  }
  return {};
}

std::string namesOf(std::span<const QueryRule> rules) {
  if (rules.empty()) return "it takes none";
  std::string names = "it takes ";
  for (std::size_t i = 0; i < rules.size(); ++i) names.append(i == 0 ? "" : ", ").append(rules[i].name);
  return names;
}

}  // namespace

Expected<Query> Query::parse(std::string_view text, std::span<const QueryRule> rules, bool others) {
  Query query;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    const auto name = percentDecoded(part.substr(0, equals), true);
    const auto value = percentDecoded(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value) return refuse(400, "api.query", "the query has a broken escape: '" + std::string(part) + "'");
    for (const auto* given : {&*name, &*value}) {
      if (auto good = checkText(*given, "the query"); !good) return std::unexpected(std::move(good.error()));
    }
    const auto rule = std::ranges::find(rules, *name, &QueryRule::name);
    if (rule == rules.end() && others) continue;
    if (rule == rules.end()) {
      return refuse(400, "api.query", "this route has no parameter '" + *name + "'; " + namesOf(rules));
    }
    if (!rule->repeats && query.find(*name) != nullptr) {
      return refuse(400, "api.query", "the parameter '" + *name + "' is there twice");
    }
    if (const auto want = wanted(*rule, *value); !want.empty()) {
      return refuse(400, "api.query", "the parameter '" + *name + "' is '" + *value + "'; it is " + want);
    }
    query.given_.emplace_back(*name, *value);
  }
  return query;
}

const std::string* Query::find(std::string_view name) const {
  const auto found = std::ranges::find(given_, name, &std::pair<std::string, std::string>::first);
  return found == given_.end() ? nullptr : &found->second;
}

std::string Query::text(std::string_view name) const {
  const auto* found = find(name);
  return found == nullptr ? std::string() : *found;
}

std::int64_t Query::number(std::string_view name, std::int64_t otherwise) const {
  const auto* found = find(name);
  return found == nullptr ? otherwise : numberOf(*found).value_or(otherwise);
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : given_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

}  // namespace weir::api
