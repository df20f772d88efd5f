// ${secret:NAME} becomes ${secret:RUN~TYPE~NAME}: characters that no part of a URL has to be quoted for.
#include "apps/cli/engine/front-secrets.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/json/writer.h"
#include "service/engines/engine-protocol.h"

namespace weir::cli {
namespace {

constexpr std::string_view kMark = "${secret:";
constexpr char kBetween = '~';

std::string marked(std::string_view text, std::string_view before) {
  std::string out;
  for (std::size_t at = 0;;) {
    const auto found = text.find(kMark, at);
    if (found == std::string_view::npos) return out.append(text.substr(at));
    const auto next = found + kMark.size();
    out.append(text.substr(at, next - at)).append(before);
    at = next;
  }
}

/// Codes are literals; what a front says is one of those it knows.
std::string_view codeOf(std::string_view said) {
  static constexpr std::array<std::string_view, 6> kCodes = {"secret.missing", "secret.host",      "secret.node",
                                                             "secret.short",   "secret.reference", "storage.corrupt"};
  const auto found = std::ranges::find(kCodes, said);
  return found == kCodes.end() ? "secret.unavailable" : *found;
}

}  // namespace

void FrontSecrets::mark(json::Value& settings, std::string_view run, std::string_view nodeType) {
  if (auto* members = settings.asObject()) {
    for (auto& member : *members) mark(member.value, run, nodeType);
  } else if (auto* elements = settings.asArray()) {
    for (auto& element : *elements) mark(element, run, nodeType);
  } else if (const auto* text = settings.asString(); text != nullptr && text->contains(kMark)) {
    std::string type(nodeType);
    std::ranges::replace(type, '/', '.');
    settings = json::Value(marked(*text, std::string(run) + kBetween + type + kBetween));
  }
}

void FrontSecrets::ask(std::string_view name, std::string_view targetHost, Done done) {
  const auto first = name.find(kBetween);
  const auto second = first == std::string_view::npos ? first : name.find(kBetween, first + 1);
  if (second == std::string_view::npos) {
    done(fail("secret.missing", "secret '" + std::string(name) +
                                    "' is not there: only settings of kept flows' runs name secrets, and neither rows "
                                    "nor executions do"));
    return;
  }
  std::string type(name.substr(first + 1, second - first - 1));
  if (const auto dot = type.find('.'); dot != std::string::npos) type[dot] = '/';
  {
    const std::lock_guard locked(mutex_);
    const auto number = ++last_;
    open_.emplace(number, std::move(done));
    std::string data;
    json::Writer out(data);
    out.beginObject().key("ask").value(number).key("run").value(name.substr(0, first));
    out.key("name").value(name.substr(second + 1)).key("nodeType").value(type);
    out.key("host").value(targetHost).endObject();
    engines::appendControl(waiting_, "run-secret", "", 0, data);
  }
  wake_();
}

void FrontSecrets::tell(std::string& out) {
  const std::lock_guard locked(mutex_);
  out += std::exchange(waiting_, std::string());
}

void FrontSecrets::take(const live::Control& answer) {
  const auto number = live::intOf(answer.data, "ask", 0);
  Done done;
  {
    const std::lock_guard locked(mutex_);
    const auto found = open_.find(number ? *number : 0);
    if (found == open_.end()) return;
    done = std::move(found->second);
    open_.erase(found);
  }
  const auto* value = answer.data.find("value");
  if (value != nullptr && value->isString())
    return done(GivenSecret{*value->asString(), live::intOf(answer.data, "keepMs", 0).value_or(0)});
  const auto code = live::textOf(answer.data, "code", "").value_or("");
  done(fail(codeOf(code), live::textOf(answer.data, "message", "").value_or(""),
            live::boolOf(answer.data, "recoverable", false).value_or(false)));
}

}  // namespace weir::cli
