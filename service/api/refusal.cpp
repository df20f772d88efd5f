// Statuses, titles and bodies of refusals.
#include "service/api/refusal.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/json/writer.h"
#include "engine/text/utf8.h"

namespace weir::api {
namespace {

struct StatusOfCode {
  std::string_view code;
  int status;
};

constexpr std::array kStatuses = {
    StatusOfCode{"auth.busy", 429},         StatusOfCode{"auth.denied", 403},
    StatusOfCode{"auth.required", 401},     StatusOfCode{"memory.limit", 507},
    StatusOfCode{"quota.runs", 429},        StatusOfCode{"quota.started", 429},
    StatusOfCode{"run.busy", 429},          StatusOfCode{"run.not_found", 404},
    StatusOfCode{"state.limit", 507},       StatusOfCode{"state.unavailable", 503},
    StatusOfCode{"storage.changed", 412},   StatusOfCode{"run.ended", 409},
    StatusOfCode{"run.goes_on", 409},       StatusOfCode{"schedule.overlap", 409},
    StatusOfCode{"storage.exists", 409},    StatusOfCode{"storage.full", 507},
    StatusOfCode{"storage.in_bin", 409},    StatusOfCode{"storage.invalid", 400},
    StatusOfCode{"storage.not_found", 404}, StatusOfCode{"storage.not_in_bin", 409},
    StatusOfCode{"storage.too_large", 413}, StatusOfCode{"storage.unavailable", 503},
    StatusOfCode{"host.missing", 501},      StatusOfCode{"key.missing", 503},
    StatusOfCode{"storage.conflict", 409},  StatusOfCode{"storage.repeated", 409},
    StatusOfCode{"storage.elsewhere", 409}, StatusOfCode{"storage.read_only", 503},
    StatusOfCode{"quota.documents", 507},   StatusOfCode{"quota.versions", 507},
    StatusOfCode{"quota.bytes", 507},
};

struct Title {
  int status;
  std::string_view text;
};

constexpr std::array kTitles = {
    Title{400, "Bad Request"},
    Title{401, "Unauthorized"},
    Title{403, "Forbidden"},
    Title{404, "Not Found"},
    Title{405, "Method Not Allowed"},
    Title{406, "Not Acceptable"},
    Title{409, "Conflict"},
    Title{410, "Gone"},
    Title{412, "Precondition Failed"},
    Title{413, "Content Too Large"},
    Title{415, "Unsupported Media Type"},
    Title{422, "Unprocessable Content"},
    Title{426, "Upgrade Required"},
    Title{428, "Precondition Required"},
    Title{429, "Too Many Requests"},
    Title{500, "Internal Server Error"},
    Title{501, "Not Implemented"},
    Title{503, "Service Unavailable"},
    Title{507, "Insufficient Storage"},
};

/// A detail may quote what came in the path or the query, and JSON holds UTF-8 alone.
std::string readable(std::string_view text) {
  std::string out;
  for (std::int64_t at = 0; at < std::ssize(text);) {
    const auto one = utf8::decode(text, at);
    utf8::append(out, one.value);
    at += one.bytes;
  }
  return out;
}

}  // namespace

std::string_view titleOf(int status) {
  for (const auto& title : kTitles) {
    if (title.status == status) return title.text;
  }
  return "Error";
}

Refusal refusalOf(const flow::Problems& problems) {
  Refusal refusal{422, "flow.invalid", "the document cannot be taken"};
  refusal.problems = problems;
  const auto isError = [](const flow::Problem& problem) { return problem.severity == flow::Severity::error; };
  const auto first = std::ranges::find_if(problems, isError);
  if (first == problems.end()) return refusal;
  const auto count = std::ranges::count_if(problems, isError);
  refusal.detail = count == 1 ? first->message
                              : std::to_string(count) + " things are wrong with the document, first: " + first->message;
  return refusal;
}

Refusal tooBusy() {
  Refusal refusal{503, "api.busy", "so many large bodies are under way that no more are taken; send it again later"};
  refusal.headers.push_back({"retry-after", "1"});
  return refusal;
}

Refusal refusalOf(Error error) {
  Refusal refusal{500, error.code, std::move(error.message)};
  for (const auto& known : kStatuses) {
    if (known.code == error.code) refusal.status = known.status;
  }
  if (refusal.status == 429 || refusal.status == 503) refusal.headers.push_back({"retry-after", "1"});
  return refusal;
}

Response toResponse(Refusal refusal) {
  if (!utf8::isValid(refusal.detail)) refusal.detail = readable(refusal.detail);
  Response response;
  response.status = refusal.status;
  response.headers = std::move(refusal.headers);
  response.with("content-type", "application/problem+json").with("cache-control", "no-store");
  json::Writer out(response.body);
  // Without a page of its own for each code the type is the status, and `code` tells more.
  out.beginObject().key("type").value("about:blank").key("title").value(titleOf(refusal.status));
  out.key("status").value(refusal.status).key("detail").value(refusal.detail).key("code").value(refusal.code);
  if (!refusal.problems.empty()) {
    out.key("problems").beginArray();
    for (const auto& problem : refusal.problems) out.value(flow::toJson(problem));
    out.endArray();
  }
  out.endObject();
  return response;
}

}  // namespace weir::api
