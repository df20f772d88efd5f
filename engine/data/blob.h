// BlobRef: heavy bytes by reference; the specification's binaryValue.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/data/value.h"
#include "engine/json/value.h"

namespace weir {

enum class BlobKind : std::uint8_t {
  file,     // a range of a file; `uri` is a path (mount:relative)
  object,   // `uri` is a key in an object store
  stream,   // `uri` names a stream that lives as long as the run
  embedded  // `bytes` are the blob ("inline" in JSON)
};

struct BlobRef {
  BlobKind kind = BlobKind::file;
  std::string uri;
  std::int64_t offset = 0;
  std::int64_t size = -1;  // -1: to the end
  std::string mime;        // empty: unknown
  std::string hash;        // `sha256:…` or empty
  std::string bytes;       // embedded only
};

/// The bytes that a blob column holds: version, kind, varints, length-prefixed texts.
[[nodiscard]] std::string encodeBlob(const BlobRef& blob);
/// Safe on any bytes. Error `blob.corrupt`.
[[nodiscard]] Result<BlobRef> decodeBlob(std::string_view encoded);
[[nodiscard]] Value blobValue(const BlobRef& blob);

/// `{"$blob": {"kind": "file", "uri": "…", "offset": 0, "size": 10, "mime": "…", "hash": "…"}}`, embedded bytes as
/// base64 in `bytes`; what is empty or unknown is absent.
[[nodiscard]] json::Value blobToJson(const BlobRef& blob);
/// Error `blob.syntax`, naming the member.
[[nodiscard]] Result<BlobRef> blobFromJson(const json::Value& value);

}  // namespace weir
