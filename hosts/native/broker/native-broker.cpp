// Sessions on threads, as subscriptions and publishers.
#include "hosts/native/broker/native-broker.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "hosts/native/broker/broker-session.h"
#include "hosts/native/broker/mqtt-packets.h"
#include "hosts/native/job-thread.h"

namespace weir::native {
namespace {

class ThreadedSubscription final : public BrokerSubscription {
 public:
  explicit ThreadedSubscription(std::unique_ptr<SubscribeSession> session) : session_(std::move(session)) {}
  ~ThreadedSubscription() override {
    {
      const std::lock_guard locked(mutex_);
      ending_ = true;
      wanted_.notify_all();
    }
    // What was acknowledged is told before the end, if the server listens.
    flushSoon();
    thread_.give([this] {
      const std::lock_guard locked(mutex_);
      ended_ = true;
      end_.notify_all();
    });
    std::unique_lock locked(mutex_);
    if (!end_.wait_for(locked, std::chrono::seconds(1), [this] { return ended_; })) session_->stop();
  }

  Operation<std::vector<BrokerMessage>> receive(std::int64_t most, Waker waker) override {
    Completion<std::vector<BrokerMessage>> completion(std::move(waker));
    auto operation = completion.operation();
    {
      const std::lock_guard locked(mutex_);
      asked_ = true;
      wanted_.notify_all();
    }
    thread_.give([this, most, completion]() mutable {
      {
        const std::lock_guard locked(mutex_);
        asked_ = false;
      }
      completion.complete(wait(most));
      idle();
    });
    return operation;
  }

  void acknowledge(std::vector<std::uint64_t> tickets) override {
    {
      const std::lock_guard locked(mutex_);
      owed_.insert(owed_.end(), tickets.begin(), tickets.end());
      wanted_.notify_all();
    }
    flushSoon();
  }

 private:
  void flushSoon() {
    thread_.give([this] { static_cast<void>(flush()); });
  }

  Result<void> flush() {
    std::vector<std::uint64_t> tickets;
    {
      const std::lock_guard locked(mutex_);
      tickets.swap(owed_);
    }
    return tickets.empty() ? Result<void>() : session_->acknowledge(tickets);
  }

  Result<std::vector<BrokerMessage>> wait(std::int64_t most) {
    while (!ending_) {
      WEIR_TRY(flush());
      WEIR_ASSIGN(auto messages, session_->receive(most));
      if (!messages.empty()) return messages;
    }
    return fail("broker.stopped", "the run was stopped");
  }

  /// Until somebody wants something.
  void idle() {
    for (;;) {
      {
        std::unique_lock locked(mutex_);
        wanted_.wait_for(locked, std::chrono::milliseconds(250),
                         [this] { return asked_ || ending_ || !owed_.empty(); });
        if (asked_ || ending_) return;
      }
      static_cast<void>(flush());
      session_->idle();
    }
  }

  std::unique_ptr<SubscribeSession> session_;
  std::mutex mutex_;
  std::vector<std::uint64_t> owed_;
  std::condition_variable end_, wanted_;
  bool asked_ = false;
  bool ended_ = false;
  std::atomic<bool> ending_{false};
  JobThread thread_;  // the last member: it ends before the others do
};

class ThreadedPublisher final : public BrokerPublisher {
 public:
  explicit ThreadedPublisher(std::unique_ptr<PublishSession> session) : session_(std::move(session)) {}
  ~ThreadedPublisher() override { session_->stop(); }

  Operation<BrokerPublished> publish(BrokerPublish publish, Waker waker) override {
    Completion<BrokerPublished> completion(std::move(waker));
    auto operation = completion.operation();
    thread_.give([this, completion, publish = std::move(publish)]() mutable {
      completion.complete(session_->publish(publish));
    });
    return operation;
  }

  Operation<SinkCheckpoint> claim(std::string topic, std::string sink, Waker waker) override {
    Completion<SinkCheckpoint> completion(std::move(waker));
    auto operation = completion.operation();
    thread_.give([this, completion, topic = std::move(topic), sink = std::move(sink)]() mutable {
      completion.complete(session_->claim(topic, sink));
    });
    return operation;
  }

 private:
  std::unique_ptr<PublishSession> session_;
  JobThread thread_;
};

}  // namespace

Result<std::unique_ptr<BrokerSubscription>> NativeBroker::subscribe(BrokerTarget target, BrokerSubscribe subscribe) {
  switch (target.kind) {
    case BrokerKind::redis:
      return std::make_unique<ThreadedSubscription>(
          redisSubscription(std::move(target), std::move(subscribe), network_));
    case BrokerKind::mqtt:
      for (const auto& topic : subscribe.topics) WEIR_TRY(mqtt::checkFilter(topic));
      return std::make_unique<ThreadedSubscription>(
          mqttSubscription(std::move(target), std::move(subscribe), network_));
    case BrokerKind::kafka:
      WEIR_TRY(checkKafka(target, subscribe.topics));
      return std::make_unique<ThreadedSubscription>(
          kafkaSubscription(std::move(target), std::move(subscribe), network_));
  }
  return fail("settings.invalid", "this place knows no such broker");
}

Result<std::unique_ptr<BrokerPublisher>> NativeBroker::publisher(BrokerTarget target) {
  switch (target.kind) {
    case BrokerKind::redis:
      return std::make_unique<ThreadedPublisher>(redisPublisher(std::move(target), network_));
    case BrokerKind::mqtt:
      return std::make_unique<ThreadedPublisher>(mqttPublisher(std::move(target), network_));
    case BrokerKind::kafka:
      WEIR_TRY(checkKafka(target, {}));
      return std::make_unique<ThreadedPublisher>(kafkaPublisher(std::move(target), network_));
  }
  return fail("settings.invalid", "this place knows no such broker");
}

}  // namespace weir::native
