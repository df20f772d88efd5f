// Calls about flows as wires; web/engine-client/src/hosts/flow-calls.ts reads and writes the same.
#include "apps/wasm/page-store.h"

#include <utility>

namespace weir::wasm {
namespace {

using browser::CallKind;
using browser::WireReader;
using browser::WireWriter;

WireWriter startingWith(const std::string& id, const store::IfRevision& revision) {
  WireWriter wire;
  wire.text(id).flag(revision.has_value()).number(revision.value_or(0));
  return wire;
}

void writeOptional(WireWriter& wire, const std::optional<std::string>& text) {
  wire.flag(text.has_value()).text(text.value_or(std::string()));
}

void writeTexts(WireWriter& wire, const std::vector<std::string>& texts) {
  wire.word(static_cast<std::uint32_t>(texts.size()));
  for (const auto& text : texts) wire.text(text);
}

void writeChange(WireWriter& wire, const store::FlowChange& change) {
  writeOptional(wire, change.folder);
  writeOptional(wire, change.name);
  writeOptional(wire, change.description);
  writeOptional(wire, change.document);
  wire.flag(change.tags.has_value());
  writeTexts(wire, change.tags.value_or(std::vector<std::string>()));
}

store::FlowHead readHead(WireReader& wire) {
  store::FlowHead head;
  head.id = wire.text();
  head.name = wire.text();
  head.description = wire.text();
  const auto tags = wire.word();
  for (std::uint32_t i = 0; i < tags && wire.intact(); ++i) head.tags.emplace_back(wire.text());
  head.revision = wire.number();
  head.createdAt = wire.number();
  head.changedAt = wire.number();
  const bool binned = wire.flag();
  const auto binnedAt = wire.number();
  if (binned) head.binnedAt = binnedAt;
  head.bytes = wire.number();
  head.latestVersion = wire.number();
  head.publishedVersion = wire.number();
  head.folder = wire.text();
  return head;
}

store::VersionHead readVersionHead(WireReader& wire) {
  store::VersionHead head;
  head.number = wire.number();
  head.label = wire.text();
  head.message = wire.text();
  head.published = wire.flag();
  head.createdAt = wire.number();
  head.bytes = wire.number();
  return head;
}

Result<store::FlowHead> headOf(WireReader& wire) { return readHead(wire); }

}  // namespace

Operation<store::FlowHead> PageStore::create(std::string id, store::FlowChange flow, Waker waker) {
  auto wire = startingWith(id, std::nullopt);
  writeChange(wire, flow);
  return calls_.begin<store::FlowHead>(CallKind::flowCreate, wire, std::move(waker), headOf);
}

Operation<store::Flow> PageStore::read(std::string id, Waker waker) {
  return calls_.begin<store::Flow>(CallKind::flowRead, startingWith(id, std::nullopt), std::move(waker),
                                   [](WireReader& wire) -> Result<store::Flow> {
                                     store::Flow flow;
                                     flow.head = readHead(wire);
                                     flow.document = wire.text();
                                     return flow;
                                   });
}

Operation<store::FlowHead> PageStore::replace(std::string id, std::int64_t ifRevision, store::FlowChange change,
                                              Waker waker) {
  auto wire = startingWith(id, ifRevision);
  writeChange(wire, change);
  return calls_.begin<store::FlowHead>(CallKind::flowReplace, wire, std::move(waker), headOf);
}

Operation<store::FlowHead> PageStore::bin(std::string id, store::IfRevision ifRevision, Waker waker) {
  return calls_.begin<store::FlowHead>(CallKind::flowBin, startingWith(id, ifRevision), std::move(waker), headOf);
}

Operation<store::FlowHead> PageStore::restore(std::string id, store::IfRevision ifRevision, Waker waker) {
  return calls_.begin<store::FlowHead>(CallKind::flowRestore, startingWith(id, ifRevision), std::move(waker), headOf);
}

Operation<Unit> PageStore::purge(std::string id, store::IfRevision ifRevision, Waker waker) {
  return calls_.begin(CallKind::flowPurge, startingWith(id, ifRevision), std::move(waker));
}

Operation<store::FlowPage> PageStore::list(store::FlowQuery query, Waker waker) {
  WireWriter wire;
  wire.text(query.search);
  writeTexts(wire, query.tags);
  wire.text(query.folder).flag(query.bin).flag(query.byName).text(query.cursor).number(query.limit);
  return calls_.begin<store::FlowPage>(CallKind::flowList, wire, std::move(waker),
                                       [](WireReader& answer) -> Result<store::FlowPage> {
                                         store::FlowPage page;
                                         page.cursor = answer.text();
                                         while (answer.more()) page.flows.push_back(readHead(answer));
                                         return page;
                                       });
}

Operation<store::VersionHead> PageStore::appendVersion(std::string id, store::IfRevision ifRevision,
                                                       store::NewVersion version, Waker waker) {
  auto wire = startingWith(id, ifRevision);
  wire.text(version.label).text(version.message).flag(version.published);
  return calls_.begin<store::VersionHead>(
      CallKind::versionAppend, wire, std::move(waker),
      [](WireReader& answer) -> Result<store::VersionHead> { return readVersionHead(answer); });
}

Operation<std::vector<store::VersionHead>> PageStore::listVersions(std::string id, std::int64_t before,
                                                                   std::int64_t limit, Waker waker) {
  auto wire = startingWith(id, std::nullopt);
  wire.number(before).number(limit);
  return calls_.begin<std::vector<store::VersionHead>>(
      CallKind::versionList, wire, std::move(waker), [](WireReader& answer) -> Result<std::vector<store::VersionHead>> {
        std::vector<store::VersionHead> versions;
        while (answer.more()) versions.push_back(readVersionHead(answer));
        return versions;
      });
}

Operation<store::Version> PageStore::readVersion(std::string id, std::int64_t number, Waker waker) {
  auto wire = startingWith(id, std::nullopt);
  wire.number(number);
  return calls_.begin<store::Version>(CallKind::versionRead, wire, std::move(waker),
                                      [](WireReader& answer) -> Result<store::Version> {
                                        store::Version version;
                                        version.head = readVersionHead(answer);
                                        version.document = answer.text();
                                        return version;
                                      });
}

}  // namespace weir::wasm
