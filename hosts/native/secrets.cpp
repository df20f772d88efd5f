// Secrets: loading and resolving.
#include "hosts/native/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/json/document.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/redaction.h"

extern "C" char** environ;  // NOLINT(readability-redundant-declaration)

namespace weir::native {
namespace {

constexpr std::string_view kMark = "${secret:";
constexpr std::string_view kVariable = "WEIR_SECRET_";
constexpr std::int64_t kMostFileBytes = 1 << 20;

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

bool hostMatches(std::string_view pattern, std::string_view target) {
  const auto wanted = lower(pattern);
  const auto given = lower(target);
  const auto name = std::string_view(given).substr(
      0, given.rfind(':') == std::string::npos || given.ends_with(']') ? given.size() : given.rfind(':'));
  if (wanted == given || wanted == name) return true;
  return wanted.starts_with("*.") && name.size() > wanted.size() - 1 &&
         name.ends_with(std::string_view(wanted).substr(1));
}

Result<std::string> readPrivate(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.isOpen())
    return fail("secret.file", "the secrets file '" + path + "' cannot be read: " + std::strerror(errno));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return fail("secret.file", "the secrets file '" + path + "' is no ordinary file");
  if ((info.st_mode & 077U) != 0)
    return fail("secret.file", "the secrets file '" + path + "' can be read by others; run chmod 600 on it");
  if (info.st_size > kMostFileBytes) return fail("secret.file", "the secrets file '" + path + "' is larger than 1 MiB");
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t at = 0;
  while (at < text.size()) {
    const auto got = ::read(file.get(), text.data() + at, text.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    at += static_cast<std::size_t>(got);
  }
  text.resize(at);
  return text;
}

}  // namespace

bool namesSecret(std::string_view text) { return text.find(kMark) != std::string_view::npos; }

Result<Secrets> Secrets::load(const std::string& path) {
  Secrets secrets;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const auto equals = variable.find('=');
    if (!variable.starts_with(kVariable) || equals == std::string_view::npos) continue;
    secrets.add(std::string(variable.substr(kVariable.size(), equals - kVariable.size())),
                std::string(variable.substr(equals + 1)));
  }
  if (path.empty()) return secrets;
  WEIR_ASSIGN(const auto text, readPrivate(path));
  const auto document = json::parse(text);
  // The parser's message could quote what it found, which here is a secret.
  if (!document || !document->root().isObject())
    return fail("secret.file", "the secrets file '" + path + "' is not a JSON object of names and values");
  for (const auto& member : *document->root().asObject()) {
    const auto* value = member.value.isObject() ? member.value.find("value") : &member.value;
    if (value == nullptr || !value->isString())
      return fail("secret.file", "secret '" + member.key + "' of '" + path + "' has no text as its value");
    std::vector<std::string> hosts;
    const auto* list = member.value.isObject() ? member.value.find("hosts") : nullptr;
    if (list != nullptr && !list->isArray())
      return fail("secret.file", "'hosts' of secret '" + member.key + "' is not a list of texts");
    for (std::int64_t i = 0; list != nullptr && i < list->count(); ++i) {
      const auto* host = list->at(i)->asString();
      if (host == nullptr) return fail("secret.file", "'hosts' of secret '" + member.key + "' is not a list of texts");
      hosts.push_back(*host);
    }
    secrets.add(member.key, *value->asString(), std::move(hosts));
  }
  return secrets;
}

void Secrets::add(std::string name, std::string value, std::vector<std::string> hosts) {
  if (value.size() >= kLeastBytes) addForms(value);
  secrets_.insert_or_assign(std::move(name), Secret{std::move(value), std::move(hosts)});
}

void Secrets::addForms(const std::string& value) {
  for (auto& form : formsOfSecret(value)) {
    if (std::ranges::find(forms_, form) == forms_.end()) forms_.push_back(std::move(form));
  }
  std::ranges::stable_sort(forms_, [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

void Secrets::askOf(SecretSource& source) { asked_ = std::make_shared<AskedSecrets>(source); }

std::vector<std::string> Secrets::asksFor(std::string_view text) const {
  std::vector<std::string> names;
  if (asked_ == nullptr) return names;
  for (auto mark = text.find(kMark); mark != std::string_view::npos; mark = text.find(kMark, mark + 1)) {
    const auto close = text.find('}', mark);
    if (close == std::string_view::npos) break;
    const auto name = text.substr(mark + kMark.size(), close - mark - kMark.size());
    if (!secrets_.contains(name)) names.emplace_back(name);
  }
  return names;
}

Result<std::string> Secrets::resolve(std::string_view text, std::string_view targetHost) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto mark = text.find(kMark, at);
    const auto close = mark == std::string_view::npos ? mark : text.find('}', mark);
    if (close == std::string_view::npos) {
      out += text.substr(at);
      break;
    }
    out += text.substr(at, mark - at);
    const auto name = text.substr(mark + kMark.size(), close - mark - kMark.size());
    at = close + 1;
    const auto found = secrets_.find(name);
    const auto named = "secret '" + std::string(name) + "'";
    if (found == secrets_.end() && asked_ != nullptr) {
      WEIR_ASSIGN(const auto value, asked_->wait(name, targetHost));
      out += value;
      continue;
    }
    if (found == secrets_.end()) {
      return fail("secret.missing", named + " is not there; give it in the environment as " + std::string(kVariable) +
                                        std::string(name) + ", or in the file of --secrets");
    }
    const auto& secret = found->second;
    if (secret.value.size() < kLeastBytes)
      return fail("secret.short",
                  named + " has fewer than 4 bytes, so that it could not be kept out of logs; choose a longer one");
    const auto fits = [&](const std::string& pattern) { return hostMatches(pattern, targetHost); };
    if (!secret.hosts.empty() && std::ranges::none_of(secret.hosts, fits)) {
      return fail("secret.host", named + " may not be sent to '" + std::string(targetHost) +
                                     "'; add that host to its hosts if that is right");
    }
    out += secret.value;
  }
  return out;
}

std::string Secrets::redact(std::string_view text) const {
  std::string out(text);
  redactForms(out, forms_);
  if (asked_ != nullptr) asked_->redact(out);
  return out;
}

Error Secrets::redact(Error error) const {
  if (!forms_.empty() || asked_ != nullptr) error.message = redact(error.message);
  return error;
}

bool Secrets::empty() const { return secrets_.empty() && (asked_ == nullptr || asked_->empty()); }

}  // namespace weir::native
