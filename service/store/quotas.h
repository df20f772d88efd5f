// Quotas: what the runs and the documents of a folder may take.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/operation.h"
#include "service/auth/grants.h"

namespace weir::store {

/// 0: no bound.
struct Quota {
  // Of the folder and all below it.
  std::int64_t runs = 0;               // that go on at a time
  std::int64_t startedPerMinute = 0;   // runs
  std::int64_t totalDiskBytes = 0;     // of the files of their runs
  std::int64_t totalConnections = 0;   // open at a time, of its runs in one engine process
  std::int64_t egressBytesPerDay = 0;  // that their runs may send, by UTC
  std::int64_t documents = 0;          // flows, also in the bin
  std::int64_t versions = 0;           // of all of them
  std::int64_t documentBytes = 0;      // of documents and versions, as they are written
  // Of each run in it, beside what its flow says (config.limits): the lower one counts.
  std::int64_t memoryBytes = 0, diskBytes = 0, maxRunMs = 0, threads = 0;
  std::int64_t descriptors = 0;                   // of the process that it is in
  std::int64_t connections = 0, egressBytes = 0;  // open at a time; sent in all
};

struct QuotaRecord {
  std::string folder;  // empty: the root, and with it everything
  Quota quota;
  std::string changedBy;
  std::int64_t changedAt = 0, revision = 0;
  // Of now, not of the record.
  std::int64_t going = 0, startedLately = 0, sentToday = 0;
  std::int64_t documents = 0, versions = 0, documentBytes = 0;  // on a page alone
};

struct QuotaQuery {
  std::string folder{};                  // there or below; empty: anywhere
  std::optional<auth::Reach> visible{};  // only of folders that somebody may see; absent: all
  std::optional<std::string> after{};    // the folder of the last one of the page before
  std::int64_t limit = 50;
};

struct QuotaPage {
  std::vector<QuotaRecord> quotas;  // by folder
  bool more = false;                // behind them
};

/// A run is held to the quotas of its folder and of all above it, where it is stored: `quota.runs`, `quota.started`.
/// So is what is stored of flows: `quota.documents`, `quota.versions`, `quota.bytes`.
/// Errors: `storage.not_found`, `storage.changed`, and trouble as in Store.
class Quotas {
 public:
  virtual ~Quotas() = default;
  /// By folder.
  virtual Operation<std::vector<QuotaRecord>> list(Waker waker) = 0;
  virtual Operation<QuotaPage> page(QuotaQuery query, Waker waker) = 0;
  virtual Operation<QuotaRecord> put(QuotaRecord record, Waker waker) = 0;
  virtual Operation<Unit> remove(std::string folder, Waker waker) = 0;
  /// Bytes that runs have sent, by their folders: they count for today.
  virtual Operation<Unit> addSent(std::map<std::string, std::int64_t> bytes, Waker waker) = 0;
};

}  // namespace weir::store
