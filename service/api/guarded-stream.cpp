// Looks at rights again whenever somebody's have changed.
#include "service/api/guarded-stream.h"

#include <utility>

#include "engine/json/writer.h"

namespace weir::api {
namespace {

/// Rights that end by themselves, as those of a token do, are looked at so often while there is something to read.
constexpr std::int64_t kLookNanos = 1'000'000'000;

class GuardedStream final : public BodyStream, private RightsWatcher {
 public:
  GuardedStream(const Call& call, std::unique_ptr<BodyStream> inner, StreamRight right, std::string id)
      : gate_(*call.services.gate),
        clock_(call.services.clock),
        principal_(call.principal),
        right_(std::move(right)),
        id_(std::move(id)),
        inner_(std::move(inner)),
        epoch_(gate_.epoch()),
        lookedNanos_(clock_.steadyNanos()) {
    gate_.join(*this);
  }
  ~GuardedStream() override { gate_.leave(*this); }
  GuardedStream(const GuardedStream&) = delete;
  GuardedStream& operator=(const GuardedStream&) = delete;

  Next next(std::string& into, const Waker& waker) override {
    if (!inner_) return Next::end;
    waiting_ = waker;
    if (mayRead()) return inner_->next(into, waker);
    inner_.reset();
    say(into);
    return Next::piece;
  }

 private:
  void rightsChanged() override { waiting_.wake(); }

  bool mayRead() {
    const auto epoch = gate_.epoch();
    const auto now = clock_.steadyNanos();
    if (epoch == epoch_ && now - lookedNanos_ < kLookNanos) return true;
    epoch_ = epoch;
    lookedNanos_ = now;
    if (right_.at) return gate_.permissionsAt(principal_, *right_.at).has(right_.permission);
    const auto reach = gate_.reachOf(principal_, right_.permission);
    return !reach.folders.empty() || !reach.flows.empty();
  }

  void say(std::string& into) {
    into = "event: error\ndata: ";
    std::string data;
    json::Writer out(data);
    out.beginObject().key("id").value(id_ + "-closed").key("timestamp").value(clock_.nowMicros() / 1000);
    out.key("type").value("error").key("data").beginObject().key("code").value("auth.revoked").key("message");
    out.value("your rights have changed: you may not read this any more").key("recoverable").value(false);
    out.endObject().endObject();
    into.append(data).append("\n\n");
  }

  Gate& gate_;
  Clock& clock_;
  auth::Principal principal_;
  StreamRight right_;
  std::string id_;
  std::unique_ptr<BodyStream> inner_;  // null: it has ended
  Waker waiting_;
  std::uint64_t epoch_;
  std::int64_t lookedNanos_;
};

}  // namespace

std::unique_ptr<BodyStream> guardedStream(const Call& call, std::unique_ptr<BodyStream> inner, StreamRight right,
                                          std::string id) {
  if (call.services.gate == nullptr) return inner;
  return std::make_unique<GuardedStream>(call, std::move(inner), std::move(right), std::move(id));
}

}  // namespace weir::api
