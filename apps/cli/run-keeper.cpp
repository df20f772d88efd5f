// The thread beside a run.
#include "apps/cli/run-keeper.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "apps/cli/command.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kShownInASecond = 5;

std::string timeOf(std::int64_t micros) {
  const auto instant = instantFromMicros(micros);
  return instant ? formatInstant(*instant) : std::string();
}

}  // namespace

std::string eventLine(const RunEvent& event) {
  std::string text;
  json::Writer out(text);
  out.beginObject()
      .key("number")
      .value(event.number)
      .key("at")
      .value(timeOf(event.atMicros))
      .key("severity")
      .value(nameOf(event.severity))
      .key("kind")
      .value(event.kind)
      .key("subject")
      .value(event.subject)
      .key("message")
      .value(event.message);
  if (!event.key.empty()) out.key("key").value(event.key);
  out.endObject();
  return text + "\n";
}

Result<EventFile> EventFile::open(const std::string& path) {
  EventFile file;
  if (path.empty()) return file;
  file.path_ = path;
  file.file_.reset(std::fopen(path.c_str(), "we"));
  if (!file.file_) return fail("files.io", "cannot write '" + path + "': " + std::strerror(errno));
  return file;
}

void EventFile::write(const RunEvent& event) {
  if (!file_ || failed_) return;
  const auto line = eventLine(event);
  std::fwrite(line.data(), 1, line.size(), file_.get());
}

Result<void> EventFile::flush() {
  if (!file_ || failed_ || (std::fflush(file_.get()) == 0 && std::ferror(file_.get()) == 0)) return {};
  failed_ = true;
  return fail("files.io", "cannot write events to '" + path_ + "'; check the room on the disk");
}

RunKeeper::RunKeeper(Run& run, DeadLetterFiles& letters, EventFile& events, Screen& screen, bool quiet,
                     TraceExport* traces, FlowWatch* watch, std::shared_ptr<native::NetworkMeter> meter)
    : run_(run),
      letters_(letters),
      events_(events),
      screen_(screen),
      quiet_(quiet),
      traces_(traces),
      watch_(watch),
      meter_(std::move(meter)) {
  thread_ = std::thread([this] { loop(); });
}

void RunKeeper::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  thread_.join();
  keep();
}

void RunKeeper::loop() {
  while (!stopping_.load()) {
    for (int i = 0; i < 5 && !stopping_.load(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    run_.lookAtAlerts();
    if (meter_ && !overEgress_) {
      overEgress_ = meter_->overEgress();
      if (overEgress_) run_.cancel();
    }
    keep();
    letters_.flushWaiting();
    if (traces_ != nullptr) traces_->look(run_);
    if (watch_ != nullptr) watch_->look(run_);
  }
}

void RunKeeper::keep() {
  bool any = false;
  for (const auto& event : run_.events(seen_)) {
    seen_ = event.number;
    any = true;
    events_.write(event);
    if (quiet_ || event.severity < EventSeverity::warning) continue;
    const auto second = event.atMicros / 1'000'000;
    if (second != second_) shown_ = 0;
    second_ = second;
    if (++shown_ > kShownInASecond) {
      ++unshown_;
      continue;
    }
    std::string line(nameOf(event.severity));
    if (!event.subject.empty()) line.append(" [").append(printable(event.subject)).append("]");
    line.append(" ").append(printable(event.message));
    if (unshown_ > 0) line.append(" (and ").append(std::to_string(unshown_)).append(" events before)");
    unshown_ = 0;
    screen_.lines(line + "\n");
  }
  if (!any) return;
  if (auto flushed = events_.flush(); !flushed) printError(flushed.error());
}

}  // namespace weir::cli
