// Rows between a run and its page: nodes that give what the page writes, and that hand to it what it reads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/batch.h"
#include "engine/host/waker.h"
#include "engine/node/node-type.h"

namespace weir::wasm {

/// Rows that a port of the run gives to the page. Bounded: it takes a batch while what waits is within its credit, so
/// that a page that does not read slows the edges before it.
class Outlet {
 public:
  /// False: no credit is left; the waker is called when there is some.
  [[nodiscard]] bool offer(const Batch& batch, Waker waker);
  void end() { ended_ = true; }

  /// The next rows, if some wait, and what they count against the credit: what came in small batches is joined. The
  /// page has read them when it gives credit again.
  [[nodiscard]] bool take(Batch& into, std::int64_t& bytes);
  /// What may wait before the page has read anything; 256 KiB unless said.
  void begin(std::int64_t credit) { credit_ = credit; }
  /// So many more bytes may wait.
  void credit(std::int64_t bytes);
  /// Nothing comes any more.
  [[nodiscard]] bool ended() const { return ended_ && waiting_.empty(); }

 private:
  /// How many of the batches that wait, at least one, can be one.
  [[nodiscard]] std::size_t together() const;

  std::vector<Batch> waiting_;  // oldest first
  std::int64_t credit_ = 256 << 10;
  bool ended_ = false;
  Waker waker_;
};

/// Rows that the page gives to the run.
class Inlet {
 public:
  void write(Batch batch);
  void end();
  enum class Next : std::uint8_t { batch, wait, end };
  /// The oldest rows, `most` at most.
  [[nodiscard]] Next take(Batch& into, std::int64_t most, Waker waker);
  /// Bytes that the run has not taken yet: the page waits above a bound of its own.
  [[nodiscard]] std::int64_t waitingBytes() const { return waitingBytes_; }

 private:
  std::vector<Batch> waiting_;
  std::size_t first_ = 0;
  std::int64_t waitingBytes_ = 0;
  bool ended_ = false;
  Waker waker_;
};

/// A host interface: the outlets and inlets of one run, by the id of their node.
class PageRows {
 public:
  static constexpr std::string_view kName = "page";
  [[nodiscard]] Outlet& outlet(std::string_view node) { return of(outlets_, node); }
  [[nodiscard]] Inlet& inlet(std::string_view node) { return of(inlets_, node); }

 private:
  template <class T>
  static T& of(std::map<std::string, std::unique_ptr<T>, std::less<>>& all, std::string_view node) {
    auto found = all.find(node);
    if (found == all.end()) found = all.emplace(std::string(node), std::make_unique<T>()).first;
    return *found->second;
  }
  std::map<std::string, std::unique_ptr<Outlet>, std::less<>> outlets_;
  std::map<std::string, std::unique_ptr<Inlet>, std::less<>> inlets_;
};

inline constexpr std::string_view kOutletType = "page/outlet";
inline constexpr std::string_view kInletType = "page/inlet";

/// Both types, for the catalogue of this place.
[[nodiscard]] std::vector<BuiltinNode> pageNodes();

}  // namespace weir::wasm
