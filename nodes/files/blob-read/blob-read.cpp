// files/blob-read: files as references; nobody's bytes are read here.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/blob.h"
#include "engine/node/file-source.h"
#include "engine/text/utf8.h"
#include "nodes/files/blob-read/blob-read.gen.h"

namespace weir::nodes::blob_read {
namespace {

constexpr std::size_t kRowsAtOnce = 1024;

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

class BlobLister final : public Source {
 public:
  BlobLister(std::vector<std::string> paths, IfNoFiles ifNoFiles, Files& files, NodeContext& context)
      : paths_(std::move(paths)), ifNoFiles_(ifNoFiles), files_(files), context_(context) {}

  Result<Flow> pull(StepIo& io) override {
    if (!listed_) {
      if (!finder_) {
        WEIR_ASSIGN(auto made, FileFinder::make(paths_, files_));
        finder_ = std::move(made);
      }
      WEIR_ASSIGN(const auto flow, finder_->step(io.waker()));
      if (flow != Flow::done) return flow;
      WEIR_ASSIGN(found_, settleFound(*finder_, ifNoFiles_, io, context_));
      finder_.reset();
      listed_ = true;
    }
    if (next_ == found_.size() || draining()) return Flow::done;
    if (io.room(0).rows <= 0 || io.room(0).bytes <= 0) return Flow::again;
    return emitRows(io);
  }

 private:
  Result<Flow> emitRows(StepIo& io) {
    const auto count = std::min(found_.size() - next_, kRowsAtOnce);
    std::array<std::string, kRowsAtOnce> blobs;
    std::int64_t pathBytes = 0;
    std::int64_t blobBytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& file = found_[next_ + i];
      BlobRef blob;
      blob.uri = file.path;
      blob.size = file.sizeBytes;
      blob.mime = mimeOf(file.path);
      blobs[i] = encodeBlob(blob);
      pathBytes += static_cast<std::int64_t>(file.path.size());
      blobBytes += static_cast<std::int64_t>(blobs[i].size());
    }
    const ColumnRoom room[] = {{pathBytes, false}, {pathBytes, false}, {}, {}, {blobBytes, false}};
    const auto rows = static_cast<std::int64_t>(count);
    WEIR_ASSIGN(auto writer, BatchWriter::make(rowSchema(), rows, room, context_.account()));
    std::int32_t used[3] = {0, 0, 0};
    static constexpr std::int64_t kTextColumns[] = {0, 1, 4};
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& file = found_[next_ + i];
      const auto row = static_cast<std::int64_t>(i);
      const std::string_view path = file.path;
      const auto at = path.find_last_of("/:");
      const std::string_view texts[] = {path, path.substr(at == std::string_view::npos ? 0 : at + 1), blobs[i]};
      for (std::size_t t = 0; t < 3; ++t) {
        std::ranges::copy(texts[t], writer.text(kTextColumns[t]) + used[t]);
        used[t] += static_cast<std::int32_t>(texts[t].size());
        writer.offsets(kTextColumns[t])[row + 1] = used[t];
      }
      writer.ints(2)[row] = file.sizeBytes;
      writer.ints(3)[row] = file.modifiedMicros;
      bytes += file.sizeBytes;
    }
    Envelope envelope;
    envelope.firstSequence = next_;
    envelope.timestampMicros = context_.nowMicros();
    io.emit(0, writer.finish(rows, std::move(envelope)));
    io.addProgress(bytes, 0);
    next_ += count;
    return Flow::more;
  }

  std::vector<std::string> paths_;
  IfNoFiles ifNoFiles_;
  Files& files_;
  NodeContext& context_;
  std::optional<FileFinder> finder_;
  std::vector<FoundFile> found_;
  std::size_t next_ = 0;
  bool listed_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* files, context.host<Files>());
  std::vector<std::string> paths{settings.path};
  paths.insert(paths.end(), settings.morePaths.begin(), settings.morePaths.end());
  const auto ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::error ? IfNoFiles::error : IfNoFiles::warn;
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [paths, ifNoFiles, files, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<BlobLister>(paths, ifNoFiles, *files, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::blob_read
