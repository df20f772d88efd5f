// Page: what all runs of one module share: the catalogue, and the page as a host.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/host/hosts.h"
#include "engine/node/catalogue.h"
#include "hosts/browser/browser-clock.h"
#include "hosts/browser/browser-codecs.h"
#include "hosts/browser/browser-files.h"
#include "hosts/browser/browser-http.h"
#include "hosts/browser/browser-streams.h"
#include "hosts/browser/browser-zones.h"
#include "hosts/browser/calls.h"

namespace weir::wasm {

/// One of them in a module; it has one thread and one caller.
class Page {
 public:
  Page();
  [[nodiscard]] const Catalogue& catalogue() const { return *catalogue_; }
  [[nodiscard]] browser::Calls& calls() { return calls_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] browser::BrowserLoad& load() { return load_; }
  [[nodiscard]] TimeZones& zones() { return zones_; }
  /// Clock, randomness, log, load, files, codecs, HTTP, streams and time zones: what does not differ from run to run.
  [[nodiscard]] const Hosts& hosts() const { return hosts_; }
  /// The same with other files, for a run that has its own.
  [[nodiscard]] Hosts hostsWith(Files& files);
  [[nodiscard]] Random& random() { return random_; }
  /// Their names, and those that each run adds.
  [[nodiscard]] static std::vector<std::string> hostNames();

 private:
  browser::Calls calls_;
  browser::BrowserClock clock_;
  browser::BrowserRandom random_;
  browser::BrowserLog log_;
  browser::BrowserLoad load_;
  browser::BrowserFiles files_{calls_};
  browser::BrowserCodecs codecs_;
  browser::BrowserHttp http_{calls_};
  browser::BrowserStreams streams_{calls_};
  browser::BrowserZones zones_{calls_};
  Hosts hosts_;
  std::unique_ptr<Catalogue> catalogue_;
};

}  // namespace weir::wasm
