#include "test/history/ledger.hpp"

#include <algorithm>

namespace quartermaster::history {
namespace {

std::string print(const Change& change) {
  auto text = std::string(change.sure ? "#" : "perhaps #") + std::to_string(change.index) +
              (change.removes ? " removed" : "") + " at " + std::to_string(change.earliest);
  return change.latest == change.earliest ? text : text + ".." + std::to_string(change.latest);
}

}  // namespace

Version Ledger::end_before(const std::vector<Change>& changes, std::size_t next) {
  while (next < changes.size() && !changes[next].sure) ++next;
  return next < changes.size() ? changes[next].latest - 1 : kForever;
}

Ledger::Intervals Ledger::when(const Sight& sight, Version floor) const {
  const auto& changes = changes_[sight.object];
  Intervals result;
  const auto add = [&](Version first, std::size_t next) {
    const auto last = end_before(changes, next);
    if (last >= floor && first <= last) result.push_back({std::max(first, floor), last});
  };
  if (sight.index == kAbsent) add(0, 0);
  for (std::size_t i = 0; i < changes.size() && changes[i].index <= sight.attempted; ++i) {
    const auto& change = changes[i];
    const bool seen = sight.index == kAbsent ? change.removes : change.index == sight.index && !change.removes;
    if (seen) add(change.earliest, i + 1);
  }
  return result;
}

std::string Ledger::history_of(const Sight& sight, Version floor) const {
  const auto& changes = changes_[sight.object];
  auto text = "object " + std::to_string(sight.object) + " was seen " +
              (sight.index == kAbsent ? std::string("absent") : "as of #" + std::to_string(sight.index)) +
              ", of changes up to #" + std::to_string(sight.attempted) + ":";
  const auto at = std::ranges::find_if(changes, [&](const Change& c) { return c.latest >= floor; });
  const auto middle = static_cast<std::size_t>(at - changes.begin());
  for (auto i = middle - std::min<std::size_t>(middle, 6); i < std::min(changes.size(), middle + 6); ++i) {
    text += " " + print(changes[i]);
  }
  return text;
}

std::optional<std::string> Ledger::violation(const Read& read) const {
  const auto describe = [&read](const std::string& what) {
    return "read " + std::to_string(read.number) + ", " + read.what + ": asked for " + std::to_string(read.asked) +
           ", said " + (read.said ? std::to_string(*read.said) : "nothing") + ": " + what;
  };
  if (read.said && *read.said < read.asked) return describe("the answer says that it is older than what was asked for");
  const auto floor = std::max(read.asked, read.said.value_or(0));
  Intervals all = {{floor, kForever}};
  for (const auto& sight : read.seen) {
    const auto own = when(sight, floor);
    if (own.empty()) {
      const bool known = sight.index == kAbsent || std::ranges::find(changes_[sight.object], sight.index,
                                                                     &Change::index) != changes_[sight.object].end();
      return describe((known ? "too old: " : "never written: ") + history_of(sight, floor));
    }
    Intervals common;
    for (const auto& a : all) {
      for (const auto& b : own) {
        const Interval both{std::max(a.first, b.first), std::min(a.last, b.last)};
        if (both.first <= both.last) common.push_back(both);
      }
    }
    if (common.empty()) {
      auto text = describe("mixes versions:");
      for (const auto& other : read.seen) text += "\n  " + history_of(other, floor);
      return text;
    }
    all = std::move(common);
  }
  return std::nullopt;
}

}  // namespace quartermaster::history
