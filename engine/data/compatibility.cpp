// Comparing schemas field by field.
#include "engine/data/compatibility.h"

#include <algorithm>

namespace weir {
namespace {

class Comparison {
 public:
  void compareFields(std::span<const Field> before, std::span<const Field> after, const std::string& prefix) {
    for (const auto& old : before) {
      const auto now = std::ranges::find(after, old.name, &Field::name);
      if (now == after.end()) {
        note(prefix + old.name, "removed", "whoever reads it finds nothing; keep it, or add it back as nullable", true);
      } else {
        compareField(old, *now, prefix + old.name);
      }
    }
    for (const auto& now : after) {
      if (std::ranges::find(before, now.name, &Field::name) == before.end())
        note(prefix + now.name, "added as " + typeName(*now.type) + (now.nullable ? "?" : ""),
             "whoever expects the old fields does not look at it", false);
    }
    noteOrder(before, after, prefix);
  }

  [[nodiscard]] Compatibility finish() && { return std::move(result_); }

 private:
  void note(std::string field, std::string what, std::string reason, bool breaking) {
    result_.compatible = result_.compatible && !breaking;
    result_.changes.push_back({std::move(field), std::move(what), std::move(reason), breaking});
  }

  void noteOrder(std::span<const Field> before, std::span<const Field> after, const std::string& prefix) {
    auto next = after.begin();
    for (const auto& old : before) {
      if (std::ranges::find(after, old.name, &Field::name) == after.end()) continue;
      next = std::find_if(next, after.end(), [&](const Field& field) { return field.name == old.name; });
      if (next == after.end()) {
        note(prefix + old.name, "moved", "fields are found by name", false);
        return;
      }
    }
  }

  void compareField(const Field& old, const Field& now, const std::string& path) {
    if (!old.nullable && now.nullable)
      note(path, "made nullable", "whoever counts on a value may meet null; give a default, or filter nulls before",
           true);
    if (old.nullable && !now.nullable)
      note(path, "made required", "a value that is always there is also one that may be", false);
    if (old.sensitive && !now.sensitive)
      note(path, "marked as not sensitive", "its values would be shown in logs and previews where they were hidden",
           true);
    if (!old.sensitive && now.sensitive) note(path, "marked as sensitive", "only what is shown of it changes", false);
    compareTypes(old.type, now.type, path);
  }

  void compareTypes(const TypeRef& old, const TypeRef& now, const std::string& path) {
    if (old == now) return;
    if (old->kind == Kind::map && now->kind == Kind::map) {
      compareFields(old->fields, now->fields, path + ".");
      return;
    }
    if (old->kind == Kind::list && now->kind == Kind::list) {
      compareTypes(old->element, now->element, path + "[]");
      return;
    }
    const auto what = "type changed from " + typeName(*old) + " to " + typeName(*now);
    const bool whole = now->kind == Kind::int64 || now->kind == Kind::uint64;
    if (old->kind == Kind::any) {
      note(path, what, "any value was expected", false);
    } else if (old->kind == Kind::float64 && whole) {
      note(path, what, "whole numbers are read as double", false);
    } else if (old->kind == now->kind && now->kind != Kind::tensor && now->unit == TimeUnit::nanos) {
      note(path, what, "times keep all their digits", false);
    } else if (now->kind == Kind::float64 && (old->kind == Kind::int64 || old->kind == Kind::uint64)) {
      note(path, what, "fractions and very large numbers do not fit whole numbers; convert with int(…)", true);
    } else if (old->kind == now->kind && old->kind != Kind::tensor) {
      note(path, what, "digits behind the microsecond are lost", true);
    } else {
      note(path, what, "values of the new type cannot be read as the old one; convert them in a map node", true);
    }
  }

  Compatibility result_;
};

}  // namespace

Compatibility compareSchemas(const Schema& before, const Schema& after) {
  Comparison comparison;
  comparison.compareFields(before.fields(), after.fields(), "");
  return std::move(comparison).finish();
}

}  // namespace weir
