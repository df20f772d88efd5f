// Encoding of blob references, as bytes and as JSON.
#include "engine/data/blob.h"

#include <array>

#include "engine/text/base64.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 4> kKindNames{"file", "object", "stream", "inline"};
constexpr char kVersion = 1;

void putVarint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to += static_cast<char>(static_cast<std::uint8_t>(value) | 0x80);
  to += static_cast<char>(value);
}

void putText(std::string& to, std::string_view text) {
  putVarint(to, text.size());
  to += text;
}

bool takeVarint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto part = static_cast<std::uint8_t>(from.front());
    from.remove_prefix(1);
    if (shift == 63 && part > 1) return false;
    value |= static_cast<std::uint64_t>(part & 0x7f) << shift;
    if ((part & 0x80) == 0) return true;
  }
  return false;
}

bool takeText(std::string_view& from, std::string& text) {
  std::uint64_t size = 0;
  if (!takeVarint(from, size) || size > from.size()) return false;
  text = from.substr(0, static_cast<std::size_t>(size));
  from.remove_prefix(text.size());
  return true;
}

std::unexpected<Error> syntax(std::string_view member, std::string_view expected) {
  return fail("blob.syntax",
              "In a blob reference, `" + std::string(member) + "` must be " + std::string(expected) + ".");
}

Result<void> readText(const json::Value& object, std::string_view member, std::string& to) {
  const auto* found = object.find(member);
  if (found == nullptr) return {};
  if (!found->isString()) return syntax(member, "text");
  to = *found->asString();
  return {};
}

Result<void> readCount(const json::Value& object, std::string_view member, std::int64_t& to) {
  const auto* found = object.find(member);
  if (found == nullptr) return {};
  if (found->asInt64() == nullptr || *found->asInt64() < 0) return syntax(member, "a whole number, 0 or more");
  to = *found->asInt64();
  return {};
}

}  // namespace

std::string encodeBlob(const BlobRef& blob) {
  std::string to;
  to += kVersion;
  to += static_cast<char>(blob.kind);
  putVarint(to, static_cast<std::uint64_t>(blob.offset));
  putVarint(to, static_cast<std::uint64_t>(blob.size + 1));
  putText(to, blob.uri);
  putText(to, blob.mime);
  putText(to, blob.hash);
  putText(to, blob.bytes);
  return to;
}

Result<BlobRef> decodeBlob(std::string_view encoded) {
  const auto corrupt = [] {
    return fail("blob.corrupt",
                "A blob reference is damaged or of a version that is unknown; read it from its source again.");
  };
  if (encoded.size() < 2 || encoded[0] != kVersion || static_cast<std::uint8_t>(encoded[1]) >= kKindNames.size())
    return corrupt();
  BlobRef blob;
  blob.kind = static_cast<BlobKind>(encoded[1]);
  encoded.remove_prefix(2);
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  const bool whole = takeVarint(encoded, offset) && takeVarint(encoded, size) && takeText(encoded, blob.uri) &&
                     takeText(encoded, blob.mime) && takeText(encoded, blob.hash) && takeText(encoded, blob.bytes);
  if (!whole || !encoded.empty() || offset > INT64_MAX || size > INT64_MAX) return corrupt();
  blob.offset = static_cast<std::int64_t>(offset);
  blob.size = static_cast<std::int64_t>(size) - 1;
  return blob;
}

Value blobValue(const BlobRef& blob) { return Value::blob(encodeBlob(blob)); }

json::Value blobToJson(const BlobRef& blob) {
  auto inside = json::Value::object();
  inside.set("kind", kKindNames[static_cast<std::size_t>(blob.kind)]);
  if (!blob.uri.empty()) inside.set("uri", blob.uri);
  if (blob.offset != 0) inside.set("offset", blob.offset);
  if (blob.size >= 0) inside.set("size", blob.size);
  if (!blob.mime.empty()) inside.set("mime", blob.mime);
  if (!blob.hash.empty()) inside.set("hash", blob.hash);
  if (blob.kind == BlobKind::embedded) inside.set("bytes", encodeBase64(blob.bytes));
  auto outside = json::Value::object();
  outside.set("$blob", std::move(inside));
  return outside;
}

Result<BlobRef> blobFromJson(const json::Value& value) {
  const auto* inside = value.find("$blob");
  if (inside == nullptr || !inside->isObject()) return syntax("$blob", "an object");
  std::string kind;
  BlobRef blob;
  WEIR_TRY(readText(*inside, "kind", kind));
  std::size_t index = 0;
  while (index < kKindNames.size() && kKindNames[index] != kind) ++index;
  if (index == kKindNames.size()) return syntax("kind", "`file`, `object`, `stream` or `inline`");
  blob.kind = static_cast<BlobKind>(index);
  WEIR_TRY(readText(*inside, "uri", blob.uri));
  WEIR_TRY(readText(*inside, "mime", blob.mime));
  WEIR_TRY(readText(*inside, "hash", blob.hash));
  WEIR_TRY(readCount(*inside, "offset", blob.offset));
  WEIR_TRY(readCount(*inside, "size", blob.size));
  std::string text;
  WEIR_TRY(readText(*inside, "bytes", text));
  WEIR_ASSIGN(blob.bytes, decodeBase64(text));
  return blob;
}

}  // namespace weir
