// What a run has kept of its rows: its recording and its trace, read and thrown away.
#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "service/api/handlers.h"
#include "service/resources/runs/row-shelf.h"
#include "service/resources/runs/run-answers.h"
#include "service/resources/runs/runs-routes.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

/// Reading files is never done by the thread that answers.
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::size_t kLeastDigits = 8, kMostDigits = 32;

/// Whoever reads gets the next piece once another thread has read it.
class FileStream final : public BodyStream {
 public:
  FileStream(std::shared_ptr<ShelfFile> file, Elsewhere* elsewhere)
      : reading_(std::make_shared<Reading>(std::move(file))), elsewhere_(elsewhere) {}

  Next next(std::string& into, const Waker& waker) override {
    if (const auto at = reading_->take(into, waker)) return *at;
    const auto read = [reading = reading_] { reading->read(); };
    if (elsewhere_ != nullptr && elsewhere_->give(read, kReadBytes, {})) return Next::wait;
    read();
    return reading_->take(into, waker).value_or(Next::end);
  }

 private:
  class Reading {
   public:
    explicit Reading(std::shared_ptr<ShelfFile> file) : file_(std::move(file)) {}

    /// Nothing: it is to be read now.
    std::optional<Next> take(std::string& into, const Waker& waker) {
      const std::lock_guard locked(mutex_);
      if (under_) {
        waker_ = waker;
        return Next::wait;
      }
      if (!std::exchange(ready_, false)) {
        under_ = true;
        waker_ = waker;
        return std::nullopt;
      }
      if (!more_) {
        ready_ = true;
        return Next::end;
      }
      into = std::move(piece_);
      return Next::piece;
    }

    void read() {
      std::string piece;
      // A file that cannot be read to its end leaves an archive that says so itself: it has no end.
      const auto more = file_->next(piece);
      Waker waker;
      {
        const std::lock_guard locked(mutex_);
        more_ = more && *more;
        piece_ = std::move(piece);
        ready_ = true;
        under_ = false;
        waker = std::exchange(waker_, Waker());
      }
      waker.wake();
    }

   private:
    std::shared_ptr<ShelfFile> file_;
    std::mutex mutex_;
    std::string piece_;
    Waker waker_;
    bool under_ = false, ready_ = false, more_ = false;
  };

  std::shared_ptr<Reading> reading_;
  Elsewhere* elsewhere_;
};

Expected<RowShelf*> shelfOf(const Call& call) {
  auto* server = call.services.server;
  if (server != nullptr && server->rowShelf != nullptr) return server->rowShelf;
  return refuse(501, "host.missing", "this server keeps no rows of runs");
}

Refusal rowRefusal(Error error) {
  auto refusal = refusalOf(std::move(error));
  if (refusal.code == "recording.not_found" || refusal.code == "trace.unknown_run") refusal.status = 404;
  if (refusal.code == "api.query") refusal.status = 400;
  return refusal;
}

/// What `read` gives, by another thread.
template <class T, class Read>
auto elsewhere(Call& call, Read read) {
  return call.aside(kReadBytes, [read](const Asker& asker) -> Expected<T> {
    auto found = read(asker);
    if (!found) return std::unexpected(rowRefusal(std::move(found.error())));
    return std::move(*found);
  });
}

/// The shelf, for a run that writes to it no more.
Job<Expected<RowShelf*>> shelfOfEnded(Call& call) {
  const auto run = co_await runAt(call, auth::Permission::deadLetterEdit);
  if (!run) co_return std::unexpected(run.error());
  if (!isOver(run->state)) {
    co_return refuse(409, "run.goes_on",
                     "the run '" + run->id + "' is " + std::string(nameOf(run->state)) +
                         " and may write more; stop it before what it has kept of its rows is thrown away");
  }
  co_return shelfOf(call);
}

Response freedAnswer(std::int64_t bytes) { return jsonAnswer("{\"freedBytes\":" + std::to_string(bytes) + "}"); }

}  // namespace

Job<Response> getRunRecording(Call& call) {
  const auto shelf = shelfOf(call);
  if (!shelf) co_return toResponse(shelf.error());
  const auto& run = call.parameters.front();
  auto file = co_await elsewhere<std::shared_ptr<ShelfFile>>(
      call, [shelf = *shelf, run](const Asker& asker) { return shelf->recording(run, asker); });
  if (!file) co_return toResponse(std::move(file.error()));
  Response response;
  response.with("content-type", std::string(kTar)).with("cache-control", "no-store");
  response.with("content-disposition", "attachment; filename=\"recording-" + run + ".tar\"");
  response.stream = std::make_unique<FileStream>(std::move(*file), call.services.elsewhere);
  co_return response;
}

Job<Response> getRunTrace(Call& call) {
  const auto shelf = shelfOf(call);
  if (!shelf) co_return toResponse(shelf.error());
  TraceWish wish{call.parameters.front(), call.query.text("row"), call.query.text("cursor"),
                 call.query.number("limit", 100)};
  const auto isDigit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const bool good = wish.row.size() >= kLeastDigits && wish.row.size() <= kMostDigits;
  if (!wish.row.empty() && !(good && std::ranges::all_of(wish.row, isDigit))) {
    co_return toResponse({400, "api.query",
                          "'row' is the trace id of a row, 32 digits of 0-9 and a-f, or how it begins, with 8 digits "
                          "at least; steps and dead letters have it"});
  }
  auto found = co_await elsewhere<std::string>(
      call, [shelf = *shelf, wish](const Asker& asker) { return shelf->trace(wish, asker); });
  if (!found) co_return toResponse(std::move(found.error()));
  co_return jsonAnswer(std::move(*found));
}

Job<Response> discardRunRecording(Call& call) {
  const auto shelf = co_await shelfOfEnded(call);
  if (!shelf) co_return toResponse(shelf.error());
  const auto& run = call.parameters.front();
  auto freed = co_await elsewhere<std::int64_t>(
      call, [shelf = *shelf, run](const Asker&) { return shelf->discardRecording(run); });
  if (!freed) co_return toResponse(std::move(freed.error()));
  co_return freedAnswer(*freed);
}

Job<Response> discardRunTrace(Call& call) {
  const auto shelf = co_await shelfOfEnded(call);
  if (!shelf) co_return toResponse(shelf.error());
  const auto& run = call.parameters.front();
  auto freed =
      co_await elsewhere<std::int64_t>(call, [shelf = *shelf, run](const Asker&) { return shelf->discardTrace(run); });
  if (!freed) co_return toResponse(std::move(freed.error()));
  co_return freedAnswer(*freed);
}

}  // namespace weir::api
