// Place: this machine as a run sees it: clock, files inside mounts, log, workers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/network-limits.h"
#include "apps/cli/screen.h"
#include "apps/cli/seal/file-witness.h"
#include "apps/cli/zone-files.h"
#include "engine/flow/plan.h"
#include "engine/host/hosts.h"
#include "hosts/native/broker/native-broker.h"
#include "hosts/native/mail/native-mail.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/native-codecs.h"
#include "hosts/native/native-files.h"
#include "hosts/native/native-load.h"
#include "hosts/native/network/native-network.h"
#include "hosts/native/secrets.h"
#include "hosts/native/sql/native-sql.h"
#include "hosts/native/thread-workers.h"

namespace weir::cli {

struct PlaceOptions {
  std::string projectFolder = ".";
  std::vector<std::pair<std::string, std::string>> mounts;  // name, folder
  /// Its absolute paths may be opened, as mounts of their own.
  const Plan* plan = nullptr;
  int threads = 0;
  std::int64_t diskBytes = INT64_MAX;
  std::optional<std::int64_t> frozenClockMicros;
  native::Secrets secrets{};
  native::ProxySettings proxies{};
  native::IngressOptions ingress{};
  NetworkLimits network{};
  /// Nodes reach files through a FileWitness.
  bool witnessed = false;
};

class Place {
 public:
  explicit Place(const PlaceOptions& options);
  [[nodiscard]] const Hosts& hosts() const { return hosts_; }
  [[nodiscard]] Workers& workers() { return *workers_; }
  [[nodiscard]] Files& files() { return *files_; }
  [[nodiscard]] native::NativeFiles& nativeFiles() { return *files_; }
  /// Null unless PlaceOptions::witnessed.
  [[nodiscard]] const FileWitness* witness() const { return witness_.get(); }
  [[nodiscard]] Clock& clock() { return *clock_; }
  [[nodiscard]] Screen& screen() { return screen_; }
  [[nodiscard]] const native::Secrets& secrets() const { return secrets_; }
  [[nodiscard]] const native::NetworkSettings& network() const { return networkSettings_; }

 private:
  std::unique_ptr<Clock> clock_;
  native::NativeRandom random_;
  native::NativeLoad load_;
  native::Secrets secrets_;
  Screen screen_;
  ScreenLog log_{screen_, LogLevel::info, &secrets_};
  native::NativeCodecs codecs_;
  MachineZones zones_;
  std::unique_ptr<native::NativeFiles> files_;
  std::unique_ptr<FileWitness> witness_;
  FolderConnections connections_;
  native::NetworkSettings networkSettings_;
  std::unique_ptr<native::NativeNetwork> network_;
  std::unique_ptr<native::NativeSql> sql_;
  std::unique_ptr<native::NativeBroker> broker_;
  std::unique_ptr<native::NativeMail> mail_;
  std::unique_ptr<native::ThreadWorkers> workers_;
  Hosts hosts_;
};

}  // namespace weir::cli
