// LineWork: the second stage of text-read: reads one ticket's files or ranges, and makes rows of their lines.
#pragma once

#include <memory>
#include <optional>

#include "engine/node/file-source.h"
#include "engine/node/file-stream.h"
#include "engine/node/task.h"
#include "engine/regex/line-search.h"
#include "engine/regex/scratch-pool.h"
#include "nodes/files/text-read/line-rows.h"

namespace weir::nodes::text_read {

/// What all tickets share.
struct Shared {
  Shared(NodeContext& nodeContext, Files& fileHost, Codecs* codecHost)
      : context(nodeContext), files(fileHost), codecs(codecHost) {}
  NodeContext& context;
  Files& files;
  Codecs* codecs;
  TextEncoding encoding = TextEncoding::automatic;
  bool skipEmpty = false;
  std::int64_t maxLineBytes = 0;
  Fields fields;
  /// The filter behind this node; matching lines are all that is emitted.
  std::optional<regex::LineMatcher> filter;
  std::optional<regex::Regex> recordStart;
  mutable regex::ScratchPool scratch;

  /// Ranges of the file can be read independently of each other (if it is not UTF-16 after all).
  [[nodiscard]] bool inRanges(std::string_view path) const;
};

class ReadLines final : public ParallelWork {
 public:
  explicit ReadLines(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<Work> begin(Batch input) const override;

 private:
  std::shared_ptr<const Shared> shared_;
};

}  // namespace weir::nodes::text_read
