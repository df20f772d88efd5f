// What a body is as a value: JSON, text or bytes, as its content type says.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/value-json.h"
#include "engine/host/http.h"
#include "engine/text/encoding.h"
#include "engine/text/utf8.h"

namespace weir::nodes::http {

enum class BodyKind : std::uint8_t { automatic, json, text, bytes };

/// `application/json; charset=x` without what is behind the semicolon, in lower case.
[[nodiscard]] inline std::string mediaType(std::string_view contentType) {
  auto type = contentType.substr(0, contentType.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return utf8::lowerAscii(type);
}

[[nodiscard]] inline bool isJsonType(std::string_view type) {
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

[[nodiscard]] inline Result<Value> textBody(const std::string& body, std::string_view contentType) {
  const auto lower = utf8::lowerAscii(contentType);
  if (const auto at = lower.find("charset="); at != std::string::npos) {
    auto name = std::string_view(lower).substr(at + 8);
    name = name.substr(0, name.find_first_of("; "));
    if (name.size() > 1 && name.front() == '"') name = name.substr(1, name.size() - 2);
    if (const auto encoding = parseEncoding(name); encoding && *encoding != Encoding::utf8) {
      Utf8Reader transcoder(*encoding);
      std::string out;
      WEIR_TRY(transcoder.add(body, out));
      WEIR_TRY(transcoder.finish());
      return Value::string(out);
    }
  }
  if (!utf8::isValid(body)) return fail("http.body", "the body is said to be text and is no UTF-8; read it as bytes");
  return Value::string(body);
}

/// An empty body is null.
[[nodiscard]] inline Result<Value> bodyOf(const HttpResponse& response, BodyKind kind) {
  if (response.body.empty()) return Value::null();
  const auto contentType = response.header("content-type");
  const auto type = mediaType(contentType);
  if (kind == BodyKind::automatic) {
    kind = isJsonType(type)                                                                   ? BodyKind::json
           : type.starts_with("text/") || type == "application/xml" || type.ends_with("+xml") ? BodyKind::text
                                                                                              : BodyKind::bytes;
  }
  if (kind == BodyKind::bytes) return Value::bytes(response.body);
  if (kind == BodyKind::text) return textBody(response.body, contentType);
  auto value = parseJsonValue(response.body);
  if (!value) return fail("http.body", "the answer is no JSON: " + value.error().message);
  return value;
}

/// A map of lower-case names; what came several times is joined by commas.
[[nodiscard]] inline Value headersOf(const HttpResponse& response) {
  std::vector<std::pair<std::string, std::string>> joined;
  for (const auto& header : response.headers) {
    const auto same = std::ranges::find(joined, header.name, &std::pair<std::string, std::string>::first);
    if (same == joined.end()) {
      joined.emplace_back(header.name, header.value);
    } else {
      same->second += ", " + header.value;
    }
  }
  MapBuilder map;
  for (const auto& [name, value] : joined) {
    map.set(Value::string(name), utf8::isValid(value) ? Value::string(value) : Value::bytes(value));
  }
  return std::move(map).build();
}

}  // namespace weir::nodes::http
