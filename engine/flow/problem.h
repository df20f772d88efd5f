// Problem: one thing that is wrong in a flow document, for a person and for an editor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/json/document.h"

namespace weir::flow {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  Severity severity = Severity::error;
  std::string code;
  std::string pointer;     // RFC 6901, into the document as it was given
  std::string message;     // what was found and what was expected
  std::string suggestion;  // what to do instead; may be empty
  std::int64_t line = 0;   // from 1; 0 if unknown
  std::int64_t column = 0;
};

/// All that was found, in the order of the document where that is known. At most kMost are kept.
class Problems {
 public:
  static constexpr std::size_t kMost = 1'000;
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20;  // of all that they say; names may be long

  /// A suggestion at the end of the message (`… Did you mean 'x'?`) becomes the problem's, if it has none.
  void add(Problem problem);
  void error(std::string_view code, std::string pointer, std::string message, std::string suggestion = {}) {
    add({Severity::error, std::string(code), std::move(pointer), std::move(message), std::move(suggestion), 0, 0});
  }
  void warning(std::string_view code, std::string pointer, std::string message, std::string suggestion = {}) {
    add({Severity::warning, std::string(code), std::move(pointer), std::move(message), std::move(suggestion), 0, 0});
  }
  [[nodiscard]] bool failed() const { return errors_ > 0; }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] std::size_t size() const { return list_.size(); }
  [[nodiscard]] const std::vector<Problem>& list() const { return list_; }
  [[nodiscard]] auto begin() const { return list_.begin(); }
  [[nodiscard]] auto end() const { return list_.end(); }
  void append(const Problems& other) {
    for (const auto& problem : other) add(problem);
  }
  /// Fills in the places of problems that have none, and sorts by place.
  void locate(const json::Document& document);

 private:
  std::vector<Problem> list_;
  std::int64_t errors_ = 0;
  std::size_t bytes_ = 0;
};

/// `orders.flow.json:12:5: error: flow.unknown_port: … Did you mean 'match'?`
[[nodiscard]] std::string describe(const Problem& problem, std::string_view file = {});
/// An object with severity, code, pointer, message, suggestion, line, column.
[[nodiscard]] json::Value toJson(const Problem& problem);
/// The first error, for callers that pass on one only.
[[nodiscard]] Error toError(const Problems& problems);

/// `pointer` + "/" + `key`, escaped.
[[nodiscard]] std::string below(std::string_view pointer, std::string_view key);
[[nodiscard]] std::string below(std::string_view pointer, std::size_t index);

}  // namespace weir::flow
