#!/usr/bin/env python3
"""Writes engine/regex/unicode-tables.gen.cpp: categories, scripts and case folding, as few bytes as is simple.

Categories come from Python's unicodedata; scripts and simple case folding, which Python does not carry, from perl's
Unicode::UCD. Both must be of the same Unicode version. Usage: tools/generate-unicode-tables.py > <the file>
"""
import subprocess
import sys
import unicodedata

LAST = 0x10FFFF


def perl_map(property_name):
    """The starts and values of one property, as perl's inversion map."""
    program = (
        "use Unicode::UCD qw(prop_invmap);"
        f'my ($l, $m) = prop_invmap("{property_name}");'
        'print Unicode::UCD::UnicodeVersion(), "\\n"; print "$l->[$_] $m->[$_]\\n" for 0..$#$l;'
    )
    lines = subprocess.run(["perl", "-e", program], check=True, capture_output=True, text=True).stdout.split("\n")
    if lines[0] != unicodedata.unidata_version:
        sys.exit(f"perl has Unicode {lines[0]}, Python {unicodedata.unidata_version}: use matching versions")
    pairs = [line.split(" ", 1) for line in lines[1:] if line]
    return [(int(start), value) for start, value in pairs]


def runs(values):
    """[(length, value)] of equal neighbours."""
    out = []
    for value in values:
        if out and out[-1][1] == value:
            out[-1][0] += 1
        else:
            out.append([1, value])
    return out


def varint(number):
    out = []
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    return out + [number]


def expand(pairs):
    values = []
    for index, (start, value) in enumerate(pairs):
        stop = pairs[index + 1][0] if index + 1 < len(pairs) else LAST + 1
        values.extend([value] * (min(stop, LAST + 1) - start))
    return values


def packed(values, names):
    index = {name: number for number, name in enumerate(names)}
    out = []
    for length, value in runs(values):
        out += varint(length) + [index[value]]
    return out


def fold_orbits():
    folded = expand(perl_map("Simple_Case_Folding"))
    pairs = perl_map("Simple_Case_Folding")
    for index, (start, value) in enumerate(pairs):
        stop = pairs[index + 1][0] if index + 1 < len(pairs) else LAST + 1
        for code in range(start, min(stop, LAST + 1)):
            folded[code] = code if int(value) == 0 else int(value) + code - start
    groups = {}
    for code in range(LAST + 1):
        if folded[code] != code:
            groups.setdefault(folded[code], [folded[code]]).append(code)
    following = {}
    for group in groups.values():
        group.sort()
        for position, code in enumerate(group):
            following[code] = group[(position + 1) % len(group)]
    out = []  # low, count, stride, delta
    for code in sorted(following):
        delta = following[code] - code
        for run in reversed(out[-3:]):
            low, count, stride, run_delta = run
            if run_delta == delta and count == 1 and code - low in (1, 2):
                run[1], run[2] = 2, code - low
                break
            if run_delta == delta and count > 1 and code == low + count * stride:
                run[1] += 1
                break
        else:
            out.append([code, 1, 1, delta])
    return out


def array(numbers):
    lines, line = [], " "
    for number in numbers:
        word = f" {number},"
        if len(line) + len(word) > 118:
            lines.append(line)
            line = " "
        line += word
    return "\n".join(lines + [line])


def main():
    categories = [unicodedata.category(chr(code)) for code in range(LAST + 1)]
    category_names = sorted(set(categories))
    scripts = expand(perl_map("Script"))
    script_names = sorted(set(scripts))
    quoted = lambda names: array([f'"{name}"' for name in names])
    folds = array([f"{{{low}, {count}, {stride}, {delta}}}" for low, count, stride, delta in fold_orbits()])
    print(f"""// Unicode {unicodedata.unidata_version} categories, scripts and case folding; written by tools/generate-unicode-tables.py.
#include "engine/regex/unicode-tables.h"

// clang-format off
namespace weir::regex {{
namespace {{

constexpr std::string_view kCategoryNames[] = {{
{quoted(category_names)}
}};

constexpr std::string_view kScriptNames[] = {{
{quoted(script_names)}
}};

constexpr std::uint8_t kCategoryRuns[] = {{
{array(packed(categories, category_names))}
}};

constexpr std::uint8_t kScriptRuns[] = {{
{array(packed(scripts, script_names))}
}};

constexpr FoldRun kFoldRuns[] = {{
{folds}
}};

}}  // namespace

UnicodeTable unicodeCategories() noexcept {{ return {{kCategoryNames, kCategoryRuns}}; }}
UnicodeTable unicodeScripts() noexcept {{ return {{kScriptNames, kScriptRuns}}; }}
std::span<const FoldRun> unicodeFoldRuns() noexcept {{ return kFoldRuns; }}

}}  // namespace weir::regex""")


main()
