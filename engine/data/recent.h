// Recent: what was made of texts lately, found again by the whole text; bounded in bytes.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>  // unordered: only looked up in
#include <utility>

namespace weir {

/// What is kept must follow from the text alone, or from it and what never changes. One thread.
template <class Made>
class Recent {
 public:
  /// Together with what `add` is told, so many bytes are kept at most; what was asked for longest ago goes first.
  explicit Recent(std::size_t mostBytes) : mostBytes_(mostBytes) {}

  /// Null: it is not known, or not any more.
  [[nodiscard]] std::shared_ptr<const Made> find(std::string_view text) {
    const auto found = byText_.find(text);
    if (found == byText_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->made;
  }

  /// `bytes`: about what it takes. One that would fill more than an eighth of the room is not kept.
  void add(std::string text, std::shared_ptr<const Made> made, std::size_t bytes) {
    bytes += text.size() + sizeof(Entry);
    if (bytes > mostBytes_ / 8 || byText_.contains(text)) return;
    while (bytes_ + bytes > mostBytes_) dropOldest();
    order_.push_front({std::move(text), std::move(made), bytes});
    byText_.emplace(order_.front().text, order_.begin());
    bytes_ += bytes;
  }

  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string text;
    std::shared_ptr<const Made> made;
    std::size_t bytes;
  };

  void dropOldest() {
    bytes_ -= order_.back().bytes;
    byText_.erase(order_.back().text);
    order_.pop_back();
  }

  std::size_t mostBytes_, bytes_ = 0;
  std::list<Entry> order_;  // asked for last comes first
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> byText_;
};

}  // namespace weir
