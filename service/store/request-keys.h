// RequestKeys: which requests were carried out under an Idempotency-Key, and what was answered to them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/host/operation.h"

namespace weir::store {

/// What a change has given, for who knows its type.
class Given {
 public:
  Given() = default;
  template <class T>
  explicit Given(const T& value) : type_(&Mark<T>::kHere), value_(&value) {}
  /// Null: it is of another type.
  template <class T>
  [[nodiscard]] const T* as() const {
    return type_ == &Mark<T>::kHere ? static_cast<const T*>(value_) : nullptr;
  }

 private:
  template <class T>
  struct Mark {
    static constexpr char kHere = 0;
  };
  const char* type_ = nullptr;
  const void* value_ = nullptr;
};

struct KeptAnswer {
  int status = 0;
  std::string headers;  // `name: value`, a line each
  std::string body;
};

/// One request under its key.
struct RequestKey {
  std::string name;     // the digest of whose it is, of what is asked for, and of the key
  std::string caller;   // the id of a user
  std::string request;  // the digest of the whole request
};

struct KeptRequest {
  std::string request;
  std::optional<KeptAnswer> answer;  // none: it was carried out, and what was answered is not known
};

/// Makes the answer of what the change has given, in its transaction, on any thread; gives none: it is kept later, or
/// not at all. May be called several times.
using MakeAnswer = std::function<std::optional<KeptAnswer>(const Given& given)>;

/// Kept for a day, of each caller the newest; larger answers than kMostAnswer are not kept, only that there was one.
/// Errors: trouble as in Store.
class RequestKeys {
 public:
  static constexpr std::int64_t kKeptMs = std::int64_t{24} * 3600 * 1'000;
  static constexpr std::int64_t kMostOfCaller = 10'000;
  static constexpr std::size_t kMostAnswer = std::size_t{256} << 10;

  virtual ~RequestKeys() = default;
  /// Any thread.
  [[nodiscard]] virtual std::string digestOf(std::string_view text) const = 0;
  virtual Operation<std::optional<KeptRequest>> find(std::string name, Waker waker) = 0;
  /// The change that this thread asks the store for next takes the key along, in its transaction. If there is one of
  /// that name already nothing is changed: `storage.repeated`.
  virtual void takeAlong(RequestKey key, MakeAnswer make) = 0;
  /// What was to be taken along, and was not, is not any more.
  virtual void forget() = 0;
  /// Of a request whose key was taken along; of others nothing is kept.
  virtual Operation<Unit> answer(std::string name, KeptAnswer answer, Waker waker) = 0;
};

}  // namespace weir::store
