// OutQueue: bytes on their way to a client, of which some may be shared with other clients.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::native {

class OutQueue {
 public:
  /// `spare` outlives it: a buffer that those of a thread lend each other, so that none is made for each answer and
  /// none is held by who sends nothing.
  explicit OutQueue(std::string* spare = nullptr) : spare_(spare) {}

  [[nodiscard]] bool empty() const { return bytes_ == 0; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  /// Where to append small things; end with added().
  [[nodiscard]] std::string& tail() {
    if (!pieces_.empty() && !pieces_.back().shared) return pieces_.back().own;
    const bool borrows = pieces_.empty() && spare_ != nullptr;
    pieces_.push_back({borrows ? std::exchange(*spare_, {}) : std::string(), nullptr});
    return pieces_.back().own;
  }
  void added(std::size_t bytes) { bytes_ += bytes; }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    tail().append(bytes);
    bytes_ += bytes.size();
  }
  /// Without a copy, if it is large.
  void give(std::string bytes) {
    if (bytes.size() < kCopied) return append(bytes);
    bytes_ += bytes.size();
    pieces_.push_back({std::move(bytes), nullptr});
  }
  void share(std::shared_ptr<const std::string> bytes) {
    if (bytes->empty()) return;
    bytes_ += bytes->size();
    pieces_.push_back({{}, std::move(bytes)});
  }

  /// The first pieces, as many as fit into `into`; how many there are.
  [[nodiscard]] std::size_t first(std::span<std::string_view> into) const {
    std::size_t count = 0;
    auto skip = sent_;
    for (auto at = begin_; at < pieces_.size() && count < into.size(); ++at) {
      const auto text = pieces_[at].text().substr(std::exchange(skip, 0));
      if (!text.empty()) into[count++] = text;
    }
    return count;
  }
  /// So many bytes of the first pieces have gone.
  void took(std::size_t bytes) {
    bytes_ -= bytes;
    if (bytes_ == 0) return clear();
    sent_ += bytes;
    while (sent_ >= pieces_[begin_].text().size()) {
      sent_ -= pieces_[begin_].text().size();
      pieces_[begin_++] = {};
    }
    if (begin_ < kForgotten) return;
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  void clear() {
    if (spare_ != nullptr && !pieces_.empty()) {
      auto& own = pieces_.front().own;
      if (own.capacity() > spare_->capacity() && own.capacity() <= kSpareBytes) {
        own.clear();
        spare_->swap(own);
      }
    }
    pieces_.clear();
    begin_ = sent_ = bytes_ = 0;
  }

 private:
  static constexpr std::size_t kCopied = 16 << 10, kForgotten = 64, kSpareBytes = 64 << 10;
  struct Piece {
    std::string own;
    std::shared_ptr<const std::string> shared;
    [[nodiscard]] std::string_view text() const { return shared ? std::string_view(*shared) : std::string_view(own); }
  };
  std::string* spare_;
  std::vector<Piece> pieces_;
  std::size_t begin_ = 0;  // pieces before it have gone
  std::size_t sent_ = 0;   // of the piece at begin_
  std::size_t bytes_ = 0;
};

}  // namespace weir::native
