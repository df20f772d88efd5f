// Refusal: why a request was not done, as problem details (RFC 9457).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/flow/problem.h"
#include "service/api/http.h"

namespace weir::api {

struct Refusal {
  int status = 400;
  std::string_view code;  // of the list of error codes
  std::string detail;     // what was found, what was expected, what to do
  flow::Problems problems{};
  std::vector<Header> headers{};
};

template <class T>
using Expected = std::expected<T, Refusal>;

[[nodiscard]] inline std::unexpected<Refusal> refuse(int status, std::string_view code, std::string detail) {
  return std::unexpected(Refusal{status, code, std::move(detail)});
}

/// A document that is not taken, with all that is wrong with it.
[[nodiscard]] Refusal refusalOf(const flow::Problems& problems);
/// 503 `api.busy`: so much waits to be read, or is being sent, that no more is taken.
[[nodiscard]] Refusal tooBusy();
/// Of what a store, or another part behind the API, has said; the status follows from the code.
[[nodiscard]] Refusal refusalOf(Error error);
/// `application/problem+json` with type, title, status, detail, code, and problems of a document.
[[nodiscard]] Response toResponse(Refusal refusal);
/// "Not Found"
[[nodiscard]] std::string_view titleOf(int status);

}  // namespace weir::api
