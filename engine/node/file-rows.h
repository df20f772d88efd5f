// FileRows: a source of one row for each file, without its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "engine/node/file-source.h"
#include "engine/node/node.h"

namespace weir {

/// How a file becomes a row: path, name (the path's last part), size, time of the last change, and a text of the node's
/// own. Members say which column of `schema` each is.
struct FileRowShape {
  SchemaRef schema;
  std::int64_t path = 0, name = 0, size = 0, modified = 0, own = 0;
  std::string (*ownText)(const FoundFile& file) = nullptr;
};

class FileRows final : public Source {
 public:
  FileRows(FileRowShape shape, FileList::Options paths, Files& files, NodeContext& context)
      : shape_(std::move(shape)), files_(std::move(paths), files, context), context_(context) {}
  Result<Flow> pull(StepIo& io) override;
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(files_.snapshot(state));
    return state.write(static_cast<std::int64_t>(next_));
  }
  Result<Poll> restore(StateReader& state) override {
    WEIR_TRY(files_.restore(state));
    std::int64_t next = 0;
    WEIR_TRY(state.read(next));
    next_ = std::min(static_cast<std::size_t>(next), files_.found().size());
    return Poll::ready;
  }

 private:
  Result<Flow> emitRows(StepIo& io);

  FileRowShape shape_;
  FileList files_;
  NodeContext& context_;
  std::size_t next_ = 0;
};

/// A node that is nothing else.
[[nodiscard]] NodePtr makeFileRows(FileRowShape shape, FileList::Options paths, Files& files, NodeContext& context);

}  // namespace weir
