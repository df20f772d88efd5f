// PageStore: flows in the page's database, each call answered by JavaScript.
#pragma once

#include "hosts/browser/calls.h"
#include "service/store/store.h"

namespace weir::wasm {

class PageStore final : public store::Store {
 public:
  explicit PageStore(browser::Calls& calls) : calls_(calls) {}

  Operation<store::FlowHead> create(std::string id, store::FlowChange flow, Waker waker) override;
  Operation<store::Flow> read(std::string id, Waker waker) override;
  Operation<store::FlowHead> replace(std::string id, std::int64_t ifRevision, store::FlowChange change,
                                     Waker waker) override;
  Operation<store::FlowHead> bin(std::string id, store::IfRevision ifRevision, Waker waker) override;
  Operation<store::FlowHead> restore(std::string id, store::IfRevision ifRevision, Waker waker) override;
  Operation<Unit> purge(std::string id, store::IfRevision ifRevision, Waker waker) override;
  Operation<store::FlowPage> list(store::FlowQuery query, Waker waker) override;
  Operation<store::VersionHead> appendVersion(std::string id, store::IfRevision ifRevision, store::NewVersion version,
                                              Waker waker) override;
  Operation<std::vector<store::VersionHead>> listVersions(std::string id, std::int64_t before, std::int64_t limit,
                                                          Waker waker) override;
  Operation<store::Version> readVersion(std::string id, std::int64_t number, Waker waker) override;

 private:
  browser::Calls& calls_;
};

}  // namespace weir::wasm
