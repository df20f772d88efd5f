// Requests as rows.
#include "nodes/http/webhook/request-rows.h"

#include <algorithm>
#include <array>

#include "engine/text/url.h"
#include "engine/text/utf8.h"

namespace weir::nodes::http_webhook {
namespace {

enum Column : std::size_t { kMethod, kPath, kQuery, kParameters, kHeaders, kRemote, kReceived, kBody };

std::array<Field, 8> allFields() {
  return {Field{"method", Type::string(), false, false},
          Field{"path", Type::string(), false, false},
          Field{"query", Type::any(), false, false},
          Field{"parameters", Type::any(), false, false},
          Field{"headers", Type::any(), false, false},
          Field{"remoteAddress", Type::string(), false, false},
          Field{"receivedAt", Type::timestamp(), false, false},
          Field{"body", Type::any(), true, false}};
}

Value textOrBytes(std::string_view text) { return utf8::isValid(text) ? Value::string(text) : Value::bytes(text); }

/// Lines `name: value` as a map; what comes several times is joined by commas.
Value linesValue(std::string_view lines) {
  std::vector<std::pair<std::string_view, std::string>> joined;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const auto line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    const auto name = line.substr(0, colon);
    const auto same = std::ranges::find(joined, name, &std::pair<std::string_view, std::string>::first);
    if (same == joined.end()) {
      joined.emplace_back(name, line.substr(colon + 2));
    } else {
      same->second.append(", ").append(line.substr(colon + 2));
    }
  }
  MapBuilder map;
  for (const auto& [name, value] : joined) map.set(Value::string(name), textOrBytes(value));
  return std::move(map).build();
}

}  // namespace

RequestRows::RequestRows(const FieldSet& needed, BodyForm form, MemoryAccount& account)
    : form_(form), account_(account) {
  std::vector<Field> fields;
  const auto all = allFields();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!needed.contains(all[i].name)) continue;
    columns_.push_back(i);
    fields.push_back(all[i]);
  }
  schema_ = Schema::of(std::move(fields));
}

bool RequestRows::readsHead() const {
  return std::ranges::any_of(columns_, [](std::size_t column) { return column != kBody && column != kReceived; });
}

Result<Value> RequestRows::cell(std::size_t column, const IngressBatch& requests, const IngressRequest& request) const {
  switch (column) {
    case kMethod:
      return Value::string(requests.of(request.method));
    case kPath:
      return textOrBytes(requests.of(request.path));
    case kQuery:
      return formValue(requests.of(request.query));
    case kParameters:
      return linesValue(requests.of(request.parameters));
    case kHeaders:
      return linesValue(requests.of(request.headers));
    case kRemote:
      return Value::string(requests.of(request.remote));
    case kReceived:
      return Value::timestamp(request.arrivedMicros / 1'000'000,
                              static_cast<std::int32_t>(request.arrivedMicros % 1'000'000) * 1000);
    default:
      return bodyValue(requests.of(request.body), requests.of(request.contentType), form_);
  }
}

Result<Batch> RequestRows::read(const IngressBatch& requests, std::vector<BodyColumns::Wrong>& wrong) {
  BatchBuilder builder(schema_, account_);
  std::vector<Value> values(columns_.size());
  for (std::size_t i = 0; i < requests.requests.size(); ++i) {
    const auto& request = requests.requests[i];
    bool good = true;
    for (std::size_t at = 0; at < columns_.size() && good; ++at) {
      auto value = cell(columns_[at], requests, request);
      good = value.has_value();
      if (good) {
        values[at] = std::move(*value);
      } else {
        wrong.push_back({i, value.error().message});
      }
    }
    if (!good) continue;
    if (auto appended = builder.append(values); !appended) {
      if (appended.error().code != "schema.mismatch") return std::unexpected(std::move(appended.error()));
      wrong.push_back({i, "the path is no UTF-8"});
    }
  }
  if (builder.rows() == 0) return Batch{};
  return builder.finish();
}

}  // namespace weir::nodes::http_webhook
