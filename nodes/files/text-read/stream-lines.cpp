// Cutting a stream at line ends.
#include "nodes/files/text-read/stream-lines.h"

#include <utility>

#include "engine/regex/literal-search.h"

namespace weir::nodes::text_read {

Result<Poll> StreamLines::next(const Waker& waker) {
  if (cut_ > 0) searched_ = 0;
  stream_.drop(std::exchange(cut_, 0));
  for (std::int64_t passed = 0;;) {
    const auto window = stream_.window();
    const auto size = static_cast<std::int64_t>(window.size());
    const bool over = stream_.atEnd() || broken_;
    if (skipping_) {
      const auto end = regex::findByte(window.data(), size, '\n');
      stream_.drop(end < 0 ? size : end + 1);
      skipping_ = end < 0 && !over;
    } else {
      const auto end = regex::findLastByte(window.data() + searched_, size - searched_, '\n');
      if (end >= 0 || (over && size > 0)) {
        cut_ = end >= 0 ? searched_ + end + 1 : size;
        return Poll::ready;
      }
      searched_ = size;
      if (size > maxLineBytes_) {
        stream_.drop(size);
        searched_ = 0;
        skipping_ = true;
        return lineTooLong(maxLineBytes_);
      }
      if (over) {
        if (broken_) return std::unexpected(std::move(*std::exchange(broken_, std::nullopt)));
        return Poll::ready;
      }
    }
    if (over) continue;
    if (passed > kTurnBytes) {
      waker.wake();
      return Poll::pending;
    }
    const auto before = stream_.offset() + static_cast<std::int64_t>(stream_.window().size());
    auto more = stream_.more(waker);
    passed += stream_.offset() + static_cast<std::int64_t>(stream_.window().size()) - before;
    if (!more) {
      if (stream_.window().empty() || more.error().recoverable) return std::unexpected(std::move(more.error()));
      broken_ = std::move(more.error());
    } else if (*more == Poll::pending) {
      return Poll::pending;
    }
  }
}

}  // namespace weir::nodes::text_read
