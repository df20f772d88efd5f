// Raises and clears alerts.
#include "service/alerts/alert-book.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/auth/grants.h"
#include "service/metrics/families.h"

namespace weir::alerts {
namespace {

constexpr std::int64_t kLookMs = 5000;

std::string keyOf(const std::string& rule, const Labels& labels) {
  auto key = "rule:" + rule;
  for (const auto& [name, value] : labels) key += "\n" + name + "=" + value;
  return key;
}

std::string numberText(double value) {
  char digits[32];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value, std::chars_format::general, 4).ptr;
  return std::string(std::begin(digits), end);
}

/// Of a counter it is the growth that is measured, of two their shares in it.
std::string messageOf(const AlertRule& rule, double value) {
  const bool grows = metrics::familyNamed(rule.metric).type == metrics::Type::counter;
  auto text = rule.metric;
  if (!rule.of.empty()) {
    text += " / " + rule.of + " is " + numberText(value);
  } else {
    text += (grows ? " grows by " : " is ") + numberText(value) + (grows ? " a second" : "");
  }
  if (rule.over) text += ", over " + numberText(*rule.over);
  if (rule.under) text += ", under " + numberText(*rule.under);
  return text;
}

std::string at(const Labels& labels, const std::string& name) {
  const auto found = labels.find(name);
  return found == labels.end() ? std::string() : found->second;
}

}  // namespace

AlertBook::AlertBook(metrics::Registry& registry, Notifier& notifier, store::AlertStore& store, Clock& clock,
                     std::string publicUrl)
    : registry_(registry), notifier_(notifier), store_(store), clock_(clock), publicUrl_(std::move(publicUrl)) {
  for (const auto severity : {Severity::info, Severity::warning, Severity::critical}) {
    static_cast<void>(registry_.gauge("weir_alerts_raised", {std::string(nameOf(severity))}));
  }
}

Result<Unit> AlertBook::open(store::AlertStore::All all) {
  bool fresh = true;
  shared_ = all.shared;
  for (const auto& [kind, id, text] : all.entries) {
    WEIR_ASSIGN(const auto document, json::parse(text));
    if (kind == "state") fresh = false;
    if (kind == "rule") {
      WEIR_ASSIGN(auto rule, ruleOf(id, document.root()));
      rules_.emplace(id, RuleWatch(std::move(rule)));
    } else if (kind == "channel") {
      WEIR_ASSIGN(auto channel, channelOf(id, document.root()));
      channels_.emplace(id, std::move(channel));
    } else if (kind == "silence" && document.root().asInt64() != nullptr) {
      if (*document.root().asInt64() > nowMs()) silences_[id] = *document.root().asInt64();
    }
  }
  for (const auto& kept : all.alerts) {
    WEIR_ASSIGN(auto alert, alertOf(kept.document));
    lastNumber_ = std::max(lastNumber_, alert.number);
    const auto rule = rules_.find(alert.rule);
    if (!alert.clearedAt && rule != rules_.end()) rule->second.assumeRaised(alert.labels);
    if (!alert.clearedAt) registry_.gauge("weir_alerts_raised", {std::string(nameOf(alert.severity))}).add(1);
    alerts_.push_back(std::move(alert));
  }
  std::ranges::stable_sort(alerts_, std::ranges::greater(), &Alert::raisedAt);
  if (fresh) {
    writes_.push_back(put({"state", "first-rules", "true"}, Waker()));
    for (auto& rule : firstRules()) writes_.push_back(putRule(std::move(rule), Waker()));
  }
  return Unit{};
}

void AlertBook::useSecrets(store::Secrets& secrets, ChannelSecrets::Follow follow) {
  secrets_.emplace(secrets, std::move(follow));
  notifier_.use(*secrets_);
}

Operation<Unit> AlertBook::put(store::AlertStore::Entry entry, Waker waker) {
  ++begun_;
  return store_.put(std::move(entry), std::move(waker));
}

Operation<Unit> AlertBook::remove(std::string kind, std::string id, Waker waker) {
  ++begun_;
  return store_.remove(std::move(kind), std::move(id), std::move(waker));
}

bool AlertBook::follow(bool due, const Waker& waker) {
  const auto ask = [&](bool all) { return store_.changed(all, waker); };
  // What cannot be read leaves what is known.
  if (auto news = follow_.step(due, true, begun_, ask); news && takeOver(news->entries)) store_.saw(*news);
  return follow_.busy();
}

Result<Unit> AlertBook::takeOver(const std::vector<store::AlertStore::Entry>& entries) {
  std::map<std::string, AlertRule> rules;
  std::map<std::string, Channel> channels;
  std::map<std::string, std::int64_t, std::less<>> silences;
  for (const auto& [kind, id, text] : entries) {
    WEIR_ASSIGN(const auto document, json::parse(text));
    if (kind == "rule") {
      WEIR_ASSIGN(auto rule, ruleOf(id, document.root()));
      rules.emplace(id, std::move(rule));
    } else if (kind == "channel") {
      WEIR_ASSIGN(auto channel, channelOf(id, document.root()));
      channels.emplace(id, std::move(channel));
    } else if (kind == "silence" && document.root().asInt64() != nullptr && *document.root().asInt64() > nowMs()) {
      silences[id] = *document.root().asInt64();
    }
  }
  silences_ = std::move(silences);
  for (const auto& [id, channel] : channels_) {
    if (!channels.contains(id)) notifier_.forget(id);
  }
  channels_ = std::move(channels);
  // One that is as it was goes on with what it has measured.
  std::vector<std::string> old;
  for (const auto& [id, watch] : rules_) {
    const auto now = rules.find(id);
    if (now == rules.end() || jsonOf(now->second) != jsonOf(watch.rule())) old.push_back(id);
  }
  for (const auto& id : old) {
    clearRule(id);
    rules_.erase(id);
  }
  for (auto& [id, rule] : rules) {
    if (!rules_.contains(id)) rules_.emplace(id, RuleWatch(std::move(rule)));
  }
  return Unit{};
}

std::int64_t AlertBook::tick() {
  if (secrets_) secrets_->tick(channels_, clock_.steadyNanos());
  while (!writes_.empty() && writes_.front().ready()) writes_.pop_front();
  takeNumbers();
  const auto now = clock_.steadyNanos();
  if (!rules_.empty() && (lookNanos_ == 0 || now - lookNanos_ >= kLookMs * 1'000'000)) {
    lookNanos_ = now;
    const auto text = registry_.text();
    for (auto& [id, watch] : rules_) {
      for (const auto& change : watch.look(text, clock_.nowMicros())) {
        const auto& rule = watch.rule();
        if (!change.raised) {
          clear(keyOf(id, change.labels), change.value);
          continue;
        }
        Alert alert{.key = keyOf(id, change.labels), .name = rule.name, .message = messageOf(rule, change.value)};
        alert.rule = id;
        alert.folder = at(change.labels, "folder");
        alert.flow = at(change.labels, "flow");
        alert.labels = change.labels;
        alert.severity = rule.severity;
        alert.value = change.value;
        raise(std::move(alert));
      }
    }
  }
  notifier_.tick();
  return notifier_.idle() && waiting_.empty() ? 1000 : 100;
}

void AlertBook::flowAlert(std::string_view folder, std::string_view flow, std::string_view name, Severity severity,
                          std::string_view message, bool raised, std::optional<double> value) {
  const auto key = "flow:" + std::string(folder) + "\n" + std::string(flow) + "\n" + std::string(name);
  if (!raised) return clear(key, value);
  Alert alert{.key = key, .name = std::string(name), .message = std::string(message)};
  alert.folder = folder;
  alert.flow = flow;
  alert.severity = severity;
  alert.value = value.value_or(0);
  raise(std::move(alert));
}

void AlertBook::raise(Alert alert) {
  const auto open = std::ranges::find_if(
      alerts_, [&alert](const Alert& one) { return one.key == alert.key && !one.clearedAt.has_value(); });
  if (open != alerts_.end()) return;
  if (shared_ && numbers_.empty()) {
    const bool waits = std::ranges::contains(waiting_, alert.key, &Alert::key);
    if (!waits && waiting_.size() < kMostKept) waiting_.push_back(std::move(alert));
    return;
  }
  if (shared_) {
    alert.number = numbers_.front();
    numbers_.pop_front();
  } else {
    alert.number = ++lastNumber_;
  }
  alert.raisedAt = nowMs();
  registry_.gauge("weir_alerts_raised", {std::string(nameOf(alert.severity))}).add(1);
  alerts_.push_front(std::move(alert));
  if (alerts_.size() > kMostKept) {
    const auto& last = alerts_.back();
    if (!last.clearedAt) registry_.gauge("weir_alerts_raised", {std::string(nameOf(last.severity))}).add(-1);
    alerts_.pop_back();
  }
  keep(alerts_.front());
  tell(alerts_.front());
}

/// Some are always there, so that an alert is told also while the store is away.
void AlertBook::takeNumbers() {
  if (!shared_) return;
  if (reserved_.active() && reserved_.ready()) {
    const auto first = reserved_.take();
    for (std::int64_t i = 0; first && i < kNumbersAtOnce; ++i) numbers_.push_back(*first + i);
  }
  if (!reserved_.active() && std::ssize(numbers_) <= kNumbersAtOnce / 2) {
    reserved_ = store_.reserve(kNumbersAtOnce, Waker());
  }
  if (numbers_.empty()) return;
  for (auto& alert : std::exchange(waiting_, {})) raise(std::move(alert));
}

void AlertBook::clear(std::string_view key, std::optional<double> value) {
  std::erase_if(waiting_, [key](const Alert& one) { return one.key == key; });
  const auto open =
      std::ranges::find_if(alerts_, [key](const Alert& one) { return one.key == key && !one.clearedAt.has_value(); });
  if (open == alerts_.end()) return;
  open->clearedAt = nowMs();
  open->value = value.value_or(open->value);
  registry_.gauge("weir_alerts_raised", {std::string(nameOf(open->severity))}).add(-1);
  keep(*open);
  tell(*open);
}

void AlertBook::clearRule(const std::string& id) {
  for (auto& alert : alerts_) {
    if (alert.rule == id && !alert.clearedAt) clear(std::string(alert.key), alert.value);
  }
}

void AlertBook::tell(const Alert& alert) {
  if (changed_) changed_(alert);
  if (silencedUntil(alert) > nowMs()) return;
  for (const auto& [id, channel] : channels_) {
    if (!channel.enabled || alert.severity < channel.least) continue;
    const bool inside = channel.folder.empty() || (alert.labels.contains("folder") || !alert.flow.empty());
    if (inside && auth::covers(channel.folder, alert.folder)) notifier_.tell(channel, alert, linkOf(alert));
  }
}

void AlertBook::keep(const Alert& alert) {
  const auto oldest = alerts_.size() >= kMostKept ? alerts_.back().number : 0;
  writes_.push_back(store_.keep({alert.number, jsonOf(alert)}, oldest, Waker()));
}

Alert* AlertBook::find(std::int64_t number) {
  const auto found = std::ranges::find(alerts_, number, &Alert::number);
  return found == alerts_.end() ? nullptr : &*found;
}

std::int64_t AlertBook::silencedUntil(const Alert& alert) const {
  const auto found = silences_.find(alert.key);
  return found == silences_.end() ? 0 : found->second;
}

Operation<Unit> AlertBook::acknowledge(Alert& alert, std::string_view who, Waker waker) {
  alert.acknowledgedAt = nowMs();
  alert.acknowledgedBy = who;
  return store_.keep({alert.number, jsonOf(alert)}, 0, std::move(waker));
}

Operation<Unit> AlertBook::silence(const Alert& alert, std::int64_t untilMs, Waker waker) {
  if (untilMs <= nowMs()) {
    silences_.erase(alert.key);
    return remove("silence", alert.key, std::move(waker));
  }
  silences_[alert.key] = untilMs;
  return put({"silence", alert.key, std::to_string(untilMs)}, std::move(waker));
}

Operation<Unit> AlertBook::putRule(AlertRule rule, Waker waker) {
  const auto id = rule.id;
  auto document = jsonOf(rule);
  auto kept = put({"rule", id, std::move(document)}, std::move(waker));
  // What it has raised so far was by other bounds.
  clearRule(id);
  rules_.erase(id);
  rules_.emplace(id, RuleWatch(std::move(rule)));
  return kept;
}

Operation<Unit> AlertBook::removeRule(const std::string& id, Waker waker) {
  auto kept = remove("rule", id, std::move(waker));
  clearRule(id);
  rules_.erase(id);
  return kept;
}

Operation<Unit> AlertBook::putChannel(Channel channel, Waker waker) {
  const auto id = channel.id;
  auto document = jsonOf(channel);
  channels_[id] = std::move(channel);
  return put({"channel", id, std::move(document)}, std::move(waker));
}

Operation<Unit> AlertBook::removeChannel(const std::string& id, Waker waker) {
  channels_.erase(id);
  notifier_.forget(id);
  return remove("channel", id, std::move(waker));
}

Alert AlertBook::example(const Channel& channel) const {
  Alert alert{.key = std::string(kTestKey),
              .name = "A test of this channel",
              .message = "Somebody asked for it; nothing is wrong."};
  alert.severity = Severity::info;
  alert.folder = channel.folder;
  alert.raisedAt = nowMs();
  return alert;
}

std::string AlertBook::linkOf(const Alert& alert) const {
  return publicUrl_.empty() || alert.number == 0 ? publicUrl_
                                                 : publicUrl_ + "/api/v1/alerts/" + std::to_string(alert.number);
}

}  // namespace weir::alerts
