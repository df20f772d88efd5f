// A context without a world, and problems out of a node's errors.
#include "engine/flow/trial.h"

#include <algorithm>
#include <utility>

#include "engine/host/files.h"
#include "engine/host/time-zones.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

Error noWorld() { return {"host.missing", "there are no files while a flow is looked at"}; }

template <class T>
Operation<T> refused() {
  return Operation<T>::finished(std::unexpected(noWorld()));
}

/// Nodes ask for files when they are made, and use them only when they run.
class NoFiles final : public Files {
 public:
  Operation<FileId> open(std::string_view, FileMode, Waker) override { return refused<FileId>(); }
  void close(FileId) override {}
  Operation<FileInfo> stat(FileId, Waker) override { return refused<FileInfo>(); }
  Operation<FileInfo> statPath(std::string_view, Waker) override { return refused<FileInfo>(); }
  Operation<std::int64_t> read(FileId, std::int64_t, Buffer, std::int64_t, std::int64_t, Waker) override {
    return refused<std::int64_t>();
  }
  Operation<std::int64_t> write(FileId, std::int64_t, Buffer, Waker) override { return refused<std::int64_t>(); }
  Operation<Unit> cut(FileId, std::int64_t, Waker) override { return refused<Unit>(); }
  Operation<Unit> sync(FileId, Waker) override { return refused<Unit>(); }
  Operation<Unit> publish(std::string_view, std::string_view, Waker) override { return refused<Unit>(); }
  Operation<Unit> remove(std::string_view, Waker) override { return refused<Unit>(); }
  Operation<Unit> makeFolders(std::string_view, Waker) override { return refused<Unit>(); }
  Operation<std::vector<FileInfo>> list(std::string_view, Waker) override { return refused<std::vector<FileInfo>>(); }
  Operation<FileId> temporary(Waker) override { return refused<FileId>(); }
};

/// Which zones there are is known where a flow runs.
class AnyZone final : public TimeZones {
 public:
  Result<std::shared_ptr<const TimeZone>> zone(std::string_view) override { return std::make_shared<const TimeZone>(); }
};

class TrialContext final : public NodeContext {
 public:
  explicit TrialContext(Value params) : params_(std::move(params)) {}

  [[nodiscard]] std::string_view nodeId() const override { return "trial"; }
  [[nodiscard]] std::uint64_t random() override { return 0; }
  [[nodiscard]] const FieldSet& needed(Port) const override { return all_; }
  [[nodiscard]] const AcceptedFilter* acceptedFilter(Port) const override { return nullptr; }
  [[nodiscard]] bool outputWired(Port) const override { return true; }
  [[nodiscard]] MemoryAccount& account() override { return account_; }
  [[nodiscard]] Result<Buffer> allocate(std::int64_t bytes) override { return Buffer::allocate(bytes, account_); }
  [[nodiscard]] const Value& params() const override { return params_; }
  [[nodiscard]] std::int64_t nowMicros() override { return 0; }
  [[nodiscard]] int workers() const override { return 1; }
  void log(LogLevel, std::string_view) override {}

 protected:
  [[nodiscard]] void* findHost(std::string_view name) override {
    if (name == TimeZones::kName) return static_cast<TimeZones*>(&zones_);
    return name == Files::kName ? static_cast<Files*>(&files_) : nullptr;
  }

 private:
  static constexpr std::int64_t kMostBytes = 64 << 20;

  FieldSet all_ = FieldSet::everything();
  MemoryAccount account_{kMostBytes};
  NoFiles files_;
  AnyZone zones_;
  Value params_;
};

/// `/settings/a/b: what`, `/settings/a/b is …` and `a: what` (a setting's name) say where; everything else is about the
/// settings as a whole.
Problem problemOf(const NodeType& type, const std::string& pointer, Error error) {
  Problem problem;
  problem.code = error.code;
  problem.pointer = pointer;
  problem.message = std::move(error.message);
  constexpr std::string_view kSettings = "/settings";
  const auto blank = problem.message.find(' ');
  if (problem.message.starts_with("/settings/") && blank != std::string::npos && problem.message[blank - 1] != ':') {
    const auto where = problem.message.substr(0, blank);  // "/settings/a/b is required"
    problem.pointer += where.substr(kSettings.size());
    problem.message.replace(0, blank, "'" + where.substr(where.rfind('/') + 1) + "'");
    return problem;
  }
  const auto colon = problem.message.find(": ");
  if (colon == std::string::npos) return problem;
  const auto where = problem.message.substr(0, colon);
  const bool named = std::ranges::any_of(type.settings, [&](const SettingSpec& spec) { return spec.name == where; });
  if (where.starts_with(kSettings)) {
    problem.pointer += where.substr(kSettings.size());
  } else if (named) {
    problem.pointer = below(pointer, where);
  } else {
    return problem;
  }
  problem.message.erase(0, colon + 2);
  return problem;
}

}  // namespace

std::optional<Problem> trySettings(const NodeType& type, const json::Value& settings, const std::string& pointer,
                                   const Value& params) {
  // Secrets, and parameters without a value, stand there by their names only.
  if (type.make == nullptr || json::write(settings).contains("${")) return std::nullopt;
  TrialContext context(params);
  auto made = type.make(settings, context);
  if (made) return std::nullopt;
  auto error = std::move(made.error());
  if (error.code == "host.missing" || error.code == "memory.limit") return std::nullopt;
  return problemOf(type, pointer, std::move(error));
}

}  // namespace weir::flow
