// files/blob-read: files as references; nobody's bytes are read here.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/data/blob.h"
#include "engine/node/file-rows.h"
#include "engine/text/utf8.h"
#include "nodes/files/blob-read/blob-read.gen.h"

namespace weir::nodes::blob_read {
namespace {

const SchemaRef& rowSchema() {
  static const SchemaRef schema = Schema::of({{"path", Type::string(), false},
                                              {"name", Type::string(), false},
                                              {"size", Type::int64(), false},
                                              {"modified", Type::timestamp(), false},
                                              {"blob", Type::blob(), false}});
  return schema;
}

/// By the name's ending; empty if it says nothing.
std::string mimeOf(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kKnown[] = {
      {"avif", "image/avif"},     {"csv", "text/csv"},        {"gif", "image/gif"},       {"gz", "application/gzip"},
      {"html", "text/html"},      {"jpeg", "image/jpeg"},     {"jpg", "image/jpeg"},      {"json", "application/json"},
      {"mp3", "audio/mpeg"},      {"mp4", "video/mp4"},       {"pdf", "application/pdf"}, {"png", "image/png"},
      {"svg", "image/svg+xml"},   {"txt", "text/plain"},      {"wav", "audio/wav"},       {"webp", "image/webp"},
      {"xml", "application/xml"}, {"zip", "application/zip"}, {"zst", "application/zstd"}};
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const auto ending = utf8::lowerAscii(name.substr(dot + 1));
  const auto* const found =
      std::ranges::find(kKnown, std::string_view(ending), &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(kKnown) ? std::string() : std::string(found->second);
}

std::string blobOf(const FoundFile& file) {
  BlobRef blob;
  blob.uri = file.path;
  blob.size = file.sizeBytes;
  blob.mime = mimeOf(file.path);
  return encodeBlob(blob);
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* files, context.host<Files>());
  FileList::Options options;
  options.paths.push_back(settings.path);
  options.paths.insert(options.paths.end(), settings.morePaths.begin(), settings.morePaths.end());
  options.ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::error ? IfNoFiles::error : IfNoFiles::warn;
  FileRowShape shape{
      .schema = rowSchema(), .path = 0, .name = 1, .size = 2, .modified = 3, .own = 4, .ownText = blobOf};
  return makeFileRows(std::move(shape), std::move(options), *files, context);
}

}  // namespace weir::nodes::blob_read
