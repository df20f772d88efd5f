// Looks up, checks, answers, and writes down the use.
#include "service/engines/secret-desk.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "engine/json/writer.h"

namespace weir::engines {
namespace {

/// A value of our own store: a change, or its end, is seen by runs after this.
constexpr std::int64_t kKeepMs = 5'000;
constexpr std::size_t kMostAsked = 10'000, kMostNoted = 50'000;
/// The "host" of secrets that requests to us are checked with: nothing is sent anywhere.
constexpr std::string_view kNowhere = "webhook";

std::string nameOf(const store::SecretHead& head) {
  return head.folder.empty() ? head.name : head.folder + "/" + head.name;
}

/// Where a secret goes that is itself a whole address, such as postgresql://USER:PASSWORD@HOST:5432/NAME.
std::string hostIn(const std::string& value) {
  const auto scheme = value.find("://");
  if (scheme == std::string::npos) return "";
  auto authority = value.substr(scheme + 3);
  authority.resize(std::min(authority.find_first_of("/?"), authority.size()));
  if (const auto at = authority.rfind('@'); at != std::string::npos) authority.erase(0, at + 1);
  return authority;
}

}  // namespace

class SecretDesk::Inbox {
 public:
  explicit Inbox(Waker moved) : moved_(std::move(moved)) {}
  void put(SecretAsk ask) {
    {
      const std::lock_guard locked(mutex_);
      asks_.push_back(std::move(ask));
    }
    moved_.wake();
  }
  std::vector<SecretAsk> take() {
    const std::lock_guard locked(mutex_);
    return std::exchange(asks_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<SecretAsk> asks_;
  Waker moved_;
};

SecretDesk::SecretDesk(Engines& engines, SecretDeskParts parts, Waker moved)
    : engines_(engines), parts_(std::move(parts)), moved_(std::move(moved)), inbox_(std::make_shared<Inbox>(moved_)) {
  engines_.onSecret([inbox = inbox_](SecretAsk ask) { inbox->put(std::move(ask)); });
}

SecretDesk::~SecretDesk() = default;

int SecretDesk::work() {
  for (auto& ask : inbox_->take()) begin(std::move(ask));
  for (auto one = asked_.begin(); one != asked_.end();) one = goOn(*one) ? asked_.erase(one) : std::next(one);
  while (!notes_.empty() && notes_.front().ready()) {
    static_cast<void>(notes_.front().take());
    notes_.pop_front();
  }
  return 1'000;
}

void SecretDesk::begin(SecretAsk ask) {
  if (asked_.size() >= kMostAsked)
    return refuse(ask, {"secret.unavailable", "too many ask for secrets at once; try again", true});
  const auto folder = parts_.folderOf(ask.runId);
  if (!folder) {
    return refuse(ask, {"secret.missing",
                        "secret '" + ask.name + "' is for runs of kept flows; this is none, so it has no secrets"});
  }
  if (!store::isSecretName(ask.name))
    return refuse(ask, {"secret.missing", "'" + ask.name + "' is no name of a secret"});
  Asked asked{std::move(ask), *folder};
  asked.finding = parts_.secrets.find(asked.folder, asked.ask.name, moved_);
  asked_.push_back(std::move(asked));
}

bool SecretDesk::goOn(Asked& asked) {
  if (asked.finding.ready()) {
    auto secret = asked.finding.take();
    if (!secret) {
      auto error = std::move(secret.error());
      if (error.code == "storage.not_found") {
        const auto where = asked.folder.empty() ? std::string("the root folder has")
                                                : "neither the folder '" + asked.folder + "' nor one above it has";
        error = {"secret.missing", "secret '" + asked.ask.name + "' is not there: " + where +
                                       " one of that name; set it with PUT /api/v1/secrets/" + asked.ask.name};
      }
      refuse(asked.ask, error);
      return true;
    }
    return found(asked, std::move(*secret));
  }
  if (!asked.reading.ready()) return false;
  auto read = asked.reading.take();
  if (!read) {
    read.error().message = "secret '" + asked.ask.name + "': " + read.error().message;
    refuse(asked.ask, read.error());
  } else {
    give(asked, read->value, read->keepMs);
  }
  return true;
}

bool SecretDesk::found(Asked& asked, store::Secret secret) {
  auto& ask = asked.ask;
  asked.head = std::move(secret.head);
  if (ask.host.empty() && asked.head.reference.empty()) ask.host = hostIn(secret.value);
  auto head = asked.head;
  if (ask.host == kNowhere) head.hosts.emplace_back(kNowhere);
  if (auto may = store::mayUse(head, ask.nodeType, ask.host); !may) {
    refuse(ask, may.error());
    return true;
  }
  if (asked.head.reference.empty()) {
    give(asked, secret.value, kKeepMs);
    return true;
  }
  if (parts_.references == nullptr) {
    refuse(ask, {"secret.reference", "secret '" + ask.name + "' is a reference (" + asked.head.reference +
                                         "), and this server is told no vault to read it from"});
    return true;
  }
  asked.reading = parts_.references->read(asked.head.reference, moved_);
  return asked.reading.ready() ? goOn(asked) : false;
}

void SecretDesk::give(const Asked& asked, const std::string& value, std::int64_t keepMs) {
  std::string data;
  json::Writer out(data);
  out.beginObject().key("ask").value(asked.ask.number).key("value").value(value);
  out.key("keepMs").value(std::min(keepMs, kKeepMs)).endObject();
  engines_.answerSecret(asked.ask.run, std::move(data));
  note(asked);
}

void SecretDesk::refuse(const SecretAsk& ask, const Error& error) {
  std::string data;
  json::Writer out(data);
  out.beginObject().key("ask").value(ask.number).key("code").value(error.code);
  out.key("message").value(error.message).key("recoverable").value(error.recoverable).endObject();
  engines_.answerSecret(ask.run, std::move(data));
}

void SecretDesk::note(const Asked& asked) {
  const std::pair once{asked.ask.runId, nameOf(asked.head)};
  if (!noted_.insert(once).second) return;
  notedInOrder_.push_back(once);
  if (notedInOrder_.size() > kMostNoted) {
    noted_.erase(notedInOrder_.front());
    notedInOrder_.pop_front();
  }
  store::AuditEntry entry;
  entry.at = parts_.clock.nowMicros() / 1000;
  entry.action = "secret.used";
  entry.object = "secret:" + nameOf(asked.head);
  entry.folder = asked.folder;
  json::Writer out(entry.detail);
  out.beginObject().key("run").value(asked.ask.runId).key("nodeType").value(asked.ask.nodeType);
  out.key("host").value(asked.ask.host).endObject();
  notes_.push_back(parts_.audit.append({std::move(entry)}, moved_));
}

}  // namespace weir::engines
