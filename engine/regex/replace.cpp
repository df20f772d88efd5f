// Replaces matches by a rewrite with group references.
#include "engine/regex/regex.h"

namespace weir::regex {
namespace {

// Fails unless every backslash in `rewrite` is followed by another one or by the number of a group that exists.
Result<Unit> checkRewrite(std::string_view rewrite, std::int32_t groupCount) {
  for (std::size_t i = 0; i < rewrite.size(); ++i) {
    if (rewrite[i] != '\\') continue;
    const auto where = "position " + std::to_string(i) + " of the replacement: ";
    ++i;
    if (i < rewrite.size() && rewrite[i] == '\\') continue;
    if (i >= rewrite.size() || rewrite[i] < '0' || rewrite[i] > '9')
      return fail("regex.rewrite", where +
                                       "found a \\ that is not followed by a digit or by another \\; write \\\\ for "
                                       "the character itself");
    if (rewrite[i] - '0' > groupCount)
      return fail("regex.rewrite", where + "found \\" + rewrite[i] + ", but the pattern has " +
                                       std::to_string(groupCount) + " groups; refer to one of them");
  }
  return Unit{};
}

void appendRewrite(std::string_view rewrite, std::string_view text, std::span<const Span> groups, std::string& out) {
  for (std::size_t i = 0; i < rewrite.size(); ++i) {
    if (rewrite[i] != '\\') {
      out.push_back(rewrite[i]);
    } else if (rewrite[++i] == '\\') {
      out.push_back('\\');
    } else {
      out.append(groups[static_cast<std::size_t>(rewrite[i] - '0')].in(text));
    }
  }
}

}  // namespace

Result<std::string> Regex::replace(std::string_view text, std::string_view rewrite, Scratch& scratch,
                                   std::int64_t limit) const {
  WEIR_TRY(checkRewrite(rewrite, groupCount()));
  const bool needsGroups = rewrite.find('\\') != std::string_view::npos;
  std::string out;
  MatchCursor cursor;
  std::int64_t copied = 0;
  for (; limit != 0; --limit) {
    const auto match = findNext(text, cursor, scratch);
    if (!match) break;
    out.append(Span{copied, match->begin}.in(text));
    Span groups[10];
    if (needsGroups) groupsOf(text, *match, scratch, groups);
    appendRewrite(rewrite, text, groups, out);
    copied = match->end;
  }
  out.append(text.substr(static_cast<std::size_t>(copied)));
  return out;
}

}  // namespace weir::regex
