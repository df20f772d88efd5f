// Runs that are looked at.
#include "service/engines/previews.h"

#include <limits>
#include <utility>

#include "engine/json/writer.h"
#include "service/engines/sent-bytes.h"

namespace weir::engines {
namespace {

constexpr std::int64_t kTestMemoryBytes = std::int64_t{256} << 20;
constexpr std::size_t kMostBytes = std::size_t{8} << 20;  // of rows in one answer

}  // namespace

class Preview::Inbox final : public RunListener {
 public:
  Inbox(std::int64_t most, Waker waker, TellSent sent)
      : most_(most), waker_(std::move(waker)), sent_(std::move(sent)) {}

  void rows(std::size_t, std::string lines, std::int64_t, std::int64_t) override {
    {
      const std::lock_guard locked(mutex_);
      add(lines);
    }
    waker_.wake();
  }
  void schema(std::size_t, std::string_view json) override {
    const std::lock_guard locked(mutex_);
    if (found_.schema.empty()) found_.schema = json;
  }
  void log(std::string_view) override {}
  void event(std::string_view) override {}
  void metrics(std::string_view json) override { sent_.metrics(json); }
  void ended(EngineEnd end) override {
    {
      const std::lock_guard locked(mutex_);
      found_.end = std::move(end);
    }
    waker_.wake();
  }

  bool ready() {
    const std::lock_guard locked(mutex_);
    return enough() || found_.end;
  }
  PreviewRows take() {
    const std::lock_guard locked(mutex_);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool enough() const { return found_.rows >= most_ || found_.lines.size() >= kMostBytes; }
  void add(std::string_view lines) {
    while (!lines.empty() && !enough()) {
      const auto end = lines.find('\n');
      found_.lines += lines.substr(0, end == std::string_view::npos ? end : end + 1);
      lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
      ++found_.rows;
    }
  }

  std::mutex mutex_;
  PreviewRows found_;
  std::int64_t most_;
  Waker waker_;
  SentBytes sent_;  // the thread's of Engines
};

Preview::~Preview() { engines_.cancel(number_); }
bool Preview::ready() const { return inbox_->ready(); }
PreviewRows Preview::take() { return inbox_->take(); }

Result<std::unique_ptr<Preview>> Previews::begin(const std::string& folder, EngineOrder order, const std::string& more,
                                                 std::int64_t most, Waker waker) {
  WEIR_TRY(furnish_(folder, order));
  json::Writer out(order.options);
  out.beginObject().key("mounts").beginArray();
  for (auto& mount : order.mounts) {
    mount.writes = false;
    out.value(mount.name);
  }
  out.endArray().endObject();
  order.options.insert(order.options.size() - 1, "," + more);
  // A process of its own for each tenant: two of them share no memory.
  auto key = "preview/" + folder.substr(0, folder.find('/'));
  TellSent tell;
  if (sent_) tell = [sent = sent_, folder](std::int64_t bytes) { sent(folder, bytes); };
  auto inbox = std::make_shared<Preview::Inbox>(most, std::move(waker), std::move(tell));
  const auto number = engines_.start(std::move(key), std::move(order), inbox);
  return std::make_unique<Preview>(engines_, number, std::move(inbox));
}

Result<std::unique_ptr<Preview>> Previews::start(const std::string& folder, EngineOrder order,
                                                 const std::string& parameters, std::int64_t most, Waker waker) {
  const auto more = "\"parameters\":" + (parameters.empty() ? "{}" : parameters);
  return begin(folder, std::move(order), more, most, std::move(waker));
}

Result<std::unique_ptr<Preview>> Previews::test(const std::string& folder, EngineOrder order, const std::string& test,
                                                Waker waker) {
  const auto more = "\"test\":" + test + ",\"limits\":{\"memoryBytes\":" + std::to_string(kTestMemoryBytes) + "}";
  return begin(folder, std::move(order), more, std::numeric_limits<std::int64_t>::max(), std::move(waker));
}

}  // namespace weir::engines
