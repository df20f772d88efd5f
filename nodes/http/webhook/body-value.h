// What a body of a webhook is as one value: JSON, a form, parts, text or bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/data/error.h"
#include "engine/data/value.h"

namespace weir::nodes::http_webhook {

enum class BodyForm : std::uint8_t { automatic, json, form, multipart, raw };

/// `http.body` with what is wrong. An empty body is null. Files of a multipart body are maps of fileName, contentType
/// and content (bytes).
[[nodiscard]] Result<Value> bodyValue(std::string_view body, std::string_view contentType, BodyForm form);

/// `a=1&b=2` as a map of texts; a name that comes twice has a list.
[[nodiscard]] Result<Value> formValue(std::string_view text);

}  // namespace weir::nodes::http_webhook
