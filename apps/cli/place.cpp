// Puts a run's hosts together.
#include "apps/cli/place.h"

#include <cstdlib>

namespace weir::cli {
namespace {

void addPath(const json::Value& value, native::Mounts& mounts) {
  const auto* text = value.asString();
  if (text != nullptr && text->starts_with('/')) mounts.addAbsolute(*text);
}

void addPaths(const PlannedNode& node, native::Mounts& mounts) {
  if (node.type == nullptr) return;
  for (const auto& setting : node.type->settings) {
    const bool list = setting.type == SettingType::list && setting.items.size() == 1;
    if ((list ? setting.items.front().type : setting.type) != SettingType::path) continue;
    const auto* value = node.settings.find(setting.name);
    if (value == nullptr) continue;
    addPath(*value, mounts);
    if (const auto* items = value->asArray()) {
      for (const auto& item : *items) addPath(item, mounts);
    }
  }
}

}  // namespace

Place::Place(const PlaceOptions& options) : secrets_(options.secrets) {
  if (options.frozenClockMicros) {
    clock_ = std::make_unique<native::FrozenClock>(*options.frozenClockMicros);
  } else {
    clock_ = std::make_unique<native::NativeClock>();
  }
  native::Mounts mounts;
  mounts.add("project", options.projectFolder);
  for (const auto& [name, folder] : options.mounts) mounts.add(name, folder);
  if (options.plan != nullptr) {
    for (const auto& node : options.plan->nodes) addPaths(node, mounts);
  }
  native::FileLimits limits;
  limits.diskBytes = options.diskBytes;
  if (const char* folder = std::getenv("TMPDIR"); folder != nullptr && *folder != '\0') limits.temporaryFolder = folder;
  files_ = std::make_unique<native::NativeFiles>(std::move(mounts), std::move(limits));
  networkSettings_.proxies = options.proxies;
  networkSettings_.secrets = &secrets_;
  if (options.network.any()) networkSettings_.meter = meterOf(options.network, connections_);
  sql_ = std::make_unique<native::NativeSql>(*files_, networkSettings_);
  broker_ = std::make_unique<native::NativeBroker>(networkSettings_);
  mail_ = std::make_unique<native::NativeMail>(networkSettings_);
  network_ = std::make_unique<native::NativeNetwork>(networkSettings_, options.ingress);
  workers_ = std::make_unique<native::ThreadWorkers>(options.threads, *clock_);
  hosts_.add<Clock>(*clock_);
  hosts_.add<Load>(load_);
  hosts_.add<Random>(random_);
  hosts_.add<Log>(log_);
  if (options.witnessed) {
    witness_ = std::make_unique<FileWitness>(*files_);
    hosts_.add<Files>(*witness_);
  } else {
    hosts_.add<Files>(*files_);
  }
  hosts_.add<Codecs>(codecs_);
  hosts_.add<TimeZones>(zones_);
  hosts_.add<Http>(network_->http());
  hosts_.add<Sql>(*sql_);
  hosts_.add<Broker>(*broker_);
  hosts_.add<Mail>(*mail_);
  hosts_.add<Ingress>(network_->ingress());
  hosts_.add<Streams>(network_->streams());
}

}  // namespace weir::cli
