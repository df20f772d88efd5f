// Groups with bounds of memory, in a folder that looks as the system's tree does; and in the system's own, where this
// program may.
#include "service/engines/memory-groups.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace weir;
using namespace weir::engines;
namespace fs = std::filesystem;

/// A tree with one part, that of a service.
struct Tree {
  Tree() {
    std::string name = (fs::temp_directory_path() / "weir-groups-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    mount = name;
    fs::create_directories(own());
    put("cgroup.controllers", "cpu memory pids");
    put("cgroup.subtree_control", "");
    put("cgroup.procs", "77\n");
  }
  ~Tree() { fs::remove_all(mount); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  [[nodiscard]] fs::path own() const { return fs::path(mount) / "system.slice/weir.service"; }
  void put(const std::string& name, const std::string& text) const { std::ofstream(own() / name) << text; }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream file(own() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] MemoryPlace place(const std::string& below = "") const {
    return {.mount = mount, .self = "4:memory:/x\n0::/system.slice/weir.service" + below + "\n", .process = 77};
  }
  [[nodiscard]] std::string refusal(const MemoryPlace& where) const {
    const auto opened = MemoryGroups::open(where);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == "host.missing");
    CHECK_FALSE(fs::exists(own() / "front"));
    CHECK(text("cgroup.subtree_control").empty());
    return opened.error().message;
  }
  std::string mount;
};

}  // namespace

TEST_CASE("a server that has a part of the tree for its own moves aside and hands the controller on") {
  const Tree tree;
  const auto groups = MemoryGroups::open(tree.place());
  REQUIRE_MESSAGE(groups.has_value(), groups.error().message);
  CHECK((*groups)->folder() == tree.own());
  CHECK(tree.text("front/cgroup.procs") == "77");
  CHECK(tree.text("cgroup.subtree_control") == "+memory");
}

TEST_CASE("a server that was started in its subgroup uses the group above it") {
  const Tree tree;
  fs::create_directories(tree.own() / "front");
  tree.put("cgroup.procs", "");
  tree.put("cgroup.subtree_control", "memory\n");
  const auto groups = MemoryGroups::open(tree.place("/front"));
  REQUIRE_MESSAGE(groups.has_value(), groups.error().message);
  CHECK((*groups)->folder() == tree.own());
  CHECK(tree.text("cgroup.subtree_control") == "memory\n");
  CHECK_FALSE(fs::exists(tree.own() / "front/cgroup.procs"));
}

TEST_CASE("a part that is not the server's own is left as it is") {
  {
    const Tree tree;
    auto place = tree.place();
    place.self = "4:memory:/x\n";
    CHECK(tree.refusal(place).contains("version 2"));
    place.self = "0::/elsewhere\n";
    CHECK(tree.refusal(place).contains("is no cgroup"));
  }
  {
    const Tree tree;
    tree.put("cgroup.procs", "77\n78\n");
    CHECK(tree.refusal(tree.place()).contains("other processes"));
  }
  {
    const Tree tree;
    tree.put("cgroup.controllers", "cpu pids");
    CHECK(tree.refusal(tree.place()).contains("not given"));
  }
}

TEST_CASE("a process is in a group of its own, whose bound is raised and never lowered") {
  const Tree tree;
  const auto groups = MemoryGroups::open(tree.place());
  REQUIRE(groups.has_value());
  const auto first = (*groups)->make(), second = (*groups)->make();
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  REQUIRE((*first)->take(123).has_value());
  CHECK(tree.text("engine-1/cgroup.procs") == "123");
  CHECK(tree.text("engine-1/memory.oom.group") == "1");
  CHECK(tree.text("engine-2/cgroup.procs").empty());
  auto& group = **first;
  group.bound(1'000'000);
  CHECK(tree.text("engine-1/memory.max") == "1000000");
  group.bound(500'000);
  CHECK(tree.text("engine-1/memory.max") == "1000000");
  group.bound(2'000'000);
  CHECK(group.boundBytes() == 2'000'000);
  CHECK(tree.text("engine-1/memory.max") == "2000000");
  group.bound(0);
  CHECK(tree.text("engine-1/memory.max") == "max");
  group.bound(3'000'000);
  CHECK(tree.text("engine-1/memory.max") == "max");
}

TEST_CASE("a group knows whether the system has ended its process for memory") {
  const Tree tree;
  const auto groups = MemoryGroups::open(tree.place());
  REQUIRE(groups.has_value());
  const auto group = (*groups)->make();
  REQUIRE(group.has_value());
  CHECK_FALSE((*group)->wasKilled());
  tree.put("engine-1/memory.events", "low 0\nhigh 0\nmax 7\noom 1\noom_kill 0\n");
  CHECK_FALSE((*group)->wasKilled());
  tree.put("engine-1/memory.events", "low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\noom_group_kill 1\n");
  CHECK((*group)->wasKilled());
}

TEST_CASE("in the system's own tree, where this program has a part of it, a group takes its bound") {
  const auto place = memoryPlaceOfThis();
  const auto groups = MemoryGroups::open(place);
  if (!groups) {
    MESSAGE("skipped: " << groups.error().message);
    return;
  }
  const auto group = (*groups)->make();
  REQUIRE(group.has_value());
  (*group)->bound(std::int64_t{64} << 20);
  CHECK((*group)->boundBytes() == std::int64_t{64} << 20);
  CHECK_FALSE((*group)->wasKilled());
}
