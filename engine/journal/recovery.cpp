// First all headers are looked at; only a journal that may be opened is changed.
#include "engine/journal/recovery.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/journal/little-endian.h"
#include "engine/journal/segment-copy.h"
#include "engine/journal/segment-scan.h"
#include "engine/journal/segment-writer.h"

namespace weir::journal {
namespace {

constexpr std::string_view kMaking = "making", kQuarantined = "quarantined";

/// One segment as it was found.
struct Candidate {
  std::uint64_t id = 0;
  std::int64_t fileBytes = 0;
  std::optional<SegmentHeader> header{};  // empty: damaged
  SegmentInfo info{};
  bool ended = false;                    // by its own record
  bool used = false;                     // it holds records, or what may have been some
  bool records = false;                  // sound ones
  std::int64_t validEnd = kHeaderBytes;  // behind the last record that counts
  struct Hole {
    std::int64_t from = 0, to = 0;
  };
  std::vector<Hole> holes{};  // damaged bytes with valid records of later groups behind them
  std::int64_t torn = 0;      // damaged bytes behind validEnd
};

class Recovery {
 public:
  Recovery(JournalDisk& disk, const RecoverOptions& options) : disk_(disk), options_(options) {}

  Result<Recovered> run() {
    WEIR_TRY(readHeaders());
    WEIR_TRY(finishReplacements());
    for (auto& candidate : candidates_) WEIR_TRY(scan(candidate));
    std::uint64_t last = 0;
    for (const auto& candidate : candidates_)
      if (candidate.used) last = candidate.id;
    for (auto& candidate : candidates_) WEIR_TRY(settle(candidate, candidate.id == last));
    reportMissing();
    return std::move(out_);
  }

 private:
  Result<void> readHeaders() {
    WEIR_ASSIGN(files_, disk_.list());
    for (const auto& file : files_) {
      Candidate candidate{.id = segmentOfName(file.name), .fileBytes = file.bytes};
      out_.nextSegment = std::max({out_.nextSegment, candidate.id + 1, segmentOfName(file.name, kMaking) + 1,
                                   segmentOfName(file.name, kQuarantined) + 1});
      if (candidate.id == 0) continue;
      WEIR_TRY(readHeader(candidate));
      candidates_.push_back(std::move(candidate));
    }
    // A segment that is being replaced stands under another name: its header counts, too.
    for (const auto& file : files_) {
      if (const auto id = segmentOfName(file.name, kMaking); id != 0 && !has(segmentName(id))) {
        Candidate candidate{.id = id, .fileBytes = file.bytes};
        WEIR_TRY(readHeader(candidate, kMaking));
      }
    }
    if (options_.epoch != 0 && out_.lastEpoch > options_.epoch)
      return fail("journal.fenced", "the journal was last written by an owner with epoch " +
                                        std::to_string(out_.lastEpoch) + ", this one has " +
                                        std::to_string(options_.epoch) + ": another owner has taken over");
    return {};
  }

  Result<void> readHeader(Candidate& candidate, std::string_view ending = "segment") {
    WEIR_ASSIGN(const auto file, disk_.open(segmentName(candidate.id, ending)));
    std::string bytes(static_cast<std::size_t>(kHeaderBytes), '\0');
    auto read = disk_.read(file, 0, bytes);
    disk_.close(file);
    if (!read) return std::unexpected(std::move(read.error()));
    bytes.resize(static_cast<std::size_t>(*read));
    auto header = decodeHeader(bytes, candidate.id);
    if (!header && header.error().code != "journal.corrupt") return std::unexpected(std::move(header.error()));
    if (!header) return {};
    WEIR_TRY(accept(*header));
    candidate.header = std::move(*header);
    return {};
  }

  Result<void> accept(const SegmentHeader& header) {
    out_.lastEpoch = std::max(out_.lastEpoch, header.epoch);
    const auto wanted = std::string_view(options_.run).substr(0, kMostRun);
    if (!wanted.empty() && header.run != wanted)
      return fail("journal.other_run", "the journal belongs to '" + header.run + "', not to '" + std::string(wanted) +
                                           "'; give each its own folder");
    const auto key = options_.sealer != nullptr ? options_.sealer->keyId() : std::string_view();
    if (header.keyId != key)
      return fail("journal.sealed", header.keyId.empty() ? "the journal is not encrypted, but a key was given"
                                                         : "the journal is encrypted with the key '" + header.keyId +
                                                               "', which is not here");
    if (out_.run.empty()) out_.run = header.run;
    return {};
  }

  [[nodiscard]] bool has(std::string_view name) const {
    return std::ranges::any_of(files_, [&](const JournalFile& file) { return file.name == name; });
  }

  /// A replacement counts once the old file was moved out of its way: then it had been synced.
  Result<void> finishReplacements() {
    bool changed = false;
    for (const auto& file : files_) {
      const auto id = segmentOfName(file.name, kMaking);
      if (id == 0) continue;
      changed = true;
      if (has(segmentName(id)) || !has(segmentName(id, kQuarantined))) {
        WEIR_TRY(disk_.remove(file.name));
        continue;
      }
      WEIR_TRY(disk_.rename(file.name, segmentName(id)));
      Candidate candidate{.id = id, .fileBytes = file.bytes};
      WEIR_TRY(readHeader(candidate));
      candidates_.push_back(std::move(candidate));
    }
    if (!changed) return {};
    std::ranges::sort(candidates_, {}, &Candidate::id);
    return disk_.syncFolder();
  }

  Result<std::unique_ptr<SegmentScan>> open(const Candidate& candidate) {
    WEIR_ASSIGN(const auto file, disk_.open(segmentName(candidate.id)));
    const auto epoch = candidate.header ? candidate.header->epoch : 0;
    return std::make_unique<SegmentScan>(disk_, file, candidate.fileBytes, candidate.id, epoch);
  }

  Result<void> scan(Candidate& candidate) {
    WEIR_ASSIGN(const auto scan, open(candidate));
    candidate.info.fileBytes = candidate.fileBytes;
    if (!candidate.header) {
      WEIR_ASSIGN(const auto behind, scan->behindLastByte(kHeaderBytes));
      candidate.used = behind > kHeaderBytes;
      return {};
    }
    candidate.info.header = *candidate.header;
    FoundRecord found;
    while (!candidate.ended) {
      const auto at = candidate.validEnd;
      WEIR_ASSIGN(const auto what, scan->look(at, found));
      if (what != SegmentScan::At::record) {
        WEIR_ASSIGN(const auto more, passDamage(candidate, *scan, at, found));
        if (!more) break;
      }
      WEIR_TRY(take(candidate, *scan, found));
      candidate.validEnd = found.end;
    }
    candidate.used = candidate.records || candidate.torn > 0;
    candidate.info.usedBytes = candidate.validEnd;
    return {};
  }

  /// At `at` stands no record. True: one was found behind that belongs to a later group, so that all before it had been
  /// on the disk; else this is where writing was cut short.
  Result<bool> passDamage(Candidate& candidate, SegmentScan& scan, std::int64_t at, FoundRecord& found) {
    for (auto from = at;;) {
      WEIR_ASSIGN(const auto another, scan.find(from, found));
      if (!another) break;
      if (static_cast<std::int64_t>(found.head.group) * kAlignment > at) {
        candidate.holes.push_back({.from = at, .to = found.offset});
        return true;
      }
      from = found.end;
    }
    WEIR_ASSIGN(const auto behind, scan.behindLastByte(at));
    candidate.torn = behind - at;
    return false;
  }

  Result<void> take(Candidate& candidate, SegmentScan& scan, const FoundRecord& found) {
    candidate.records = true;
    const auto& head = found.head;
    std::string opened;
    WEIR_ASSIGN(const auto plain, plainPayload(options_.sealer, scan.place(found.offset), found, opened));
    switch (head.kind) {
      case RecordKind::end:
        candidate.ended = true;
        return {};
      case RecordKind::schema:
        break;
      case RecordKind::top:
        out_.edges.tops[{head.edge, head.stream}] = head.sequence;
        break;
      case RecordKind::edges: {
        WEIR_ASSIGN(auto table, EdgeTable::decode(plain));
        adopt(std::move(table));
        break;
      }
      case RecordKind::batch:
        WEIR_TRY(count(head));
        break;
      case RecordKind::mark: {
        WEIR_TRY(nameEdge(head.edge));
        Taking from{.rest = plain};
        const auto checkpoint = from.number<std::uint64_t>();
        out_.edges.marked(head.edge,
                          {.checkpoint = checkpoint, .position = head.sequence, .note = std::string(from.rest)});
        break;
      }
    }
    candidate.info.note(head, found.offset);
    return {};
  }

  /// The table says where its edges stood when it was written; rows that it counts and we have not seen are missing.
  void adopt(EdgeTable table) {
    for (std::size_t i = 0; i < table.all().size(); ++i) {
      const auto number = static_cast<std::uint32_t>(i) + 1;
      auto& edge = table.at(number);
      if (!out_.edges.has(number)) {
        gaps_.push_back({number, 0, edge.next});
        continue;
      }
      const auto& known = out_.edges.at(number);
      edge.position = std::max(edge.position, known.position);
      if (edge.next > known.next) gaps_.push_back({number, known.next, edge.next});
    }
    for (const auto& top : out_.edges.tops) table.tops.insert(top);
    out_.edges = std::move(table);
  }

  Result<void> nameEdge(std::uint32_t number) {
    // Where the table that names the edge is lost a later one may name it.
    while (number > 0 && number <= kMostEdges && !out_.edges.has(number))
      static_cast<void>(out_.edges.numberOf("?" + std::to_string(out_.edges.all().size() + 1)));
    if (out_.edges.has(number)) return {};
    return fail("journal.corrupt",
                "a record of the journal belongs to an edge number " + std::to_string(number) + ", which cannot be");
  }

  Result<void> count(const RecordHead& head) {
    WEIR_TRY(nameEdge(head.edge));
    auto& edge = out_.edges.at(head.edge);
    if (head.sequence > edge.next) gaps_.push_back({head.edge, edge.next, head.sequence});
    edge.next = head.sequence + head.rows;
    return {};
  }

  Result<void> settle(Candidate& candidate, bool last) {
    if (!candidate.used) {
      WEIR_TRY(disk_.remove(segmentName(candidate.id)));
      return disk_.syncFolder();
    }
    if (!candidate.header) return setAside(candidate);
    const bool sound = candidate.holes.empty() && (last || (candidate.ended && candidate.torn == 0));
    if (!sound) {
      WEIR_TRY(replace(candidate, last));
    } else if (!candidate.ended) {
      WEIR_TRY(endHere(candidate));
    }
    if (candidate.records) out_.segments.push_back(std::move(candidate.info));
    return {};
  }

  /// The last segment: what is torn is cut off, and nothing is written behind it any more.
  Result<void> endHere(Candidate& candidate) {
    const auto name = segmentName(candidate.id);
    if (candidate.torn > 0)
      out_.troubles.push_back(
          {.kind = Trouble::Kind::cut, .file = name, .offset = candidate.validEnd, .bytes = candidate.torn});
    if (!candidate.records) {
      WEIR_TRY(disk_.remove(name));
      return disk_.syncFolder();
    }
    WEIR_ASSIGN(const auto file, disk_.open(name));
    // The bytes for the end are kept, so that it needs no room on a disk that may be full.
    auto done = disk_.truncate(file, candidate.validEnd + kHeadBytes);
    if (done) done = disk_.sync(file);
    if (!done) {
      disk_.close(file);
      return done;
    }
    candidate.info.fileBytes = candidate.validEnd + kHeadBytes;
    SegmentWriter writer(disk_, options_.sealer);
    writer.open(file, std::move(candidate.info));
    writer.addEnd();
    done = writer.flush();
    candidate.info = writer.close();
    return done;
  }

  [[nodiscard]] std::string quarantineName(std::uint64_t id) const {
    std::string ending(kQuarantined);
    for (int i = 2; has(segmentName(id, ending)); ++i) ending = std::string(kQuarantined) + "-" + std::to_string(i);
    return segmentName(id, ending);
  }

  /// The end of the last segment may be missing: it was being written.
  void reportDamage(const Candidate& candidate, const std::string& aside, bool last) {
    auto holes = candidate.holes;
    const bool cutShort = candidate.torn > 0 || (!candidate.ended && !last);
    if (!candidate.header) holes.push_back({.from = 0, .to = candidate.fileBytes});
    if (candidate.header && cutShort)
      holes.push_back({.from = candidate.validEnd, .to = candidate.validEnd + candidate.torn});
    for (const auto& hole : holes)
      out_.troubles.push_back(
          {.kind = Trouble::Kind::quarantined, .file = aside, .offset = hole.from, .bytes = hole.to - hole.from});
  }

  /// Nothing in it can be believed.
  Result<void> setAside(const Candidate& candidate) {
    const auto aside = quarantineName(candidate.id);
    WEIR_TRY(disk_.rename(segmentName(candidate.id), aside));
    WEIR_TRY(disk_.syncFolder());
    reportDamage(candidate, aside, false);
    return {};
  }

  /// The sound records are copied to a new file, which takes the place of the old.
  Result<void> replace(Candidate& candidate, bool last) {
    const auto name = segmentName(candidate.id);
    if (!candidate.records) return setAside(candidate);
    WEIR_ASSIGN(const auto scan, open(candidate));
    auto copied = copySegment(disk_, options_.sealer, *scan, candidate.info, [](const RecordHead&) { return true; });
    if (!copied && copied.error().code == "files.disk_full") {
      // It is read as it is, around the holes.
      reportDamage(candidate, name, last);
      return {};
    }
    if (!copied) return std::unexpected(std::move(copied.error()));
    const auto aside = quarantineName(candidate.id);
    WEIR_TRY(disk_.rename(name, aside));
    WEIR_TRY(disk_.syncFolder());
    WEIR_TRY(disk_.rename(segmentName(candidate.id, kMaking), name));
    WEIR_TRY(disk_.syncFolder());
    candidate.info = std::move(*copied);
    reportDamage(candidate, aside, last);
    return {};
  }

  void reportMissing() {
    for (std::uint32_t number = 1; out_.edges.has(number); ++number) {
      auto& edge = out_.edges.at(number);
      const auto known = options_.positions.find(edge.id);
      if (known != options_.positions.end()) edge.position = std::max(edge.position, known->second);
      edge.next = std::max(edge.next, edge.position);
    }
    for (const auto& gap : gaps_) {
      const auto& edge = out_.edges.at(gap.edge);
      const auto from = std::max(gap.from, edge.position);
      if (from >= gap.to) continue;
      out_.troubles.push_back(
          {.kind = Trouble::Kind::missing, .edge = edge.id, .firstRow = from, .rows = gap.to - from});
    }
  }

  struct Gap {
    std::uint32_t edge = 0;
    std::uint64_t from = 0, to = 0;
  };
  static constexpr std::uint32_t kMostEdges = 1000;
  JournalDisk& disk_;
  const RecoverOptions& options_;
  std::vector<JournalFile> files_;
  std::vector<Candidate> candidates_;
  std::vector<Gap> gaps_;
  Recovered out_;
};

}  // namespace

Result<Recovered> recover(JournalDisk& disk, const RecoverOptions& options) { return Recovery(disk, options).run(); }

std::string Trouble::sentence() const {
  switch (kind) {
    case Kind::cut:
      return "the end of '" + file + "' was cut off: " + std::to_string(bytes) + " bytes at byte " +
             std::to_string(offset) + " had not been written completely; nobody was told that they are safe";
    case Kind::quarantined:
      return "the journal was damaged: " + (bytes > 0 ? std::to_string(bytes) + " bytes" : "all") + " at byte " +
             std::to_string(offset) + " of '" + file +
             "' cannot be read; that file is kept, the sound rows of it are used";
    case Kind::missing:
      return "the edge '" + edge + "' lacks " + std::to_string(rows) + " rows, from its row " +
             std::to_string(firstRow) + " on: they were acknowledged and are lost";
  }
  return {};
}

}  // namespace weir::journal
