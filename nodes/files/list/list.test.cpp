// Which files are found, and in which order.
#include <doctest/doctest.h>

#include "nodes/files/list/list.gen.h"
#include "nodes/files/run-nodes.test.h"

namespace weir::nodes::testing {
namespace {

std::vector<std::string> pathsOf(Bench& bench, std::initializer_list<std::pair<const char*, json::Value>> members) {
  const auto got = read(bench, list::makeFromJson, settings(members));
  std::vector<std::string> paths;
  for (const auto& row : got.rows) {
    const auto value = *parseJsonValue(row);
    paths.emplace_back(value.find("path")->text());
  }
  return paths;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("list finds files in byte order, each once") {
  for (const bool later : {false, true}) {
    Bench bench(later, 2, 3);
    bench.files.put("d/b.log", "12");
    bench.files.put("d/a.log", "1");
    bench.files.put("d/sub/c.log", "123");
    bench.files.put("d/sub/c.txt", "123");
    bench.files.put("d/B.log", "");
    CHECK(pathsOf(bench, {{"path", "d/*.log"}}) == Paths{"d/B.log", "d/a.log", "d/b.log"});
    CHECK(pathsOf(bench, {{"path", "d/**/*.log"}}) == Paths{"d/B.log", "d/a.log", "d/b.log", "d/sub/c.log"});
    CHECK(pathsOf(bench, {{"path", "d/c.log"}, {"recursive", true}}) == Paths{"d/sub/c.log"});
    CHECK(pathsOf(bench, {{"path", "d/a.log"}, {"morePaths", json::Value::array({json::Value("d/{a,b}.log")})}}) ==
          Paths{"d/a.log", "d/b.log"});
  }
}

TEST_CASE("list tells name, folder and size") {
  Bench bench;
  bench.files.put("d/sub/c.log", "123");
  const auto got = read(bench, list::makeFromJson, settings({{"path", "d/sub/c.log"}}));
  REQUIRE(got.rows.size() == 1);
  CHECK(got.rows[0].starts_with(R"({"path":"d/sub/c.log","name":"c.log","folder":"d/sub","size":3,)"));
}

TEST_CASE("a folder that cannot be listed is an error row") {
  Bench bench;
  bench.files.put("d/a/x.log", "1");
  bench.files.put("d/b/x.log", "1");
  bench.files.failNext("d/b", Error{"files.denied", "cannot list 'd/b': permission denied"});
  const auto got = read(bench, list::makeFromJson, settings({{"path", "d/*/*.log"}}));
  CHECK(got.rows.size() == 1);
  REQUIRE(got.failed.size() == 1);
  CHECK(got.failed[0] == R"({"file":"d/b"})");
}

TEST_CASE("a file that is called like a glob is that file") {
  Bench bench;
  bench.files.put("a[1].log", "1");
  bench.files.put("a1.log", "1");
  CHECK(pathsOf(bench, {{"path", "a[1].log"}}) == Paths{"a[1].log"});
}

}  // namespace weir::nodes::testing
