// KeptLetters: the dead letters in the folders of runs of a server, read and changed on a thread of their own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apps/cli/dead-letter-store.h"
#include "apps/cli/serve/letter-watch.h"
#include "service/resources/dead-letters/letter-shelf.h"
#include "service/store/letter-index.h"

namespace weir::cli {

class KeptLetters final : public api::LetterShelf {
 public:
  /// `runs` has a folder for each run, and in it one called `dead-letters`. `keys`, called from another thread: of
  /// those that are sealed; not set: none is. `index`, which outlives it, is told what lies here; null: nothing is.
  explicit KeptLetters(std::string runs, LetterKeys keys = {}, store::LetterIndex* index = nullptr);
  /// What is under way is finished, the rest given up.
  ~KeptLetters() override;

  Operation<std::string> list(api::LetterFilter filter, Waker waker) override;
  Operation<api::LetterPage> listOf(std::vector<api::LetterSource> runs, api::LetterFilter filter,
                                    Waker waker) override;
  Operation<Unit> refresh(Waker waker) override;
  Operation<std::string> edit(std::string run, std::int64_t number, std::string traceId, std::string row,
                              Waker waker) override;
  Operation<Unit> settle(std::string run, Waker waker) override;
  Operation<std::int64_t> discard(api::LetterFilter filter, Waker waker) override;

 private:
  template <class T>
  Operation<T> later(Waker waker, std::function<Result<T>()> work);
  void loop();

  std::string runs_;
  LetterKeys keys_;
  std::optional<LetterWatch> watch_;  // the thread's own
  std::mutex mutex_;
  std::condition_variable moved_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::thread thread_;  // the last member: it begins when the others are there
};

}  // namespace weir::cli
