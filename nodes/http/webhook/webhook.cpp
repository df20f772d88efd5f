// Requests that arrive become rows, as many at once as came meanwhile; their senders hear when the rows are safe.
#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "engine/data/trace-context.h"
#include "engine/host/ingress.h"
#include "engine/text/utf8.h"
#include "nodes/http/webhook/body-columns.h"
#include "nodes/http/webhook/request-rows.h"
#include "nodes/http/webhook/webhook.gen.h"

namespace weir::nodes::http_webhook {
namespace {

class Webhook final : public Task {
 public:
  Webhook(IngressRoute route, Settings settings, NodeContext& context, Ingress& ingress)
      : route_(std::move(route)),
        settings_(std::move(settings)),
        context_(context),
        ingress_(ingress),
        columns_(context.needed(out::rows), context.account()),
        requests_(context.needed(out::rows), static_cast<BodyForm>(settings_.body), context.account()) {}
  ~Webhook() override {
    if (id_) ingress_.release(*id_);
  }
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  Result<Progress> step(StepIo& io) override {
    if (!id_) WEIR_TRY(claim(io.waker()));
    if (draining_ && !unfinished_) {
      // Who is owed an answer for a row gets it first; everybody else hears that the flow has stopped.
      if (wantsAcknowledgements() && !unacknowledged_.empty()) return Progress::blockedOn(0);
      finished_ = true;
      // They are answered by the last checkpoint, and what has come since when the run ends.
      if (settings_.reply == Settings::Reply::whenDone) return Progress::finished();
      ingress_.release(*id_);
      id_.reset();
      return Progress::finished();
    }
    if (!unfinished_) {
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, kAllPorts);
      ingress_.take(*id_, std::min(io.room(out::rows).rows, kMaxBatchRows), arrived_);
      if (arrived_.requests.empty()) {
        if (!arrived_.ended) return Progress::blockedOn(0);
        draining_ = true;
        return Progress::yielded();
      }
      unfinished_ = true;
    }
    WEIR_TRY(emit(io));
    unfinished_ = false;
    return Progress::yielded();
  }

  void attach(const TaskSite& site) override { checkpointed_ = site.checkpointed; }
  Result<Poll> snapshot(CheckpointId id, StateWriter&) override {
    if (settings_.reply == Settings::Reply::whenDone) passing_.push_back({id, lastNumber_});
    return Poll::ready;
  }
  /// Sources are told last: what the rows before the checkpoint led to is there.
  Result<Poll> committed(CheckpointId id) override {
    if (settings_.reply != Settings::Reply::whenDone || !id_) return Poll::ready;
    // A checkpoint that an ended source was not asked for began behind its end.
    auto upTo = finished_ ? lastNumber_ : 0;
    while (!passing_.empty() && passing_.front().id <= id) {
      if (passing_.front().id == id || !finished_) upTo = passing_.front().number;
      passing_.pop_front();
    }
    if (upTo > 0) ingress_.accept(*id_, upTo);
    return Poll::ready;
  }

  [[nodiscard]] bool wantsAcknowledgements() const override { return settings_.reply == Settings::Reply::accepted; }
  void acknowledged(Partition partition, std::int64_t sequence) override {
    if (!id_) lastPartition_ = std::max(lastPartition_, partition);
    if (partition != partition_ || !id_) return;
    std::int64_t upTo = 0;
    while (!unacknowledged_.empty() && unacknowledged_.front().firstSequence <= sequence) {
      const auto& run = unacknowledged_.front();
      upTo = run.firstNumber + std::min(sequence - run.firstSequence, run.count - 1);
      if (sequence < run.firstSequence + run.count - 1) break;
      unacknowledged_.pop_front();
    }
    if (upTo > 0) ingress_.accept(*id_, upTo);
    if (draining_) waker_.wake();
  }
  [[nodiscard]] bool sendsAgain() const override { return false; }
  void drain() override { draining_ = true; }

 private:
  Result<Unit> claim(const Waker& waker) {
    if (settings_.reply == Settings::Reply::whenDone && !checkpointed_)
      return fail("host.missing", "the answer whenDone needs checkpoints, and this run keeps none");
    route_.wantsHead = settings_.rows == Settings::Rows::request && requests_.readsHead();
    waker_ = waker;
    // Requests are not read again: each start is a partition of its own, so that no row has the number of an earlier
    // one.
    partition_ = std::max(static_cast<Partition>(context_.nowMicros() / 1'000'000), lastPartition_ + 1);
    WEIR_ASSIGN(id_, ingress_.claim(route_, waker));
    context_.log(LogLevel::info, "listens at " + ingress_.address(*id_));
    return Unit{};
  }

  Result<Unit> emit(StepIo& io) {
    wrong_.clear();
    Batch batch;
    if (settings_.rows == Settings::Rows::body) {
      bodies_.clear();
      for (const auto& request : arrived_.requests) bodies_.push_back(arrived_.of(request.body));
      WEIR_ASSIGN(batch, columns_.read(bodies_, wrong_));
    } else {
      WEIR_ASSIGN(batch, requests_.read(arrived_, wrong_));
    }
    for (const auto& wrong : wrong_) refuse(wrong);
    lastNumber_ = arrived_.requests.back().number;
    if (batch.rows() > 0) {
      auto envelope = envelopeOf();
      bind(batch.rows());
      sequence_ += batch.rows();
      batch.setEnvelope(std::move(envelope));
      io.emit(out::rows, std::move(batch));
    }
    return Unit{};
  }

  void refuse(const BodyColumns::Wrong& wrong) {
    IngressReply reply;
    reply.status = 400;
    reply.contentType = "text/plain; charset=utf-8";
    reply.body = wrong.why + "\n";
    ingress_.reply(*id_, arrived_.requests[wrong.body].number, std::move(reply));
  }

  /// Calls `each` with the requests that became rows.
  template <class Each>
  void eachRow(Each&& each) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < arrived_.requests.size(); ++i) {
      if (next < wrong_.size() && wrong_[next].body == i) {
        ++next;
      } else {
        each(arrived_.requests[i]);
      }
    }
  }

  Envelope envelopeOf() {
    Envelope envelope;
    envelope.partition = partition_;
    envelope.firstSequence = static_cast<std::uint64_t>(sequence_) + 1;
    envelope.timestampMicros = arrived_.requests.front().arrivedMicros;
    const auto traced = [](const IngressRequest& request) { return request.traceparent.bytes > 0; };
    if (std::ranges::none_of(arrived_.requests, traced)) return envelope;
    EnvelopeJoin join;
    std::uint64_t row = 0;
    eachRow([&](const IngressRequest& request) {
      const auto trace = parseTraceparent(arrived_.of(request.traceparent));
      if (trace) context_.tellCaller(*trace);
      join.add(EnvelopePlace{0, 0, partition_, envelope.firstSequence + row},
               EnvelopeRun{0, request.arrivedMicros, 0, trace ? trace->trace : TraceId{}});
      ++row;
    });
    return std::move(join).finish();
  }

  struct Run {
    std::int64_t firstSequence, firstNumber, count;
  };

  /// Notes which requests the rows stand for: for http/respond, or for acknowledgements.
  void bind(std::int64_t rows) {
    if (wrong_.empty()) return note({sequence_ + 1, arrived_.requests.front().number, rows});
    auto sequence = sequence_;
    eachRow([&](const IngressRequest& request) { note({++sequence, request.number, 1}); });
  }
  void note(Run run) {
    if (settings_.reply == Settings::Reply::respond)
      return ingress_.bind(*id_, run.firstSequence, run.firstNumber, run.count);
    if (settings_.reply == Settings::Reply::accepted) unacknowledged_.push_back(run);
  }

  IngressRoute route_;
  Settings settings_;
  NodeContext& context_;
  Ingress& ingress_;
  std::optional<IngressId> id_;
  IngressBatch arrived_;
  bool unfinished_ = false;  // arrived_ has not been emitted yet
  std::vector<std::string_view> bodies_;
  std::vector<BodyColumns::Wrong> wrong_;
  BodyColumns columns_;
  RequestRows requests_;
  std::int64_t sequence_ = 0;  // of the last row
  Partition partition_ = 0, lastPartition_ = 0;
  std::deque<Run> unacknowledged_;
  struct Passing {
    CheckpointId id;
    std::int64_t number;  // of the last request before it
  };
  std::deque<Passing> passing_;  // whenDone: checkpoints that are under way
  std::int64_t lastNumber_ = 0;
  Waker waker_;
  bool draining_ = false, finished_ = false, checkpointed_ = false;
};

void addAuth(const Settings& settings, IngressRoute& route) {
  route.auth = static_cast<IngressAuth>(settings.auth);
  route.user = settings.user.value_or("");
  for (const auto& secret : {settings.secret, settings.previousSecret}) {
    if (secret && !secret->empty()) route.secrets.push_back(*secret);
  }
  auto& signature = route.signature;
  signature.preset = static_cast<SignaturePreset>(settings.preset);
  signature.header = utf8::lowerAscii(settings.signatureHeader.value_or(""));
  signature.hash = static_cast<SignatureHash>(settings.algorithm);
  signature.encoding = static_cast<SignatureEncoding>(settings.encoding);
  signature.prefix = settings.prefix;
  signature.signedText = settings.signedText;
  signature.timestampHeader = utf8::lowerAscii(settings.timestampHeader.value_or(""));
  signature.idHeader = utf8::lowerAscii(settings.idHeader.value_or(""));
  signature.toleranceMs = settings.tolerance;
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const ingress, context.host<Ingress>());
  IngressRoute route;
  route.node = std::string(context.nodeId());
  route.path = settings.path;
  route.methods = settings.methods;
  addAuth(settings, route);
  if (route.auth != IngressAuth::none && route.secrets.empty())
    return fail("settings.missing",
                "/settings/secret: this authentication "
                "needs a secret, such as ${secret:NAME}");
  if (route.auth == IngressAuth::hmac && route.signature.preset == SignaturePreset::custom &&
      route.signature.header.empty())
    return fail("settings.missing",
                "/settings/signatureHeader: name the header with the "
                "signature, or choose a preset");
  switch (settings.body) {
    case Settings::Body::json:
      route.contentTypes = {"application/json"};
      break;
    case Settings::Body::form:
      route.contentTypes = {"application/x-www-form-urlencoded"};
      break;
    case Settings::Body::multipart:
      route.contentTypes = {"multipart/form-data"};
      break;
    case Settings::Body::auto_:
    case Settings::Body::raw:
      break;
  }
  if (settings.rows == Settings::Rows::body && settings.body != Settings::Body::json &&
      settings.body != Settings::Body::auto_)
    return fail("settings.range", "/settings/rows: rows that are the body's fields need a JSON body");
  if (settings.rows == Settings::Rows::body) route.contentTypes = {"application/json"};
  route.allowedRanges = settings.allow;
  route.idempotencyHeader = utf8::lowerAscii(settings.idempotencyHeader.value_or(""));
  for (const auto& name : settings.replyHeaders) route.replyHeaders.push_back(utf8::lowerAscii(name));
  route.maxBodyBytes = settings.maxBodyBytes;
  route.maxWaiting = settings.maxWaiting;
  route.replyTimeoutMs = settings.replyTimeout;
  if (settings.reply == Settings::Reply::whenDone) route.acceptedStatus = 200;
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [route, settings, &context, ingress]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Webhook>(route, settings, context, *ingress);
  };
  return node;
}

}  // namespace weir::nodes::http_webhook
