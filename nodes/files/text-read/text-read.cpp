// files/text-read: one stage finds files and deals out ranges of them; the next reads, matches and cuts lines.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/node/line-pattern.h"
#include "nodes/files/text-read/line-work.h"
#include "nodes/files/text-read/text-read.gen.h"

namespace weir::nodes::text_read {
namespace {

/// A ticket's share: large enough that tickets cost nothing, small enough that two workers end together.
constexpr std::int64_t kRangeBytes = 2 << 20;

class RangeDealer final : public Source {
 public:
  RangeDealer(std::shared_ptr<const Shared> shared, FileList::Options paths)
      : shared_(std::move(shared)), list_(std::move(paths), shared_->files, shared_->context) {}

  Result<Flow> pull(StepIo& io) override {
    WEIR_ASSIGN(const auto flow, list_.step(io));
    if (flow != Flow::done) return flow;
    const auto& found = list_.found();
    if (next_ == found.size() || draining()) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    std::vector<FileItem> items;
    if (isLarge(found[next_])) {
      items.push_back(nextRange());
    } else {
      // Small files share a ticket.
      for (std::int64_t bytes = 0; next_ < found.size() && bytes < kRangeBytes / 2 && !isLarge(found[next_]); ++next_) {
        bytes += std::max<std::int64_t>(found[next_].sizeBytes, 4096);
        items.push_back(fileItem(found[next_], next_));
      }
    }
    WEIR_ASSIGN(auto batch, packFileItems(items, shared_->context.account()));
    io.emit(0, std::move(batch));
    return Flow::more;
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(list_.snapshot(state));
    WEIR_TRY(state.write(static_cast<std::int64_t>(next_)));
    return state.write(offset_);
  }
  Result<Poll> restore(StateReader& state) override {
    WEIR_TRY(list_.restore(state));
    std::int64_t next = 0;
    WEIR_TRY(state.read(next));
    next_ = std::min(static_cast<std::size_t>(next), list_.found().size());
    return state.read(offset_);
  }

 private:
  [[nodiscard]] bool isLarge(const FoundFile& file) const {
    return file.sizeBytes > kRangeBytes * 3 / 2 && shared_->inRanges(file.path);
  }
  /// The last range goes to the end, wherever that is by then.
  FileItem nextRange() {
    const auto& file = list_.found()[next_];
    auto item = fileItem(file, next_);
    item.offset = offset_;
    if (file.sizeBytes - offset_ > kRangeBytes * 3 / 2) {
      item.tag = kRangeBytes;
      offset_ += kRangeBytes;
    } else {
      offset_ = 0;
      ++next_;
    }
    return item;
  }

  std::shared_ptr<const Shared> shared_;
  FileList list_;
  std::size_t next_ = 0;
  std::int64_t offset_ = 0;
};

/// Takes over what the grep behind this node would do, if whole lines are all it looks at. What is wrong with the
/// grep's settings, the grep says.
void acceptFilter(const Settings& settings, NodeContext& context, Shared& shared) {
  const auto* accepted = context.acceptedFilter(out::rows);
  if (accepted == nullptr || accepted->typeId != "text/grep" || settings.skipEmpty || shared.recordStart) return;
  const auto wanted = LinePattern::of(*accepted->settings);
  if (wanted.field != "line" || wanted.withContext) return;
  auto pattern = wanted.compile();
  if (pattern) shared.filter.emplace(std::move(*pattern), wanted.invert);
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* files, context.host<Files>());
  const auto codecs = context.host<Codecs>();
  auto shared = std::make_shared<Shared>(context, *files, codecs ? *codecs : nullptr);
  static constexpr TextEncoding kEncodings[] = {TextEncoding::automatic, TextEncoding::utf8, TextEncoding::utf16,
                                                TextEncoding::windows1252, TextEncoding::latin1};
  shared->encoding = kEncodings[static_cast<std::size_t>(settings.encoding)];
  shared->skipEmpty = settings.skipEmpty;
  shared->maxLineBytes = settings.maxLineBytes;
  shared->fields = Fields::of(context.needed(out::rows));
  if (settings.recordStart && !settings.recordStart->empty()) {
    WEIR_ASSIGN(shared->recordStart, regex::Regex::compile(*settings.recordStart));
  }
  acceptFilter(settings, context, *shared);
  FileList::Options paths;
  paths.paths.push_back(settings.path);
  paths.paths.insert(paths.paths.end(), settings.morePaths.begin(), settings.morePaths.end());
  paths.ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::warn ? IfNoFiles::warn : IfNoFiles::error;
  auto node = std::make_unique<Node>();
  Stage deal;
  deal.makeTask = [shared, paths]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<RangeDealer>(shared, paths);
  };
  Stage read;
  read.parallelism = Stage::Parallelism::parallel;
  read.work = std::make_shared<ReadLines>(shared);
  node->stages.push_back(std::move(deal));
  node->stages.push_back(std::move(read));
  return node;
}

}  // namespace weir::nodes::text_read
