// The pages that show the OpenAPI document: Swagger UI, inside the program.
#pragma once

#include <string_view>

namespace weir::api {

struct DocsFile {
  std::string_view name, type, content;
  bool gzip = false;  // the content is compressed
};

/// Null if there is none of that name.
[[nodiscard]] const DocsFile* docsFile(std::string_view name);

}  // namespace weir::api
