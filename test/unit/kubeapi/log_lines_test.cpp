// Lines with timestamps, in pieces of any size.
#include "kubeapi/log_lines.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace quartermaster;

namespace {

constexpr std::string_view kStamp = "2024-01-02T03:04:05.000000007Z";

struct Line {
  std::string text;
  std::string time;
  bool operator==(const Line&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Line& line) { return out << line.time << "|" << line.text; }

struct Read {
  std::vector<Line> lines;
  std::string left;  // of a line that has not ended
};

Read read(std::string_view bytes, std::size_t piece) {
  kubeapi::LogLines lines;
  Read result;
  Line line;
  const auto take = [&](const kubeapi::LogFragment& fragment) {
    if (fragment.begins) {
      line = {.text = {}, .time = format_timestamp(fragment.time)};
      CHECK((fragment.stamp.empty() == !fragment.time));
    }
    line.text += fragment.text;
    if (fragment.ends) result.lines.push_back(std::exchange(line, {}));
  };
  while (!bytes.empty()) {
    auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (const auto fragment = lines.next(part)) take(*fragment);
    CHECK(part.empty());
  }
  if (const auto fragment = lines.rest()) take(*fragment);
  if (lines.inside()) result.left = line.text;
  return result;
}

std::string stamped(std::string_view text) { return std::string(kStamp).append(" ").append(text); }

const std::string kTime = format_timestamp(parse_timestamp(kStamp));

std::size_t any_piece() { return GENERATE(1U, 2U, 7U, 31U, 32U, 37U, 4096U, 16384U, 100000U); }

}  // namespace

TEST_CASE("log lines: each has its time, and is what stands behind it") {
  const auto piece = any_piece();
  const auto got = read(stamped("one\n") + stamped("\n") + stamped(" two  2024-01-01T00:00:00Z \n"), piece);
  CHECK(got.lines == std::vector<Line>{{"one", kTime}, {"", kTime}, {" two  2024-01-01T00:00:00Z ", kTime}});
  CHECK(got.left.empty());
}

TEST_CASE("log lines: times come with any offset, and any number of digits") {
  const auto piece = any_piece();
  const auto got =
      read("2024-01-02T04:04:05.5+01:00 a\n2024-01-02T03:04:05Z b\n2024-01-02T03:04:05.123456789-00:00 c\n", piece);
  REQUIRE(got.lines.size() == 3);
  CHECK(got.lines[0] == Line{"a", "2024-01-02T03:04:05.5Z"});
  CHECK(got.lines[1] == Line{"b", "2024-01-02T03:04:05Z"});
  CHECK(got.lines[2].text == "c");
}

TEST_CASE("log lines: what has no time is a line, too") {
  const auto piece = any_piece();
  const auto got = read("unable to retrieve container logs for containerd://1\nx\n\n" + stamped("a\n") +
                            "2024-01-02T03:04:05Zno blank\n2024-13-02T03:04:05.000000007Z no month\n",
                        piece);
  REQUIRE(got.lines.size() == 6);
  CHECK(got.lines[0] == Line{"unable to retrieve container logs for containerd://1", ""});
  CHECK(got.lines[1] == Line{"x", ""});
  CHECK(got.lines[2] == Line{"", ""});
  CHECK(got.lines[3] == Line{"a", kTime});
  CHECK(got.lines[4] == Line{"2024-01-02T03:04:05Zno blank", ""});
  CHECK(got.lines[5] == Line{"2024-13-02T03:04:05.000000007Z no month", ""});
}

TEST_CASE("log lines: what ends without a line feed is told") {
  const auto piece = any_piece();
  CHECK(read(stamped("a\n") + stamped("b"), piece).left == "b");
  CHECK(read(stamped("a\nxyz"), piece).left == "xyz");
  CHECK(read(stamped("a\n2024-01-02T"), piece).left == "2024-01-02T");
  CHECK(read(stamped("a\n"), piece).left.empty());
}

TEST_CASE("log lines: the timestamps of a line's parts, which older kubelets write, are not of its text") {
  const auto piece = any_piece();
  const std::string part(16384, 'x'), later = "2024-01-02T03:04:06.000000000Z ";
  const auto whole = part + part + "end";
  CHECK(read(stamped(part + later + part + later + "end\n"), piece).lines == std::vector<Line>{{whole, kTime}});
  CHECK(read(stamped(part + part + "end\n"), piece).lines == std::vector<Line>{{whole, kTime}});
  CHECK(read(stamped(part + "\n") + stamped("b\n"), piece).lines == std::vector<Line>{{part, kTime}, {"b", kTime}});
}

TEST_CASE("log lines: what looks like a timestamp elsewhere is text") {
  const auto piece = any_piece();
  const std::string part(16384, 'x'), before = "2024-01-02T03:04:04.000000000Z ", much_later = "2024-01-02T05:04:06Z ";
  for (const auto& text : {part + before + "y", part + much_later + "y", part.substr(1) + before + "y",
                           part + "y " + before, part + "2024", part + before.substr(0, 20)}) {
    CHECK(read(stamped(text + "\n"), piece).lines == std::vector<Line>{{text, kTime}});
  }
}
