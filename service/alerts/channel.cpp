// Reads and writes channels; makes notices.
#include "service/alerts/channel.h"

#include <algorithm>
#include <array>

#include "engine/json/writer.h"
#include "engine/text/host-name.h"
#include "engine/text/mail-address.h"
#include "engine/text/url.h"

namespace weir::alerts {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::array<std::string_view, 3> kKinds = {"mail", "webhook", "slack"};
constexpr std::array<std::string_view, 4> kSecurities = {"automatic", "tls", "startTls", "none"};

std::unexpected<Error> wrong(std::string_view member, std::string_view why) {
  return fail("alert.channel", "'" + std::string(member) + "' of the channel " + std::string(why));
}

Result<std::string> textAt(const json::Value& document, std::string_view key, std::string otherwise = {}) {
  const auto* found = document.find(key);
  if (found == nullptr || found->isNull()) return otherwise;
  if (!found->isString()) return wrong(key, "is " + std::string(json::nameOf(found->kind())) + "; give a text");
  return *found->asString();
}

Result<std::string> secretAt(const json::Value& document, std::string_view key) {
  WEIR_ASSIGN(auto text, textAt(document, key));
  if (!text.empty() && !(text.starts_with("${secret:") && text.ends_with('}'))) {
    return wrong(key, "holds a credential itself; keep it as a secret and write ${secret:NAME}");
  }
  return text;
}

Result<void> readMail(const json::Value& document, Channel& channel) {
  WEIR_ASSIGN(channel.server.server, textAt(document, "server"));
  if (channel.server.server.empty()) return wrong("server", "is missing; give HOST:PORT of an SMTP server");
  WEIR_ASSIGN(const auto security, textAt(document, "security", "automatic"));
  const auto known = std::ranges::find(kSecurities, security);
  if (known == kSecurities.end()) {
    return wrong("security", "is '" + security + "'; use automatic, tls, startTls or none");
  }
  channel.server.security = static_cast<MailServer::Security>(known - kSecurities.begin());
  WEIR_ASSIGN(channel.server.user, textAt(document, "user"));
  WEIR_ASSIGN(channel.server.password, secretAt(document, "password"));
  WEIR_ASSIGN(channel.from, textAt(document, "from"));
  if (!channel.from.contains('@')) return wrong("from", "is no mail address");
  const auto* to = document.find("to");
  if (to == nullptr || !to->isArray() || to->count() == 0) return wrong("to", "is no list of mail addresses");
  for (const auto& one : *to->asArray()) {
    if (!one.isString() || !one.asString()->contains('@')) return wrong("to", "holds what is no mail address");
    channel.to.push_back(*one.asString());
  }
  return {};
}

Result<void> readHook(const json::Value& document, Channel& channel) {
  WEIR_ASSIGN(channel.url, textAt(document, "url"));
  const auto url = parseUrl(channel.url);
  if (!url) return wrong("url", "is no URL: " + url.error().message);
  if (url->scheme != "https" && url->scheme != "http") return wrong("url", "is neither http:// nor https://");
  WEIR_ASSIGN(channel.path, secretAt(document, "path"));
  const auto* headers = document.find("headers");
  if (headers == nullptr || headers->isNull()) return {};
  if (!headers->isObject()) return wrong("headers", "is no object of texts");
  for (const auto& member : *headers->asObject()) {
    if (!member.value.isString()) return wrong("headers", "holds something else than texts");
    channel.headers.push_back({member.key, *member.value.asString()});
  }
  return {};
}

Result<void> checkMembers(const json::Value& document) {
  static constexpr std::array<std::string_view, 14> kMembers = {"id",     "kind",     "folder", "severity", "enabled",
                                                                "server", "security", "user",   "password", "from",
                                                                "to",     "url",      "path",   "headers"};
  for (const auto& member : *document.asObject()) {
    if (std::ranges::find(kMembers, member.key) == kMembers.end()) {
      return fail("alert.channel", "a channel has no member '" + member.key + "'");
    }
  }
  return {};
}

std::string slackText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string_view nameOf(Channel::Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Result<Channel> channelOf(std::string_view id, const json::Value& document) {
  if (!document.isObject()) return fail("alert.channel", "a channel is an object");
  WEIR_TRY(checkMembers(document));
  Channel channel;
  channel.id = id;
  if (!isName(id)) return wrong("id", "is '" + channel.id + "'; use letters, digits and dashes, 64 at most");
  WEIR_ASSIGN(const auto kind, textAt(document, "kind"));
  const auto known = std::ranges::find(kKinds, kind);
  if (known == kKinds.end()) return wrong("kind", "is '" + kind + "'; use mail, webhook or slack");
  channel.kind = static_cast<Channel::Kind>(known - kKinds.begin());
  WEIR_ASSIGN(channel.folder, textAt(document, "folder"));
  WEIR_ASSIGN(const auto severity, textAt(document, "severity", "warning"));
  const auto least = severityNamed(severity);
  if (!least) return wrong("severity", "is '" + severity + "'; use info, warning or critical");
  channel.least = *least;
  if (const auto* enabled = document.find("enabled"); enabled != nullptr) {
    if (enabled->asBool() == nullptr) return wrong("enabled", "is neither true nor false");
    channel.enabled = *enabled->asBool();
  }
  WEIR_TRY(channel.kind == Channel::Kind::mail ? readMail(document, channel) : readHook(document, channel));
  return channel;
}

std::string jsonOf(const Channel& channel) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("id").value(channel.id).key("kind").value(nameOf(channel.kind));
  out.key("folder").value(channel.folder).key("severity").value(nameOf(channel.least));
  out.key("enabled").value(channel.enabled);
  if (channel.kind == Channel::Kind::mail) {
    out.key("server").value(channel.server.server);
    out.key("security").value(kSecurities[static_cast<std::size_t>(channel.server.security)]);
    out.key("user").value(channel.server.user).key("password").value(channel.server.password);
    out.key("from").value(channel.from).key("to").beginArray();
    for (const auto& to : channel.to) out.value(to);
    out.endArray();
  } else {
    out.key("url").value(channel.url).key("path").value(channel.path).key("headers").beginObject();
    for (const auto& header : channel.headers) out.key(header.name).value(header.value);
    out.endObject();
  }
  out.endObject();
  return text;
}

Result<Unit> checkTransport(const Channel& channel) {
  if (channel.kind == Channel::Kind::mail) return Unit{};
  WEIR_ASSIGN(const auto url, parseUrl(channel.url));
  const bool digits = url.host.find_first_not_of("0123456789.") == std::string::npos;
  const bool near = url.host == "localhost" || url.host == "::1" || (digits && url.host.starts_with("127."));
  if (url.secure() || near) return Unit{};
  return fail("server.insecure", "'url' of the channel is '" + url.origin() +
                                     "', where others on the way could read the notices and what they are sent with; "
                                     "use https, or start with --insecure-transport if the network is yours alone");
}

Result<Unit> checkAddresses(const Channel& channel) {
  if (channel.kind != Channel::Kind::mail) {
    const auto inName = [](char c) { return c > 0x20 && c < 0x7f && c != ':'; };
    const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    for (const auto& [name, value] : channel.headers) {
      if (name.empty() || !std::ranges::all_of(name, inName))
        return wrong("headers", "has '" + name + "', which is no name of a header");
      if (std::ranges::any_of(value, breaks)) return wrong("headers", "has a line break in '" + name + "'");
    }
    return Unit{};
  }
  const auto& server = channel.server.server;
  if (!isHostName(server) && !isHostWithPort(server))
    return wrong("server", "is '" + server + "'; give HOST:PORT of an SMTP server");
  if (const auto good = addressIn(channel.from); !good) return wrong("from", "is refused: " + good.error().message);
  for (const auto& to : channel.to) {
    if (const auto good = addressIn(to); !good) return wrong("to", "has one that is refused: " + good.error().message);
  }
  return Unit{};
}

Channel shownOf(Channel channel) {
  const auto url = parseUrl(channel.url);
  if (url && (url->target.size() > 1 || !url->user.empty())) channel.url = url->origin() + "/" + std::string(kMask);
  for (auto& header : channel.headers) {
    if (!header.value.contains("${secret:")) header.value = kMask;
  }
  return channel;
}

Channel unmasked(Channel given, const Channel& before) {
  const auto shown = shownOf(before);
  if (given.url == shown.url) given.url = before.url;
  for (auto& header : given.headers) {
    const auto known = std::ranges::find(before.headers, header.name, &HttpHeader::name);
    if (header.value == kMask && known != before.headers.end()) header.value = known->value;
  }
  return given;
}

std::string titleOf(const Alert& alert) {
  std::string text = alert.clearedAt ? "[cleared] " : "[" + std::string(nameOf(alert.severity)) + "] ";
  if (!alert.flow.empty()) text += (alert.folder.empty() ? "" : alert.folder + "/") + alert.flow + ": ";
  return text + alert.name;
}

MailMessage mailOf(const Channel& channel, const Alert& alert, std::string_view link) {
  MailMessage mail;
  mail.from = channel.from;
  mail.to = channel.to;
  for (const char c : titleOf(alert)) mail.subject += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  mail.text = titleOf(alert) + "\n\n" + alert.message + "\n";
  for (const auto& [name, value] : alert.labels) mail.text += name + ": " + value + "\n";
  if (!link.empty()) mail.text += "\n" + std::string(link) + "\n";
  return mail;
}

HttpRequest requestOf(const Channel& channel, const Alert& alert, std::string_view link) {
  HttpRequest request;
  request.method = "POST";
  request.url = channel.url;
  request.secretPath = channel.path;
  request.headers = channel.headers;
  request.headers.push_back({"Content-Type", "application/json"});
  request.maxResponseBytes = 1 << 20;
  request.maxRedirects = 0;
  json::Writer out(request.body);
  if (channel.kind == Channel::Kind::slack) {
    auto text = slackText(titleOf(alert)) + "\n" + slackText(alert.message);
    if (!link.empty()) text += "\n<" + std::string(link) + ">";
    out.beginObject().key("text").value(text).endObject();
  } else {
    const bool test = alert.key == kTestKey;
    out.beginObject().key("type").value(test ? "alert.test" : alert.clearedAt ? "alert.cleared" : "alert.raised");
    out.key("alert").raw(jsonOf(alert));
    if (!link.empty()) out.key("link").value(link);
    out.endObject();
  }
  return request;
}

}  // namespace weir::alerts
