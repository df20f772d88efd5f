// What no database takes as a text is none.
#include "service/api/checked-text.h"

#include <string>

#include "engine/text/utf8.h"

namespace weir::api {

Expected<void> checkText(std::string_view text, std::string_view what) {
  const bool isText = utf8::isValid(text);
  if (isText && !text.contains('\0')) return {};
  return refuse(400, "api.query",
                std::string(what) + " holds " + (isText ? "a NUL character" : "bytes that are no text in UTF-8") +
                    "; send text in UTF-8, percent-encoded");
}

}  // namespace weir::api
