// Records are counted by the database, files by their folders.
#include "service/store/sql/disk-use.h"

#include <array>
#include <filesystem>
#include <map>
#include <span>
#include <system_error>
#include <utility>

#include "service/store/sql/retention.h"

namespace weir::store::sql {
namespace {

namespace fs = std::filesystem;

Result<api::DiskUse> counted(Session& session, const std::string& name, const std::string& what,
                             const std::string& from, const std::string& bytes) {
  WEIR_ASSIGN(const auto row,
              session.queryOne("SELECT COUNT(*), CAST(COALESCE(SUM(" + bytes + "), 0) AS BIGINT) FROM " + from));
  api::DiskUse use{name, what};
  if (row) {
    use.count = row->integer(0);
    use.bytes = row->integer(1);
  }
  return use;
}

Result<std::vector<api::DiskUse>> records(Session& session, std::span<const Retention> kinds) {
  std::vector<api::DiskUse> uses;
  WEIR_ASSIGN(auto flows, counted(session, "flows", "documents of flows", "flows WHERE binned_at IS NULL", "bytes"));
  uses.push_back(std::move(flows));
  WEIR_ASSIGN(auto logs, counted(session, "operations", "logs of what was done to drafts", "operation_logs", "bytes"));
  uses.push_back(std::move(logs));
  for (const auto& kind : kinds) {
    auto from = std::string(kind.table);
    if (!kind.only.empty()) from += " WHERE " + std::string(kind.only);
    const auto bytes = kind.bytes.empty() ? std::string("0") : std::string(kind.bytes);
    WEIR_ASSIGN(auto use, counted(session, std::string(kind.name), std::string(kind.what), from, bytes));
    use.keepMs = kind.keepMs;
    use.keepCount = kind.keepRows;
    use.keepBytes = kind.keepBytes;
    uses.push_back(std::move(use));
  }
  return uses;
}

std::string wordsFor(const std::string& name) {
  static constexpr auto kKnown = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"weir.db", "the database"},
      {"database", "what kind of database the folder belongs to"},
      {"weir.db-wal", "changes that the database will take over"},
      {"weir.db-shm", "what the database's threads share"},
      {"objects", "large documents of flows, versions and runs"},
      {"runs", "other files of runs"},
      {"runs/journal", "rows on durable edges of runs"},
      {"runs/state", "checkpoints of runs"},
      {"runs/dead-letters", "rows of runs that failed"},
      {"runs/recordings", "recorded rows of runs"},
      {"runs/traces", "what rows of runs went through"},
      {"files", "files that flows read and write"},
      {"secret-keys", "the key of secrets, sealed with the master key"},
      {"tmp", "files that are being written"},
      {"reserve", "room that is kept so that deleting works on a full disk"},
  });
  for (const auto& [known, what] : kKnown) {
    if (name == known) return std::string(what);
  }
  if (name.starts_with("before-v")) return "the database before an upgrade, kept until weir upgrade --commit";
  return "other files";
}

void add(api::DiskUse& use, const fs::directory_entry& file) {
  std::error_code error;
  if (!file.is_regular_file(error) || error || file.is_symlink(error)) return;
  const auto bytes = file.file_size(error);
  if (error) return;  // it was removed meanwhile
  use.bytes += static_cast<std::int64_t>(bytes);
  ++use.count;
}

/// runs/RUN/PART/…: told by the part.
api::DiskUse& ofRun(std::map<std::string, api::DiskUse>& uses, const fs::path& runs, const fs::path& file) {
  const auto inside = file.lexically_relative(runs);
  auto part = inside.begin();
  std::string name = "runs";
  if (part != inside.end() && ++part != inside.end()) {
    const auto kind = part->string();
    for (const auto* known : {"journal", "state", "dead-letters", "recordings", "traces"}) {
      if (kind.starts_with(known)) name += "/" + std::string(known);
    }
  }
  return uses.try_emplace(name, api::DiskUse{name, wordsFor(name)}).first->second;
}

std::vector<api::DiskUse> files(const std::string& folder) {
  std::map<std::string, api::DiskUse> uses;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code look;
    if (at->is_socket(look)) continue;  // takes no room
    const auto name = at->path().filename().string();
    auto& use = uses.try_emplace(name, api::DiskUse{name, wordsFor(name)}).first->second;
    std::error_code inner;
    if (!at->is_directory(inner)) {
      add(use, *at);
      continue;
    }
    constexpr auto kOptions = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator in(at->path(), kOptions, inner), last; !inner && in != last;
         in.increment(inner)) {
      add(name == "runs" ? ofRun(uses, at->path(), in->path()) : use, *in);
    }
  }
  std::vector<api::DiskUse> all;
  for (auto& [name, use] : uses) all.push_back(std::move(use));
  return all;
}

}  // namespace

Operation<api::DiskReport> DataFolderUse::report(Waker waker) {
  return database_.read<api::DiskReport>(
      std::move(waker),
      [folder = folder_, kinds = kinds_, bounds = bounds_](Session& session) -> Result<api::DiskReport> {
        api::DiskReport report;
        WEIR_ASSIGN(report.records, records(session, kinds));
        report.files = files(folder);
        for (auto& use : report.files) {
          for (const auto& bound : bounds) {
            if (bound.name != use.name) continue;
            use.keepMs = bound.keepMs;
            use.keepCount = bound.keepCount;
            use.keepBytes = bound.keepBytes;
          }
        }
        std::error_code error;
        const auto space = fs::space(folder, error);
        if (!error) {
          report.free = static_cast<std::int64_t>(space.available);
          report.capacity = static_cast<std::int64_t>(space.capacity);
        }
        return report;
      });
}

}  // namespace weir::store::sql
