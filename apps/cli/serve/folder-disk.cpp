// Folders of runs are added up; a folder that its quota holds goes on when it has come down some way.
#include "apps/cli/serve/folder-disk.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "service/store/sql/database.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kHoldPercent = 90, kGoOnPercent = 85;
/// It rests so many times as long as it has looked.
constexpr int kRest = 20;
constexpr std::int64_t kMostRestMs = 5'000;

/// Room on the disk, also what a journal was given and has not filled.
void addBytes(api::FolderUsed& used, const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    struct stat info{};
    if (::lstat(at->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    const auto room = static_cast<std::int64_t>(info.st_blocks) * 512;
    bytes += room;
    const auto inside = at->path().lexically_relative(folder);
    used.parts[at.depth() > 0 ? inside.begin()->string() : std::string("other")] += room;
  }
  used.bytes += bytes;
  used.largestRun = std::max(used.largestRun, bytes);
}

void add(api::FolderUsed& to, const api::FolderUsed& more) {
  to.bytes += more.bytes;
  to.largestRun = std::max(to.largestRun, more.largestRun);
  for (const auto& [part, bytes] : more.parts) to.parts[part] += bytes;
}

bool covers(std::string_view quota, std::string_view folder) {
  return quota.empty() || folder == quota ||
         (folder.starts_with(quota) && folder.substr(quota.size()).starts_with('/'));
}

std::string inWords(std::int64_t bytes) {
  const auto tenths = (bytes * 10) >> 20;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

}  // namespace

FolderDisk::FolderDisk(store::Quotas& quotas, store::Runs& runs, store::OperationLog& operations,
                       std::string dataFolder, std::int64_t everyMs)
    : quotas_(quotas),
      runs_(runs),
      operations_(operations),
      runsFolder_(std::move(dataFolder) + "/runs"),
      everyMs_(std::min(everyMs, kMostRestMs)),
      thread_([this] { loop(); }) {}

FolderDisk::~FolderDisk() {
  {
    const std::scoped_lock locked(mutex_);
    ending_ = true;
  }
  ends_.notify_one();
  thread_.join();
}

void FolderDisk::loop() {
  using Steady = std::chrono::steady_clock;
  for (;;) {
    const auto began = Steady::now();
    look();
    const auto rest = std::max<Steady::duration>(std::chrono::milliseconds(everyMs_), (Steady::now() - began) * kRest);
    std::unique_lock locked(mutex_);
    if (ends_.wait_for(locked, rest, [this] { return ending_; })) return;
  }
}

const std::string* FolderDisk::folderOf(const std::string& run) {
  const auto known = folders_.find(run);
  if (known != folders_.end()) return &known->second;
  auto record = store::sql::waitFor(runs_.read(run, Waker()));
  if (!record) return nullptr;
  return &folders_.emplace(run, std::move(record->folder)).first->second;
}

std::map<std::string, api::FolderUsed> FolderDisk::measured() {
  std::map<std::string, api::FolderUsed> used;
  std::map<std::string, std::string> seen;
  std::error_code error;
  for (fs::directory_iterator at(runsFolder_, error), end; !error && at != end; at.increment(error)) {
    const auto run = at->path().filename().string();
    const auto* folder = folderOf(run);
    if (folder == nullptr) continue;
    addBytes(used[*folder], at->path());
    seen.emplace(run, *folder);
  }
  folders_.swap(seen);
  if (const auto logs = store::sql::waitFor(operations_.bytesOfLogs(Waker()))) {
    for (const auto& [folder, size] : *logs) used[folder].bytes += size;
  }
  return used;
}

void FolderDisk::addSent(const std::string& folder, std::int64_t bytes) {
  const std::scoped_lock locked(mutex_);
  sent_[folder] += bytes;
}

void FolderDisk::storeSent() {
  std::map<std::string, std::int64_t> sent;
  {
    const std::scoped_lock locked(mutex_);
    sent.swap(sent_);
  }
  if (sent.empty() || store::sql::waitFor(quotas_.addSent(sent, Waker()))) return;
  // Later, when the database is there again.
  const std::scoped_lock locked(mutex_);
  for (const auto& [folder, bytes] : sent) sent_[folder] += bytes;
}

void FolderDisk::look() {
  storeSent();
  const auto quotas = store::sql::waitFor(quotas_.list(Waker()));
  // A database that is away says nothing of quotas; what is held stays so.
  if (!quotas) return;
  std::map<std::string, Use> uses;
  for (const auto& one : *quotas) {
    auto& use = uses[one.folder];
    use.most = one.quota.totalDiskBytes;
    use.sent = one.sentToday;
    use.mostSent = one.quota.egressBytesPerDay;
  }
  if (!uses.empty()) {
    for (const auto& [folder, used] : measured()) {
      for (auto& [quota, use] : uses) {
        if (covers(quota, folder)) add(use.used, used);
      }
    }
  }
  const std::scoped_lock locked(mutex_);
  for (auto& [quota, use] : uses) {
    const auto before = uses_.find(quota);
    const bool held = before != uses_.end() && before->second.held;
    use.held = use.most > 0 && use.used.bytes >= use.most / 100 * (held ? kGoOnPercent : kHoldPercent);
  }
  uses_.swap(uses);
}

std::string FolderDisk::whyHeld(std::string_view folder) const {
  const std::scoped_lock locked(mutex_);
  for (const auto& [quota, use] : uses_) {
    if (!covers(quota, folder)) continue;
    const auto whose = quota.empty() ? "this server" : "the folder '" + quota + "'";
    if (use.mostSent > 0 && use.sent >= use.mostSent) {
      return "its sources give nothing until tomorrow (UTC): runs of " + whose + " have sent " + inWords(use.sent) +
             " today, and egressBytesPerDay of its quota is " + inWords(use.mostSent) +
             "; wait, or ask for a higher quota";
    }
    if (!use.held) continue;
    return "its sources give nothing: runs and drafts of " + whose + " have " + inWords(use.used.bytes) +
           " on the disk, and the quota is " + inWords(use.most) +
           "; delete runs or dead letters, or ask for a higher quota";
  }
  return {};
}

api::FolderUsed FolderDisk::usedIn(const std::string& folder) const {
  const std::scoped_lock locked(mutex_);
  const auto found = uses_.find(folder);
  return found == uses_.end() ? api::FolderUsed() : found->second.used;
}

void FolderDisk::write(metrics::Exposition& out) {
  std::map<std::string, Use> uses;
  {
    const std::scoped_lock locked(mutex_);
    uses = uses_;
  }
  // Only those whose disk is bounded.
  std::erase_if(uses, [](const auto& one) { return one.second.most == 0; });
  out.begin("weir_folder_disk_bytes");
  for (const auto& [folder, use] : uses) out.sample({folder}, static_cast<double>(use.used.bytes));
  out.begin("weir_folder_disk_quota_bytes");
  for (const auto& [folder, use] : uses) out.sample({folder}, static_cast<double>(use.most));
  out.begin("weir_folder_intake_stopped");
  for (const auto& [folder, use] : uses) out.sample({folder}, use.held ? 1 : 0);
}

}  // namespace weir::cli
