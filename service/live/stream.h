// Stream: numbered messages about one thing, kept for a while, read by many who each go at their own pace.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/web-socket.h"

namespace weir::stream {

enum class Kind : std::uint8_t { metrics, events, errors, logs, tap, progress, alerts };

/// `metrics events errors logs tap progress alerts`.
[[nodiscard]] std::string_view nameOf(Kind kind);
/// Only the newest messages of a stream count; of the others a reader gets all that are kept.
[[nodiscard]] constexpr bool isLatestWins(Kind kind) { return kind == Kind::metrics || kind == Kind::tap; }

/// What a stream is about; one stream for each.
struct Topic {
  Kind kind = Kind::metrics;
  std::string subject;   // the id of a run; of alerts a folder
  std::string detail{};  // of a tap: a JSON object {edge, where?, rowsPerSecond?}
  bool masked = false;   // sensitive fields are
  auto operator<=>(const Topic&) const = default;
};

/// The rows of a tap's message as Arrow IPC messages.
struct RowParts {
  std::shared_ptr<const std::string> schema;  // the same pointer as long as the schema is the same
  std::vector<std::string> dictionaries{};
  std::string batch;
};

/// How a stream ends of which nothing can come.
inline constexpr std::string_view kNotRunning = "not running";

/// How many rows it has; -1: it cannot be read.
[[nodiscard]] std::int64_t rowsIn(const RowParts& parts);

/// Said once and encoded once for all who read it.
class Message {
 public:
  Message(std::uint64_t number, std::string type, std::string data)
      : number(number), type(std::move(type)), data_(std::move(data)) {}
  Message(std::uint64_t number, RowParts parts, std::int64_t rows)
      : number(number), rows(rows), parts_(std::move(parts)) {}
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  const std::uint64_t number;    // in its stream, counting up by one
  const std::string type{};      // of a control frame; empty: rows
  const std::int64_t rows = 0;   // in it
  std::uint64_t rowsBefore = 0;  // in the messages before it, and shed where they came from

  [[nodiscard]] bool isRows() const { return type.empty(); }
  [[nodiscard]] const RowParts& parts() const { return parts_; }
  [[nodiscard]] std::size_t bytes() const { return data_.size() + parts_.batch.size(); }
  /// JSON; rows as {"rows": […]}, made when somebody first asks.
  [[nodiscard]] const std::string& data() const;
  /// The control frame for readers whose subscription has that number, as JSON.
  [[nodiscard]] const std::string& json(std::uint32_t subscription, std::uint64_t rowsShed) const;
  [[nodiscard]] const WebSocketFrame& text(std::uint32_t subscription, std::uint64_t rowsShed) const;
  /// The frames of the batch, with its dictionaries.
  [[nodiscard]] const std::vector<WebSocketFrame>& binary(std::uint32_t subscription, std::uint64_t rowsShed) const;
  [[nodiscard]] WebSocketFrame schemaFrame(std::uint32_t subscription, std::uint64_t rowsShed) const;

 private:
  struct Key {
    std::uint32_t subscription = 0;
    std::uint64_t rowsShed = 0;
    bool operator==(const Key&) const = default;
  };
  RowParts parts_{};
  mutable std::string data_{};
  // Most readers have the same number and have missed nothing: the last one serves nearly all.
  mutable Key jsonKey_{}, textKey_{}, binaryKey_{};
  mutable std::string json_{};
  mutable WebSocketFrame text_{};
  mutable std::vector<WebSocketFrame> binary_{};
};
using MessageRef = std::shared_ptr<const Message>;

class Stream;

/// Who reads streams is told here that one has more, or has ended.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// Within the call that added the message: it may read, and end its readers.
  virtual void moved() = 0;
};

/// One reader of one stream. It keeps the stream alive.
class Reader {
 public:
  /// Of those behind number `after` it gets all that are kept.
  Reader(std::shared_ptr<Stream> stream, Watcher& watcher, std::uint64_t after = 0);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// The next message, or null. The message counts as read.
  [[nodiscard]] MessageRef next();
  [[nodiscard]] bool hasNext() const;
  /// Messages that were gone before they could be read, since the last call. Always 0 of latest-wins streams.
  [[nodiscard]] std::uint64_t takeMissed() { return std::exchange(missed_, 0); }
  /// Rows that were for it and that it has not got.
  [[nodiscard]] std::uint64_t rowsShed() const { return rowsShed_; }
  /// The number of the last message that was read.
  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] const Stream& stream() const { return *stream_; }
  Watcher& watcher;

 private:
  std::shared_ptr<Stream> stream_;
  std::uint64_t at_ = 0, missed_ = 0, rowsShed_ = 0;
  std::uint64_t rowsAt_ = 0;  // rows up to the message at_, shed ones too
  bool began_ = false;
};

class Stream {
 public:
  explicit Stream(Topic topic) : topic_(std::move(topic)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] const Topic& topic() const { return topic_; }
  [[nodiscard]] std::size_t readers() const { return readers_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t last() const { return last_; }

  /// `data` is a JSON text. Without a number the next one; a number goes up, and may leave some out.
  void add(std::string type, std::string data, std::uint64_t number = 0);
  /// `rowsShed` so far, where they come from.
  void addRows(RowParts parts, std::int64_t rows, std::uint64_t rowsShed);
  /// Nothing comes any more; `outcome` says how the run ended, or why there is nothing to be read.
  void end(std::string outcome);
  [[nodiscard]] bool ended() const { return !outcome_.empty(); }
  [[nodiscard]] const std::string& outcome() const { return outcome_; }
  [[nodiscard]] MessageRef newest() const { return kept_.empty() ? nullptr : kept_.back(); }
  /// The first that is kept behind number `after`, or null.
  [[nodiscard]] MessageRef behind(std::uint64_t after) const;

  // Of readers alone.
  void join(Reader& reader) { readers_.push_back(&reader); }
  void leave(Reader& reader);

 private:
  void keep(std::shared_ptr<Message> message);
  void tellReaders();

  Topic topic_;
  std::deque<MessageRef> kept_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t rows_ = 0;  // in all messages
  std::uint64_t shed_ = 0;  // where they come from, so far
  std::string outcome_;
  std::vector<Reader*> readers_;
};

}  // namespace weir::stream
