// The folder that has most gives first, and of it the oldest.
#include "apps/cli/serve/fair-share.h"

#include <doctest/doctest.h>

namespace weir::cli {
namespace {

using Gone = std::vector<std::size_t>;

}  // namespace

TEST_CASE("where all fits nothing goes, and in one folder the oldest goes") {
  const std::vector<KeptItem> items{{"a", 10}, {"a", 10}, {"a", 10}};
  CHECK(beyondShare(items, 30) == Gone{});
  CHECK(beyondShare(items, 29) == Gone{2});
  CHECK(beyondShare(items, 10) == Gone{2, 1});
  CHECK(beyondShare(items, 0) == Gone{2, 1, 0});
  CHECK(beyondShare({}, 0) == Gone{});
}

TEST_CASE("a folder that fills all pushes out nothing of another that has little, however old that is") {
  std::vector<KeptItem> items;
  for (int i = 0; i < 100; ++i) items.push_back({"loud", 10});
  items.push_back({"quiet", 50});
  items.push_back({"", 20});
  const auto gone = beyondShare(items, 500);
  CHECK(gone.size() == 57);
  for (const auto item : gone) CHECK(items[item].folder == "loud");
  CHECK(gone.front() == 99);
  // Only where they have as much.
  CHECK(beyondShare(std::vector<KeptItem>{{"a", 10}, {"b", 10}, {"a", 10}, {"b", 10}}, 20).size() == 2);
}

TEST_CASE("what has no size stays, for it makes no room") {
  const std::vector<KeptItem> items{{"a", 0}, {"a", 30}, {"a", 0}};
  CHECK(beyondShare(items, 10) == Gone{1});
}

}  // namespace weir::cli
