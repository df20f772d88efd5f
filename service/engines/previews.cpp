// Runs that are looked at.
#include "service/engines/previews.h"

#include <utility>

#include "engine/json/writer.h"

namespace weir::engines {
namespace {

constexpr std::size_t kMostBytes = std::size_t{8} << 20;  // of rows in one answer

}  // namespace

class Preview::Inbox final : public RunListener {
 public:
  Inbox(std::int64_t most, Waker waker) : most_(most), waker_(std::move(waker)) {}

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
  void metrics(std::string_view) override {}
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
};

Preview::~Preview() { engines_.cancel(number_); }
bool Preview::ready() const { return inbox_->ready(); }
PreviewRows Preview::take() { return inbox_->take(); }

Result<std::unique_ptr<Preview>> Previews::start(const std::string& folder, EngineOrder order,
                                                 const std::string& parameters, std::int64_t most, Waker waker) {
  WEIR_TRY(furnish_(folder, order));
  json::Writer out(order.options);
  out.beginObject().key("mounts").beginArray();
  for (auto& mount : order.mounts) {
    mount.writes = false;
    out.value(mount.name);
  }
  out.endArray().key("parameters").raw(parameters.empty() ? "{}" : parameters).endObject();
  // A process of its own for each tenant: two of them share no memory.
  auto key = "preview/" + folder.substr(0, folder.find('/'));
  auto inbox = std::make_shared<Preview::Inbox>(most, std::move(waker));
  const auto number = engines_.start(std::move(key), std::move(order), inbox);
  return std::make_unique<Preview>(engines_, number, std::move(inbox));
}

}  // namespace weir::engines
