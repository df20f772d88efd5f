// BrowserStateStore: state of a flow in the page's storage (OPFS, IndexedDB).
#pragma once

#include "engine/host/state-store.h"
#include "hosts/browser/calls.h"

namespace weir::browser {

class BrowserStateStore final : public StateStore {
 public:
  /// `flow` names its part of the storage.
  BrowserStateStore(Calls& calls, std::string flow) : calls_(calls), flow_(std::move(flow)) {}

  Operation<Unit> commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) override;
  Operation<std::optional<std::string>> get(std::string_view key, Waker waker) override;
  Operation<std::vector<StateEntry>> list(std::string_view prefix, std::string_view after, std::int64_t most,
                                          Waker waker) override;

 private:
  Calls& calls_;
  std::string flow_;
};

}  // namespace weir::browser
