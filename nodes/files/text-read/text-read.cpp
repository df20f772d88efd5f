// files/text-read: one stage finds files and deals out ranges of them; the next reads, matches and cuts lines.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "nodes/files/text-read/line-work.h"
#include "nodes/files/text-read/text-read.gen.h"
#include "nodes/text/grep/grep.gen.h"
#include "nodes/text/grep/pattern.h"

namespace weir::nodes::text_read {
namespace {

/// A ticket's share: large enough that tickets cost nothing, small enough that two workers end together.
constexpr std::int64_t kRangeBytes = 2 << 20;

class RangeDealer final : public Source {
 public:
  RangeDealer(std::shared_ptr<const Shared> shared, std::vector<std::string> paths, IfNoFiles ifNoFiles)
      : shared_(std::move(shared)), paths_(std::move(paths)), ifNoFiles_(ifNoFiles) {}

  Result<Flow> pull(StepIo& io) override {
    if (!listed_) {
      if (!finder_) {
        WEIR_ASSIGN(auto made, FileFinder::make(paths_, shared_->files));
        finder_ = std::move(made);
      }
      WEIR_ASSIGN(const auto flow, finder_->step(io.waker()));
      if (flow != Flow::done) return flow;
      WEIR_ASSIGN(found_, settleFound(*finder_, ifNoFiles_, io, shared_->context));
      finder_.reset();
      listed_ = true;
    }
    if (next_ == found_.size() || draining()) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    std::vector<FileItem> items;
    if (isLarge(found_[next_])) {
      items.push_back(nextRange());
    } else {
      // Small files share a ticket.
      for (std::int64_t bytes = 0; next_ < found_.size() && bytes < kRangeBytes / 2 && !isLarge(found_[next_]);
           ++next_) {
        bytes += std::max<std::int64_t>(found_[next_].sizeBytes, 4096);
        items.push_back(itemOf(found_[next_]));
      }
    }
    WEIR_ASSIGN(auto batch, packFileItems(items, shared_->context.account()));
    io.emit(0, std::move(batch));
    return Flow::more;
  }

 private:
  [[nodiscard]] bool isLarge(const FoundFile& file) const {
    return file.sizeBytes > kRangeBytes * 3 / 2 && shared_->inRanges(file.path);
  }
  [[nodiscard]] FileItem itemOf(const FoundFile& file) const {
    FileItem item;
    item.index = static_cast<std::int64_t>(next_);
    item.path = file.path;
    item.sizeBytes = file.sizeBytes;
    item.modifiedMicros = file.modifiedMicros;
    item.named = file.named;
    return item;
  }
  /// The last range goes to the end, wherever that is by then.
  FileItem nextRange() {
    const auto& file = found_[next_];
    auto item = itemOf(file);
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
  std::vector<std::string> paths_;
  IfNoFiles ifNoFiles_;
  std::optional<FileFinder> finder_;
  std::vector<FoundFile> found_;
  std::size_t next_ = 0;
  std::int64_t offset_ = 0;
  bool listed_ = false;
};

/// Takes over what the grep behind this node would do, if whole lines are all it looks at.
Result<void> acceptFilter(const Settings& settings, NodeContext& context, Shared& shared) {
  const auto* accepted = context.acceptedFilter(out::rows);
  if (accepted == nullptr || accepted->typeId != "text/grep" || settings.skipEmpty || shared.recordStart) return {};
  WEIR_ASSIGN(const auto grep, grep::parse(*accepted->settings));
  if (grep.field != "line" || grep.contextBefore > 0 || grep.contextAfter > 0) return {};
  WEIR_ASSIGN(auto pattern, grep::compilePattern(grep));
  shared.filter.emplace(std::move(pattern), grep.invert);
  return {};
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
  WEIR_TRY(acceptFilter(settings, context, *shared));
  std::vector<std::string> paths{settings.path};
  paths.insert(paths.end(), settings.morePaths.begin(), settings.morePaths.end());
  const auto ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::warn ? IfNoFiles::warn : IfNoFiles::error;
  auto node = std::make_unique<Node>();
  Stage deal;
  deal.makeTask = [shared, paths, ifNoFiles]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<RangeDealer>(shared, paths, ifNoFiles);
  };
  Stage read;
  read.parallelism = Stage::Parallelism::parallel;
  read.work = std::make_shared<ReadLines>(shared);
  node->stages.push_back(std::move(deal));
  node->stages.push_back(std::move(read));
  return node;
}

}  // namespace weir::nodes::text_read
