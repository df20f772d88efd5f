// Files as rows, a bounded number at a time.
#include "engine/node/file-rows.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"

namespace weir {
namespace {

constexpr std::size_t kRowsAtOnce = 4096;

std::string_view nameOf(std::string_view path) {
  const auto at = path.find_last_of("/:");
  return path.substr(at == std::string_view::npos ? 0 : at + 1);
}

}  // namespace

Result<Flow> FileRows::pull(StepIo& io) {
  WEIR_ASSIGN(const auto flow, files_.step(io));
  if (flow != Flow::done) return flow;
  if (next_ == files_.found().size() || draining()) {
    if (io.fresh(0)) {
      WEIR_ASSIGN(auto none, emptyBatch(shape_.schema, context_.account()));
      io.emit(0, std::move(none));
    }
    return Flow::done;
  }
  const auto room = io.room(0);
  if (room.rows <= 0 || room.bytes <= 0) return Flow::again;
  return emitRows(io);
}

Result<Flow> FileRows::emitRows(StepIo& io) {
  const auto files = std::span(files_.found()).subspan(next_, std::min(files_.found().size() - next_, kRowsAtOnce));
  std::vector<std::string> own;
  std::array<std::int64_t, 3> textBytes{};
  for (const auto& file : files) {
    own.push_back(shape_.ownText(file));
    textBytes[0] += static_cast<std::int64_t>(file.path.size());
    textBytes[1] += static_cast<std::int64_t>(nameOf(file.path).size());
    textBytes[2] += static_cast<std::int64_t>(own.back().size());
  }
  const std::array<std::int64_t, 3> textColumns{shape_.path, shape_.name, shape_.own};
  std::vector<ColumnRoom> room(static_cast<std::size_t>(shape_.schema->size()));
  for (std::size_t t = 0; t < 3; ++t) room[static_cast<std::size_t>(textColumns[t])].textBytes = textBytes[t];
  const auto rows = static_cast<std::int64_t>(files.size());
  WEIR_ASSIGN(auto writer, BatchWriter::make(shape_.schema, rows, room, context_.account()));
  std::array<std::int32_t, 3> used{};
  std::int64_t bytes = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto& file = files[static_cast<std::size_t>(row)];
    const std::string_view texts[] = {file.path, nameOf(file.path), own[static_cast<std::size_t>(row)]};
    for (std::size_t t = 0; t < 3; ++t) {
      std::ranges::copy(texts[t], writer.text(textColumns[t]) + used[t]);
      used[t] += static_cast<std::int32_t>(texts[t].size());
      writer.offsets(textColumns[t])[row + 1] = used[t];
    }
    writer.ints(shape_.size)[row] = file.sizeBytes;
    writer.ints(shape_.modified)[row] = file.modifiedMicros;
    bytes += file.sizeBytes;
  }
  Envelope envelope;
  envelope.firstSequence = next_;
  envelope.timestampMicros = context_.nowMicros();
  io.emit(0, writer.finish(rows, std::move(envelope)));
  io.addProgress(bytes, 0);
  next_ += files.size();
  return Flow::more;
}

NodePtr makeFileRows(FileRowShape shape, FileList::Options paths, Files& files, NodeContext& context) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [shape = std::move(shape), paths = std::move(paths), &files,
                    &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<FileRows>(shape, paths, files, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir
