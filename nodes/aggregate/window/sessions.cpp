// Sessions: windows of one key each, which last until the key was silent for the gap.
#include <algorithm>
#include <queue>
#include <utility>

#include "engine/node/key-table.h"
#include "nodes/aggregate/window/open-groups.h"
#include "nodes/aggregate/window/windows.h"

namespace weir::nodes::window {
namespace {

class Sessions final : public Windows {
 public:
  explicit Sessions(const WindowPlan& plan) : Windows(plan), open_(plan.groups) {}

  Result<void> add(const WindowRows& rows, std::vector<std::uint32_t>& late, Results& results, StepIo& io) override {
    rows_ = &rows;
    const auto evaluated = rows.evaluated(rows.columns);
    numbers_.assign(static_cast<std::size_t>(rows.count()), 0);
    if (evaluated.keys.empty()) {
      keys_.find({}, {});
    } else {
      WEIR_TRY(keys_.assign(evaluated.keys, rows.count(), numbers_.data()));
    }
    first_.resize(static_cast<std::size_t>(keys_.groups()), kNone);
    for (std::int64_t row = 0; row < rows.count(); ++row) {
      const auto watermark = rows.watermark(row);
      if (nextClose() <= watermark) {
        WEIR_TRY(fold());
        WEIR_TRY(closeDue(watermark, results, io));
      }
      WEIR_ASSIGN(const auto session, sessionOf(numbers_[static_cast<std::size_t>(row)], rows.time(row), watermark));
      if (session == kNone) {
        late.push_back(static_cast<std::uint32_t>(row));
        continue;
      }
      waiting_.push_back(static_cast<std::uint32_t>(row));
      groupOf_.push_back(sessions_[session].group);
    }
    WEIR_TRY(fold());
    rows_ = nullptr;
    return compactIfWorth();
  }

  [[nodiscard]] Timestamp nextClose() const override {
    return due_.empty() ? kNever : due_.top().end + plan_->lateness;
  }

  Result<void> close(Timestamp watermark, Results& results, StepIo& io) override {
    if (nextClose() > watermark) return {};
    WEIR_TRY(closeDue(watermark, results, io));
    return compactIfWorth();
  }
  Result<void> closeAll(Results& results, StepIo& io) override { return close(kNever, results, io); }

  Result<void> emitEarly(Results& results, StepIo& io) override {
    std::vector<std::uint32_t> changed;
    for (std::uint32_t i = 0; i < sessions_.size(); ++i) {
      if (sessions_[i].open && std::exchange(sessions_[i].changed, false)) changed.push_back(i);
    }
    return give(changed, false, results, io);
  }

  [[nodiscard]] Timestamp earliestStart(Timestamp watermark) const override {
    // What is open can only begin earlier by a row that is not late.
    if (asked_++ % (1 + static_cast<std::int64_t>(sessions_.size()) / 64) == 0) {
      earliest_ = watermark - plan_->lateness - plan_->gap;
      for (const auto& session : sessions_) {
        if (session.open) earliest_ = std::min(earliest_, session.start);
      }
    }
    return earliest_;
  }

  [[nodiscard]] std::int64_t memoryBytes() const override {
    return open_.groups().memoryBytes() + keys_.memoryBytes() +
           static_cast<std::int64_t>(sessions_.capacity() * sizeof(Session) + first_.capacity() * 4 +
                                     due_.size() * sizeof(Due));
  }

  Result<Poll> save(StateWriter& to) override {
    WEIR_TRY(compact());
    WEIR_TRY(to.write(static_cast<std::int64_t>(sessions_.size())));
    for (const auto& session : sessions_) {
      WEIR_TRY(to.write(session.start));
      WEIR_TRY(to.write(session.end));
      WEIR_TRY(to.write(Value::bytes(keys_.key(session.key))));
      WEIR_TRY(to.write(Value::bytes(keys_.payload(session.key))));
      WEIR_TRY(to.write(std::int64_t{session.group}));
    }
    return open_.groups().save(to);
  }

  Result<Poll> restore(StateReader& from) override {
    std::int64_t count = 0;
    WEIR_TRY(from.read(count));
    std::vector<std::pair<std::uint32_t, std::int64_t>> groups;  // session, group as it was saved
    for (std::int64_t i = 0; i < count; ++i) {
      Timestamp start = 0, end = 0;
      std::int64_t group = 0;
      WEIR_TRY(from.read(start));
      WEIR_TRY(from.read(end));
      WEIR_ASSIGN(const auto key, from.readValue());
      WEIR_ASSIGN(const auto payload, from.readValue());
      WEIR_TRY(from.read(group));
      if (key.kind() != ValueKind::bytes || payload.kind() != ValueKind::bytes)
        return fail("state.mismatch", "the saved state of a session is damaged");
      const auto number = keys_.find(key.text(), payload.text());
      first_.resize(static_cast<std::size_t>(keys_.groups()), kNone);
      groups.emplace_back(begin(number, start, end), group);
    }
    group::Groups saved(plan_->groups);
    WEIR_TRY(saved.restore(from));
    open_.groups().absorbTypes(saved);
    types_.absorbTypes(saved);
    for (const auto& [session, group] : groups) {
      if (group < 0 || group >= saved.size()) return fail("state.mismatch", "a saved session has no group");
      WEIR_TRY(open_.groups().addGroup(saved, group, sessions_[session].group));
    }
    return Poll::ready;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Session {
    Timestamp start, end;  // end: the last row's time and the gap
    std::uint32_t key, group;
    std::uint32_t next;  // of the same key
    bool open, changed;
  };
  struct Due {
    Timestamp end;  // at most the session's
    std::uint32_t session;
    bool operator>(const Due& other) const { return end > other.end; }
  };

  std::uint32_t begin(std::uint32_t key, Timestamp start, Timestamp end) {
    const auto group = open_.open(keys_.key(key), keys_.payload(key));
    const auto session = static_cast<std::uint32_t>(sessions_.size());
    sessions_.push_back({start, end, key, group, first_[key], true, true});
    first_[key] = session;
    due_.push({end, session});
    return session;
  }

  void unlink(std::uint32_t session) {
    auto* at = &first_[sessions_[session].key];
    while (*at != session) at = &sessions_[*at].next;
    *at = sessions_[session].next;
    sessions_[session].open = false;
    open_.close();
  }

  /// The session that a row belongs to, made or joined if need be; kNone: the row is late.
  Result<std::uint32_t> sessionOf(std::uint32_t key, Timestamp time, Timestamp watermark) {
    const auto end = time + plan_->gap;
    std::uint32_t found = kNone;
    for (auto at = first_[key]; at != kNone;) {
      auto& session = sessions_[at];
      const auto next = session.next;
      if (time < session.end && end > session.start) {
        if (found == kNone) {
          found = at;
        } else {
          WEIR_TRY(join(found, at));
        }
      }
      at = next;
    }
    if (found == kNone) {
      if (watermark != kNoWatermark && end + plan_->lateness <= watermark) return kNone;
      return begin(key, time, end);
    }
    auto& session = sessions_[found];
    session.start = std::min(session.start, time);
    session.end = std::max(session.end, end);
    session.changed = true;
    return found;
  }

  /// A row lies between two sessions: they are one.
  Result<void> join(std::uint32_t to, std::uint32_t from) {
    WEIR_TRY(fold());
    WEIR_TRY(open_.groups().addGroup(open_.groups(), sessions_[from].group, sessions_[to].group));
    sessions_[to].start = std::min(sessions_[to].start, sessions_[from].start);
    sessions_[to].end = std::max(sessions_[to].end, sessions_[from].end);
    unlink(from);
    return {};
  }

  /// Rows that have their sessions go into the measures.
  Result<void> fold() {
    if (waiting_.empty()) return {};
    const bool run = waiting_.back() - waiting_.front() + 1 == waiting_.size();
    const auto count = static_cast<std::int64_t>(waiting_.size());
    if (run) {
      const auto part = rows_->columns.slice(waiting_.front(), count);
      WEIR_TRY(open_.groups().accumulateInto(rows_->evaluated(part),
                                             {groupOf_.data(), count, rows_->firstOrdinal + waiting_.front(), {}}));
    } else {
      WEIR_ASSIGN(const auto part, rows_->columns.gather(waiting_));
      WEIR_TRY(open_.groups().accumulateInto(rows_->evaluated(part),
                                             {groupOf_.data(), count, rows_->firstOrdinal, waiting_}));
    }
    waiting_.clear();
    groupOf_.clear();
    return {};
  }

  Result<void> closeDue(Timestamp watermark, Results& results, StepIo& io) {
    std::vector<std::uint32_t> closed;
    while (!due_.empty() && nextClose() <= watermark) {
      const auto due = due_.top();
      due_.pop();
      const auto& session = sessions_[due.session];
      if (!session.open) continue;
      if (session.end > due.end) {
        due_.push({session.end, due.session});
        continue;
      }
      closed.push_back(due.session);
      unlink(due.session);
    }
    return give(closed, true, results, io);
  }

  /// By end, then by key.
  Result<void> give(std::vector<std::uint32_t>& which, bool last, Results& results, StepIo& io) {
    std::ranges::sort(which, [&](std::uint32_t a, std::uint32_t b) {
      const auto &left = sessions_[a], &right = sessions_[b];
      if (left.end != right.end) return left.end < right.end;
      const auto order = keys_.key(left.key).compare(keys_.key(right.key));
      return order != 0 ? order < 0 : left.start < right.start;
    });
    if (!which.empty()) share(open_.groups());
    for (const auto each : which) {
      const auto& session = sessions_[each];
      WEIR_TRY(results.add(session.start, session.end, last, open_.groups(), {&session.group, 1}, io));
    }
    return {};
  }

  Result<void> compactIfWorth() { return open_.worthCompacting() ? compact() : Result<void>(); }

  Result<void> compact() {
    KeyTable keys;
    std::vector<Session> sessions;
    first_.clear();
    due_ = {};
    WEIR_TRY(open_.compact([&](auto&& keep) -> Result<void> {
      for (auto& session : sessions_) {
        if (!session.open) continue;
        WEIR_TRY(keep(session.group));
        session.key = keys.find(keys_.key(session.key), keys_.payload(session.key));
        first_.resize(static_cast<std::size_t>(keys.groups()), kNone);
        session.next = std::exchange(first_[session.key], static_cast<std::uint32_t>(sessions.size()));
        due_.push({session.end, static_cast<std::uint32_t>(sessions.size())});
        sessions.push_back(session);
      }
      return {};
    }));
    keys_ = std::move(keys);
    sessions_ = std::move(sessions);
    return {};
  }

  OpenGroups open_;
  KeyTable keys_;
  std::vector<std::uint32_t> first_;  // of each key: its latest session
  std::vector<Session> sessions_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  const WindowRows* rows_ = nullptr;
  std::vector<std::uint32_t> numbers_, waiting_, groupOf_;
  mutable Timestamp earliest_ = kNoWatermark;
  mutable std::int64_t asked_ = 0;
};

}  // namespace

std::unique_ptr<Windows> makeSessions(const WindowPlan& plan) { return std::make_unique<Sessions>(plan); }

}  // namespace weir::nodes::window
