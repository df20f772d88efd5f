// Paging: how much of a list a request asks for, and where its next page begins.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/json/writer.h"
#include "service/api/query.h"
#include "service/api/refusal.h"

namespace weir::api {

/// What each list that comes in pages takes.
inline constexpr QueryRule kLimitRule{
    .name = "limit", .kind = QueryRule::Kind::number, .help = "50 unless said", .least = 1, .most = 500};
inline constexpr QueryRule kCursorRule{.name = "cursor", .help = "`next` of the page before"};

struct PageAsked {
  std::optional<std::string> after;  // the key of the last entry of the page before; absent: from the beginning
  std::int64_t limit = 50;
};

/// `list` names the list, so that its cursors are of no other one: `api.query` for one that it has not given.
[[nodiscard]] Expected<PageAsked> pageAsked(const Query& query, std::string_view list);
/// The cursor of the page behind the entry with this key.
[[nodiscard]] std::string cursorBehind(std::string_view list, std::string_view key);
/// Whether each word of `search` is in one of the texts, whatever the case.
[[nodiscard]] bool holdsWords(std::string_view search, std::initializer_list<std::string_view> texts);

/// A page of a list that is in memory, in the order of keys that no two entries share.
template <class Item>
class PageOf {
 public:
  explicit PageOf(PageAsked asked) : asked_(std::move(asked)) {}

  /// Of all entries that are to be in the list, in any order; they outlive the page.
  void add(std::string key, const Item& item) {
    if (!asked_.after || key > *asked_.after) found_.emplace_back(std::move(key), &item);
  }
  /// Writes the entries of the page and closes the list; then `next`, if there are more.
  template <class Write>
  void write(json::Writer& out, std::string_view list, Write write) {
    const auto most = static_cast<std::size_t>(asked_.limit);
    const auto shown = std::min(most, found_.size());
    std::ranges::partial_sort(found_, found_.begin() + static_cast<std::ptrdiff_t>(shown), {}, &Entry::first);
    for (std::size_t i = 0; i < shown; ++i) write(*found_[i].second);
    out.endArray();
    if (found_.size() > most) out.key("next").value(cursorBehind(list, found_[most - 1].first));
  }

 private:
  using Entry = std::pair<std::string, const Item*>;
  PageAsked asked_;
  std::vector<Entry> found_;
};

}  // namespace weir::api
