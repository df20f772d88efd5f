// files/list: what lies in folders, as rows.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/node/file-source.h"
#include "nodes/files/list/list.gen.h"

namespace weir::nodes::list {
namespace {

const SchemaRef& rowSchema() {
  static const SchemaRef schema = Schema::of({{"path", Type::string(), false},
                                              {"name", Type::string(), false},
                                              {"folder", Type::string(), false},
                                              {"size", Type::int64(), false},
                                              {"modified", Type::timestamp(), false}});
  return schema;
}

/// `logs/*.log` -> `logs/**/*.log`.
std::string withFoldersBelow(const std::string& path) {
  const auto at = path.find_last_of("/:");
  const auto begin = at == std::string::npos ? 0 : at + 1;
  const auto folder = path.substr(0, begin);
  if (folder.ends_with("**/") || path.ends_with("**")) return path;
  return folder + "**/" + path.substr(begin);
}

class Lister final : public Source {
 public:
  Lister(std::vector<std::string> paths, IfNoFiles ifNoFiles, Files& files, NodeContext& context)
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
    const auto room = io.room(0);
    if (room.rows <= 0 || room.bytes <= 0) return Flow::again;
    return emitRows(io);
  }

 private:
  Result<Flow> emitRows(StepIo& io) {
    const auto count = std::min<std::size_t>(found_.size() - next_, 4096);
    std::int64_t textBytes = 0;
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) textBytes += static_cast<std::int64_t>(found_[next_ + i].path.size());
    const ColumnRoom room[] = {{textBytes, false}, {textBytes, false}, {textBytes, false}, {}, {}};
    WEIR_ASSIGN(auto writer,
                BatchWriter::make(rowSchema(), static_cast<std::int64_t>(count), room, context_.account()));
    std::int32_t used[3] = {0, 0, 0};
    for (std::size_t i = 0; i < count; ++i) {
      const auto& file = found_[next_ + i];
      const auto row = static_cast<std::int64_t>(i);
      const std::string_view path = file.path;
      const auto at = path.find_last_of("/:");
      const auto cut = at == std::string_view::npos ? 0 : at + 1;
      const auto folder = path.substr(0, cut > 1 && path[cut - 1] == '/' ? cut - 1 : cut);
      const std::string_view texts[] = {path, path.substr(cut), folder};
      for (std::int64_t column = 0; column < 3; ++column) {
        std::ranges::copy(texts[column], writer.text(column) + used[column]);
        used[column] += static_cast<std::int32_t>(texts[column].size());
        writer.offsets(column)[row + 1] = used[column];
      }
      writer.ints(3)[row] = file.sizeBytes;
      writer.ints(4)[row] = file.modifiedMicros;
      bytes += file.sizeBytes;
    }
    Envelope envelope;
    envelope.firstSequence = next_;
    envelope.timestampMicros = context_.nowMicros();
    io.emit(0, writer.finish(static_cast<std::int64_t>(count), std::move(envelope)));
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
  if (settings.recursive) std::ranges::transform(paths, paths.begin(), withFoldersBelow);
  const auto ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::error ? IfNoFiles::error : IfNoFiles::warn;
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [paths, ifNoFiles, files, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Lister>(paths, ifNoFiles, *files, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::list
