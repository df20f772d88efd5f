// Calls: host calls under way in JavaScript, and their answers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "engine/data/error.h"
#include "engine/host/operation.h"
#include "hosts/browser/wire.h"

namespace weir::browser {

/// What is asked for; web/engine-client/src/worker/host-calls.ts has the same numbers, and what arguments and answers
/// hold.
enum class CallKind : std::uint32_t {
  fileOpen = 1,
  fileClose = 2,
  fileStat = 3,
  filePathStat = 4,
  fileRead = 5,
  fileWrite = 6,
  fileCut = 7,
  fileSync = 8,
  filePublish = 9,
  fileRemove = 10,
  fileMakeFolders = 11,
  fileList = 12,
  fileTemporary = 13,
  httpSend = 20,
  streamOpen = 30,
  streamRead = 31,
  streamWrite = 32,
  streamClose = 33,
  stateCommit = 40,
  stateGet = 41,
  stateList = 42,
  zoneRead = 50,
  flowCreate = 60,
  flowRead = 61,
  flowReplace = 62,
  flowBin = 63,
  flowRestore = 64,
  flowPurge = 65,
  flowList = 66,
  versionAppend = 67,
  versionList = 68,
  versionRead = 69,
};

/// The answer to one call: bytes (Wire), or why it failed.
using Answer = Result<std::string_view>;

/// One of them in a module: answers find their call by its number.
class Calls {
 public:
  /// `convert` makes the answer's value of its bytes, which are gone when it returns.
  template <class T>
  [[nodiscard]] Operation<T> begin(CallKind kind, const WireWriter& arguments, Waker waker,
                                   std::function<Result<T>(WireReader&)> convert) {
    Completion<T> completion(std::move(waker));
    auto operation = completion.operation();
    start(kind, arguments, [completion, convert = std::move(convert)](Answer answer) mutable {
      if (!answer) return completion.complete(std::unexpected(std::move(answer.error())));
      WireReader reader(*answer);
      completion.complete(convert(reader));
    });
    return operation;
  }
  /// Of a call that only succeeds or fails.
  [[nodiscard]] Operation<Unit> begin(CallKind kind, const WireWriter& arguments, Waker waker) {
    return begin<Unit>(kind, arguments, std::move(waker), [](WireReader&) -> Result<Unit> { return Unit{}; });
  }
  /// Nobody waits for it.
  static void tell(CallKind kind, const WireWriter& arguments);

  /// `bytes` is the answer if `good`, else the texts code and message and the flag recoverable. A number that is not
  /// under way is ignored.
  void answer(std::uint32_t id, bool good, std::string_view bytes);

 private:
  using Finish = std::function<void(Answer)>;
  void start(CallKind kind, const WireWriter& arguments, Finish finish);

  std::map<std::uint32_t, Finish> under_;
  std::uint32_t last_ = 0;
};

}  // namespace weir::browser
