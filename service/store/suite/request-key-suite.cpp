// What keeps keys of requests must do, call by call.
#include <utility>

#include "service/store/suite/suite.h"

namespace weir::store {
namespace {

using Found = Result<std::optional<KeptRequest>>;

struct Suite {
  Store& store;
  RequestKeys& keys;
  api::Strand& strand;
  std::vector<std::string> found{};

  template <class T>
  [[nodiscard]] auto of(Operation<T> operation) {
    return strand.of(std::move(operation));
  }
  [[nodiscard]] const Waker& waker() const { return strand.waker(); }
  void expect(bool good, std::string what) {
    if (!good) found.push_back(std::move(what));
  }
};

FlowChange empty() {
  FlowChange change;
  change.document = "{}";
  return change;
}

/// The revision, as an answer.
std::optional<KeptAnswer> revisionOf(const Given& given) {
  const auto* head = given.as<FlowHead>();
  if (head == nullptr) return std::nullopt;
  return KeptAnswer{201, "etag: " + std::to_string(head->revision) + "\n", head->id + " \xC3\xA4"};
}

bool isAnswered(const Found& found, const std::string& request, const KeptAnswer& answer) {
  return found && *found && (*found)->request == request && (*found)->answer &&
         (*found)->answer->status == answer.status && (*found)->answer->headers == answer.headers &&
         (*found)->answer->body == answer.body;
}

bool isOpen(const Found& found) { return found && *found && !(*found)->answer; }
bool isUnknown(const Found& found) { return found && !*found; }

api::Job<Unit> checkTakenAlong(Suite& suite) {
  const auto name = suite.keys.digestOf("anna\ncreateFlow\none"), request = suite.keys.digestOf("/flows\n\n{}");
  suite.expect(name != request && name == suite.keys.digestOf("anna\ncreateFlow\none"), "a digest stands for its text");
  suite.expect(isUnknown(co_await suite.of(suite.keys.find(name, suite.waker()))), "a new key is not known");
  suite.keys.takeAlong({name, "anna", request}, revisionOf);
  const auto made = co_await suite.of(suite.store.create("keyed-a", empty(), suite.waker()));
  suite.expect(made.has_value(), "a change with a key is made");
  if (!made) co_return Unit{};
  const KeptAnswer answer{201, "etag: " + std::to_string(made->revision) + "\n", "keyed-a \xC3\xA4"};
  suite.expect(isAnswered(co_await suite.of(suite.keys.find(name, suite.waker())), request, answer),
               "the key is there with the change, and the answer that was made of it");
  // The same key again: the whole change is left out.
  suite.keys.takeAlong({name, "anna", request}, revisionOf);
  const auto again = co_await suite.of(suite.store.create("keyed-b", empty(), suite.waker()));
  suite.expect(!again && again.error().code == "storage.repeated", "a change whose key is there already is refused");
  const auto read = co_await suite.of(suite.store.read("keyed-b", suite.waker()));
  suite.expect(!read && read.error().code == "storage.not_found", "a change that was refused for its key is not made");
  const auto other = co_await suite.of(suite.store.create("keyed-b", empty(), suite.waker()));
  suite.expect(other.has_value(), "the next change takes nothing along");
  co_return Unit{};
}

api::Job<Unit> checkFailed(Suite& suite) {
  const auto name = suite.keys.digestOf("failed");
  suite.keys.takeAlong({name, "anna", "request"}, revisionOf);
  const auto made = co_await suite.of(suite.store.create("keyed-a", empty(), suite.waker()));
  suite.expect(!made && made.error().code == "storage.exists", "a change fails with a key as it does without");
  suite.expect(isUnknown(co_await suite.of(suite.keys.find(name, suite.waker()))),
               "the key of a change that was not made is not kept");
  suite.keys.takeAlong({name, "anna", "request"}, revisionOf);
  suite.keys.forget();
  const auto plain = co_await suite.of(suite.store.create("keyed-c", empty(), suite.waker()));
  suite.expect(plain.has_value() && isUnknown(co_await suite.of(suite.keys.find(name, suite.waker()))),
               "a key that was forgotten is not taken along");
  co_return Unit{};
}

api::Job<Unit> checkLater(Suite& suite) {
  const auto name = suite.keys.digestOf("later");
  suite.keys.takeAlong({name, "anna", "request"}, {});
  const auto made = co_await suite.of(suite.store.create("keyed-d", empty(), suite.waker()));
  suite.expect(made && isOpen(co_await suite.of(suite.keys.find(name, suite.waker()))),
               "a request can be carried out without an answer");
  const KeptAnswer answer{202, "location: /there\n", "done"};
  static_cast<void>(co_await suite.of(suite.keys.answer(name, answer, suite.waker())));
  suite.expect(isAnswered(co_await suite.of(suite.keys.find(name, suite.waker())), "request", answer),
               "the answer can follow");
  static_cast<void>(co_await suite.of(suite.keys.answer(name, {500, "", "other"}, suite.waker())));
  suite.expect(isAnswered(co_await suite.of(suite.keys.find(name, suite.waker())), "request", answer),
               "the first answer stays");
  static_cast<void>(co_await suite.of(suite.keys.answer(suite.keys.digestOf("none"), answer, suite.waker())));
  suite.expect(isUnknown(co_await suite.of(suite.keys.find(suite.keys.digestOf("none"), suite.waker()))),
               "an answer to a request that was not carried out is not kept");
  const auto large = suite.keys.digestOf("large");
  suite.keys.takeAlong({large, "anna", "request"}, [](const Given&) -> std::optional<KeptAnswer> {
    return KeptAnswer{200, "", std::string(RequestKeys::kMostAnswer + 1, 'x')};
  });
  const auto last = co_await suite.of(suite.store.create("keyed-e", empty(), suite.waker()));
  suite.expect(last && isOpen(co_await suite.of(suite.keys.find(large, suite.waker()))),
               "of a large answer it is known that there was one");
  co_return Unit{};
}

}  // namespace

api::Job<std::vector<std::string>> checkRequestKeys(Store& store, RequestKeys& keys, api::Strand& strand) {
  Suite suite{store, keys, strand};
  co_await checkTakenAlong(suite);
  co_await checkFailed(suite);
  co_await checkLater(suite);
  co_return std::move(suite.found);
}

}  // namespace weir::store
