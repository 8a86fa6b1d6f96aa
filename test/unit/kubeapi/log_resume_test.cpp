// Reading a log again: in small worlds, all that can happen is tried.
#include "kubeapi/log_resume.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace quartermaster;

namespace {

using kubeapi::LogMark;
using kubeapi::LogPosition;
using kubeapi::LogResume;

Timestamp at_time(int milliseconds) {
  return Timestamp(std::chrono::hours(24 * 365)) + std::chrono::milliseconds(milliseconds);
}

struct Line {
  int number;
  int time;  // in milliseconds
};

/// The logs of a container's instances, of which those of the last two can be read.
struct Container {
  std::vector<std::vector<Line>> instances = {{}};
  std::size_t rotated = 0;  // lines of the last one that are gone
  int next = 0;

  void write(int time) { instances.back().push_back({next++, time}); }
  void restart() {
    instances.emplace_back();
    rotated = 0;
  }
  void rotate() { rotated = instances.back().size(); }
  /// Nothing has been written since the last rotation, which takes longer than a nanosecond.
  bool rotated_last() const { return rotated > 0 && rotated == instances.back().size(); }
  /// Whether a line is of the last instance.
  bool begun(int number) const {
    return std::ranges::any_of(instances.back(), [number](const Line& line) { return line.number == number; });
  }
  int restarts() const { return static_cast<int>(instances.size()) - 1; }

  /// As the kubelet gives it.
  std::vector<Line> read(std::size_t instance, const LogPosition& from) const {
    std::vector<Line> lines;
    const auto& all = instances[instance];
    for (std::size_t i = instance + 1 == instances.size() ? rotated : 0; i < all.size(); ++i) {
      if (!from.time || at_time(all[i].time) >= from.since()) lines.push_back(all[i]);
    }
    return lines;
  }
};

/// Reads as the follower does: each reading up to a number of lines, where its connection breaks.
class Reader {
 public:
  explicit Reader(LogPosition at = {}, bool in_middle = false) : resume_(at, in_middle) {}

  /// `status`: how many restarts the pod's status has. The log is the one at the beginning, as `container` is now.
  void read(const Container& container, int status, std::size_t most = 1000) {
    resume_.begin(status);
    const auto lines = container.read(container.instances.size() - 1, resume_.at());
    for (std::size_t i = 0; i < lines.size() && i < most; ++i) take(container, lines[i]);
    if (most >= lines.size() && resume_.lost()) look_back(container);
  }

  std::vector<int> numbers;
  std::string marks;  // "g" and "r", and "." for each line

  const LogPosition& at() const { return resume_.at(); }
  LogResume& machine() { return resume_; }

 private:
  void take(const Container& container, const Line& line) {
    auto step = resume_.line(at_time(line.time));
    tell();
    if (step == LogResume::Step::look_back) {
      look_back(container);
      step = resume_.line(at_time(line.time));
      tell();
    }
    REQUIRE(step != LogResume::Step::look_back);
    if (step == LogResume::Step::deliver) deliver(line);
  }
  void look_back(const Container& container) {
    const auto from = resume_.at();
    resume_.begin_former();
    if (container.instances.size() > 1) {
      for (const auto& line : container.read(container.instances.size() - 2, from)) {
        const auto step = resume_.line(at_time(line.time));
        tell();
        if (step == LogResume::Step::deliver) deliver(line);
      }
    }
    resume_.end_former();
    tell();
  }
  void deliver(const Line& line) {
    numbers.push_back(line.number);
    marks += '.';
    resume_.delivered(at_time(line.time));
  }
  void tell() {
    while (const auto mark = resume_.next_mark()) marks += *mark == LogMark::gap ? 'g' : 'r';
  }

  LogResume resume_;
};

std::vector<int> first(int count) {
  std::vector<int> all;
  for (int i = 0; i < count; ++i) all.push_back(i);
  return all;
}

/// The same, without those that are missing.
bool ascends(const std::vector<int>& numbers) {
  for (std::size_t i = 1; i < numbers.size(); ++i)
    if (numbers[i] <= numbers[i - 1]) return false;
  return true;
}

/// All times of so many lines: each is as late as the one before, later, or a little earlier.
std::vector<std::vector<int>> all_times(std::size_t lines) {
  std::vector<std::vector<int>> all = {{5000}};
  for (std::size_t i = 1; i < lines; ++i) {
    std::vector<std::vector<int>> longer;
    for (const auto& times : all) {
      for (const int step : {0, 1, 700, -1, -300}) {
        longer.push_back(times);
        longer.back().push_back(times.back() + step);
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace

TEST_CASE("log resume: wherever a connection breaks, and whatever the times, each line comes once") {
  for (const auto& times : all_times(5)) {
    for (std::size_t written = 0; written <= times.size(); ++written) {
      for (std::size_t cut = 0; cut <= written; ++cut) {
        Container container;
        for (std::size_t i = 0; i < written; ++i) container.write(times[i]);
        Reader reader;
        reader.read(container, 0, cut);
        for (std::size_t i = written; i < times.size(); ++i) container.write(times[i]);
        reader.read(container, 0, 2);
        reader.read(container, 0);
        REQUIRE(reader.numbers == first(static_cast<int>(times.size())));
        REQUIRE(reader.marks == ".....");
      }
    }
  }
}

TEST_CASE("log resume: a restart while nobody reads loses nothing, and is told once, however late the status is") {
  for (const auto& times : all_times(4)) {
    for (std::size_t ended = 1; ended <= times.size(); ++ended) {
      for (std::size_t cut = 1; cut <= ended; ++cut) {
        for (const int status : {0, 1}) {
          Container container;
          for (std::size_t i = 0; i < ended; ++i) container.write(times[i]);
          Reader reader;
          reader.read(container, 0, cut);
          container.restart();
          reader.read(container, status);  // nothing of the new instance is there yet
          // Where the status tells that it is another instance, that may begin at the time of the last line before.
          const int later = status == 1 ? 0 : 20'000;
          for (std::size_t i = ended; i < times.size(); ++i) container.write(later + times[i]);
          reader.read(container, status);
          reader.read(container, 1);
          CAPTURE(times, ended, cut, status);
          REQUIRE(reader.numbers == first(static_cast<int>(times.size())));
          REQUIRE(reader.marks == std::string(ended, '.') + "r" + std::string(times.size() - ended, '.'));
          REQUIRE(reader.at().restarts == 1);
        }
      }
    }
  }
}

TEST_CASE("log resume: what is lost is told as a gap, and nothing comes twice") {
  // Any sequence of what can happen (write, write at the same time, restart, rotate), with readings in between.
  std::vector<std::string> sequences = {""};
  for (int i = 0; i < 6; ++i) {
    std::vector<std::string> longer;
    for (const auto& sequence : sequences)
      for (const char event : {'w', 's', 'R', 'o'}) longer.push_back(sequence + event);
    sequences = std::move(longer);
  }
  for (const auto& sequence : sequences) {
    for (const unsigned readings : {0b111111U, 0b101010U, 0b010010U, 0b001000U, 0b000001U}) {
      for (const std::size_t most : {1U, 1000U}) {
        Container container;
        Reader reader;
        int time = 1000;
        container.write(time);
        reader.read(container, 0);
        for (std::size_t i = 0; i < sequence.size(); ++i) {
          if (sequence[i] == 'w') container.write(time += 400);
          if (sequence[i] == 's') container.write(container.rotated_last() ? time += 1 : time);
          if (sequence[i] == 'R') container.restart(), time += 10'000;
          // What is gone before anything of its instance was read cannot be missed.
          if (sequence[i] == 'o' && container.begun(reader.numbers.back())) container.rotate();
          if (((readings >> i) & 1U) != 0) reader.read(container, container.restarts(), most);
        }
        for (int i = 0; i < 8; ++i) reader.read(container, container.restarts());
        CAPTURE(sequence, readings, most, reader.marks);
        REQUIRE(ascends(reader.numbers));
        const bool lost = reader.numbers.size() != static_cast<std::size_t>(container.next);
        // Lines that were written and lost behind the last one that came are not missed yet.
        const bool missed = lost && !reader.numbers.empty() && reader.numbers.back() == container.next - 1;
        if (missed) REQUIRE(reader.marks.find('g') != std::string::npos);
      }
    }
  }
}

TEST_CASE("log resume: a clock that is set back loses nothing") {
  Container container;
  container.write(100'000);
  container.write(50'000);
  Reader reader;
  reader.read(container, 0);
  CHECK(reader.at().back == std::chrono::seconds(50));
  container.write(50'001);
  reader.read(container, 0);
  container.write(50'002);
  container.write(100'001);
  reader.read(container, 0);
  CHECK(reader.numbers == first(5));
  CHECK(reader.marks == ".....");
}

TEST_CASE("log resume: a reading that began in the middle of lines of one time skips all of these") {
  Container container;
  for (int i = 0; i < 3; ++i) container.write(1000);
  Reader reader({}, true);
  reader.machine().begin(0);
  REQUIRE(reader.machine().line(at_time(1000)) == LogResume::Step::deliver);  // the last one of three: tail=1
  reader.machine().delivered(at_time(1000));
  CHECK(reader.at().count == LogPosition::kSome);
  container.write(1001);
  reader.read(container, 0);
  CHECK(reader.numbers == std::vector<int>{3});
  CHECK(reader.marks == ".");
  CHECK(reader.at().count == 1);
}

TEST_CASE("log resume: a position goes on in another reader") {
  Container container;
  for (const int time : {1000, 1000, 1001}) container.write(time);
  Reader before;
  before.read(container, 0, 2);
  container.restart();
  container.write(9000);
  Reader after(before.at());
  after.read(container, 1);
  CHECK(after.numbers == std::vector<int>{2, 3});
  CHECK(after.marks == ".r.");
}

TEST_CASE("log resume: the first line of an instance counts, though it has the time of the last one before") {
  Container container;
  for (const int time : {1000, 1000}) container.write(time);
  Reader reader;
  reader.read(container, 0);
  container.restart();
  for (const int time : {1000, 1000, 999}) container.write(time);
  reader.read(container, 1, 1);
  reader.read(container, 1);
  CHECK(reader.numbers == first(5));
  CHECK(reader.marks == "..r...");
}

TEST_CASE("log resume: from a time on that no line has, what is older is left out, and all that comes is new") {
  Container container;
  for (const int time : {1000, 2000}) container.write(time);
  const LogPosition from{.time = at_time(2500)};
  Reader reader(from);
  reader.read(container, 0);
  CHECK(reader.numbers.empty());
  CHECK(reader.at() == from);
  SECTION("of the same instance") {
    for (const int time : {2500, 2499, 2600}) container.write(time);
    Reader after(reader.at());
    for (Reader* each : {&reader, &after}) {
      each->read(container, 0);
      CHECK(each->numbers == std::vector<int>{2, 3, 4});
      CHECK(each->marks == "...");
    }
  }
  SECTION("and of the next") {
    container.write(2600);
    container.restart();
    container.write(2600);
    reader.read(container, 1);
    CHECK(reader.numbers == std::vector<int>{2, 3});
    CHECK(reader.marks == ".r.");
  }
  SECTION("of the next one but one, with a gap") {
    for (int i = 0; i < 2; ++i) {
      container.write(2600);
      container.restart();
    }
    container.write(2700);
    reader.read(container, 2);
    CHECK(reader.numbers == std::vector<int>{3, 4});
    CHECK(reader.marks == "g.r.");
  }
}

TEST_CASE("log resume: of an empty log all that comes is new, in another reader, too") {
  Container container;
  Reader reader(LogPosition{.time = LogPosition::kBegin});
  reader.read(container, 0);
  container.write(1000);
  container.restart();
  container.write(9000);
  Reader after(reader.at());
  after.read(container, 1);
  CHECK(after.numbers == first(2));
  CHECK(after.marks == ".r.");
  CHECK(reader.at().since() == Timestamp());
}

TEST_CASE("log resume: of an instance of which nothing was seen, the status tells that it is over") {
  Container container;
  Reader reader;
  reader.read(container, 0);
  container.write(1000);
  container.restart();
  container.write(9000);
  reader.read(container, 1);
  CHECK(reader.numbers == first(2));
  CHECK(reader.marks == ".r.");
}

TEST_CASE("log resume: what has no time is told once, and does not count") {
  LogResume resume{LogPosition()};
  resume.begin(0);
  CHECK(resume.line({}) == LogResume::Step::deliver);
  resume.delivered({});
  CHECK(resume.at() == LogPosition());
  resume.begin(0);
  CHECK(resume.line({}) == LogResume::Step::skip);
  CHECK(resume.line(at_time(1)) == LogResume::Step::deliver);
  resume.delivered(at_time(1));
  CHECK(resume.line({}) == LogResume::Step::deliver);
  resume.begin(0);
  CHECK(resume.line({}) == LogResume::Step::skip);
}

TEST_CASE("log resume: a new file after the whole of the one before is no gap, but another instance may be one") {
  // What the status says of restarts; whether there is a former log; the marks.
  const auto [restarts, former, marks] = GENERATE(table<int, bool, std::string>(
      {{0, false, ""}, {1, false, "gap restart"}, {1, true, "restart"}, {2, true, "gap restart"}}));
  LogResume resume{LogPosition()};
  resume.begin(0);
  REQUIRE(resume.line(at_time(1000)) == LogResume::Step::deliver);
  resume.delivered(at_time(1000));
  resume.begin(restarts, true);
  REQUIRE(resume.line(at_time(2000)) == LogResume::Step::look_back);
  resume.begin_former();
  if (former) {
    REQUIRE(resume.line(at_time(1500)) == LogResume::Step::deliver);
    resume.delivered(at_time(1500));
  }
  resume.end_former();
  CHECK(resume.line(at_time(2000)) == LogResume::Step::deliver);
  std::string all;
  while (const auto mark = resume.next_mark()) {
    all += (all.empty() ? "" : " ") + std::string(*mark == LogMark::gap ? "gap" : "restart");
  }
  CHECK(all == marks);
}

TEST_CASE("log resume: the position says from when to read, a whole second") {
  LogPosition at{.time = at_time(5999)};
  CHECK(at.since() == at_time(3000));
  at.back = std::chrono::seconds(4);
  CHECK(at.since() == at_time(-1000));
}
