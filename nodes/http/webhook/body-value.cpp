// Bodies, each by its content type.
#include "nodes/http/webhook/body-value.h"

#include <string>
#include <vector>

#include "engine/data/value-json.h"
#include "engine/text/url.h"
#include "engine/text/utf8.h"
#include "nodes/http/response-body.h"

namespace weir::nodes::http_webhook {
namespace {

constexpr std::size_t kMostFields = 2000;
constexpr std::size_t kMostPartHead = 8 * 1024;

Value textOrBytes(std::string_view text) { return utf8::isValid(text) ? Value::string(text) : Value::bytes(text); }

/// Adds to a map in which several values of one name become a list.
class FieldMap {
 public:
  [[nodiscard]] bool add(std::string_view name, Value value) {
    for (auto& field : fields_) {
      if (field.name != name) continue;
      field.values.push_back(std::move(value));
      return true;
    }
    if (fields_.size() == kMostFields) return false;
    fields_.push_back({std::string(name), {std::move(value)}});
    return true;
  }
  [[nodiscard]] Value build() && {
    MapBuilder map;
    for (auto& field : fields_) {
      map.set(textOrBytes(field.name),
              field.values.size() == 1 ? field.values[0] : Value::list(std::move(field.values)));
    }
    return std::move(map).build();
  }

 private:
  struct Field {
    std::string name;
    std::vector<Value> values;
  };
  std::vector<Field> fields_;
};

/// The parameter `name` of a header such as `form-data; name="a"`.
std::string parameterOf(std::string_view header, std::string_view name) {
  for (auto semicolon = header.find(';'); semicolon != std::string_view::npos;) {
    header.remove_prefix(semicolon + 1);
    while (header.starts_with(' ')) header.remove_prefix(1);
    if (header.size() > name.size() && header[name.size()] == '=' &&
        utf8::equalsIgnoringAsciiCase(header.substr(0, name.size()), name)) {
      auto value = header.substr(name.size() + 1);
      if (!value.starts_with('"')) return std::string(value.substr(0, value.find_first_of("; ")));
      std::string text;
      for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) ++i;
        text += value[i];
      }
      return text;
    }
    semicolon = header.find(';');
  }
  return {};
}

Result<Unit> addPart(std::string_view head, std::string_view content, FieldMap& fields) {
  std::string disposition;
  std::string type;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
      return fail("http.body", "a part of the multipart body has a header without a colon");
    auto value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    const auto name = utf8::lowerAscii(line.substr(0, colon));
    if (name == "content-disposition") disposition = value;
    if (name == "content-type") type = value;
    if (end == std::string_view::npos) break;
    head.remove_prefix(end + 2);
  }
  const auto name = parameterOf(disposition, "name");
  if (name.empty()) return fail("http.body", "a part of the multipart body has no name");
  const auto fileName = parameterOf(disposition, "filename");
  Value value = textOrBytes(content);
  if (!fileName.empty() || !type.empty()) {
    MapBuilder file;
    file.set(Value::string("fileName"), textOrBytes(fileName));
    file.set(Value::string("contentType"), textOrBytes(type));
    file.set(Value::string("content"), Value::bytes(content));
    value = std::move(file).build();
  }
  if (!fields.add(name, std::move(value))) return fail("http.body", "the multipart body has more than 2,000 parts");
  return Unit{};
}

Result<Value> multipartValue(std::string_view body, std::string_view contentType) {
  const auto boundary = parameterOf(contentType, "boundary");
  if (boundary.empty() || boundary.size() > 70)
    return fail("http.body", "the multipart body has no boundary of 1 to 70 characters");
  const auto mark = "--" + boundary;
  FieldMap fields;
  auto at = body.starts_with(mark) ? 0 : body.find("\r\n" + mark);
  if (at == std::string_view::npos) return fail("http.body", "the multipart body does not have its boundary");
  if (at != 0) at += 2;
  for (;;) {
    auto rest = body.substr(at + mark.size());
    if (rest.starts_with("--")) return std::move(fields).build();
    if (!rest.starts_with("\r\n"))
      return fail("http.body", "a boundary of the multipart body is not followed by a line end");
    rest.remove_prefix(2);
    const auto end = rest.find("\r\n" + mark);
    const bool headless = rest.starts_with("\r\n");
    const auto head = headless ? 0 : rest.find("\r\n\r\n");
    if (end == std::string_view::npos || head == std::string_view::npos || head > end || head > kMostPartHead)
      return fail("http.body", "a part of the multipart body is not complete");
    const auto content = head + (headless ? 2 : 4);
    if (content > end) return fail("http.body", "a part of the multipart body is not complete");
    WEIR_TRY(addPart(rest.substr(0, head), rest.substr(content, end - content), fields));
    at = static_cast<std::size_t>(rest.data() - body.data()) + end + 2;
  }
}

}  // namespace

Result<Value> formValue(std::string_view text) {
  FieldMap fields;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    const auto equals = pair.find('=');
    if (!pair.empty()) {
      WEIR_ASSIGN(const auto name, percentDecoded(pair.substr(0, equals), true));
      WEIR_ASSIGN(const auto value,
                  percentDecoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true));
      if (!fields.add(name, textOrBytes(value))) return fail("http.body", "the form has more than 2,000 fields");
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return std::move(fields).build();
}

Result<Value> bodyValue(std::string_view body, std::string_view contentType, BodyForm form) {
  if (body.empty()) return Value::null();
  if (form == BodyForm::automatic) {
    const auto type = http::mediaType(contentType);
    if (http::isJsonType(type)) {
      form = BodyForm::json;
    } else if (type == "application/x-www-form-urlencoded") {
      form = BodyForm::form;
    } else if (type == "multipart/form-data") {
      form = BodyForm::multipart;
    } else {
      return type.starts_with("text/") ? textOrBytes(body) : Value::bytes(body);
    }
  }
  switch (form) {
    case BodyForm::json: {
      auto value = parseJsonValue(body);
      if (!value) return fail("http.body", value.error().message);
      return value;
    }
    case BodyForm::form:
      return formValue(body);
    case BodyForm::multipart:
      return multipartValue(body, contentType);
    case BodyForm::automatic:
    case BodyForm::raw:
      break;
  }
  return Value::bytes(body);
}

}  // namespace weir::nodes::http_webhook
