// Media types of requests and answers.
#pragma once

#include <string_view>

namespace weir::api {

/// Whether an Accept header (RFC 9110, 12.5.1) takes `type`, such as `application/json`; what names it most closely
/// counts.
[[nodiscard]] bool accepts(std::string_view header, std::string_view type);
/// Whether a Content-Type is `type`, whatever its parameters.
[[nodiscard]] bool isType(std::string_view contentType, std::string_view type);
/// `application/json`, or any type that ends with `+json`, whatever its parameters.
[[nodiscard]] bool isJson(std::string_view contentType);

}  // namespace weir::api
