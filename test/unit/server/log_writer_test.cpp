// Lines of a log in the forms that callers ask for.
#include "server/api/log_writer.hpp"

#include <catch2/catch.hpp>

#include "test/support/json.hpp"

namespace quartermaster::test {
namespace {

using api::LogShape;
using api::LogWriter;
using kubeapi::LogMark;
using kubeapi::LogPosition;

constexpr std::string_view kStamp = "2024-01-02T03:04:05.000000007Z";

struct WriterFixture {
  asio::io_context loop{1};
  std::shared_ptr<api::LogPipe> pipe = std::make_shared<api::LogPipe>(loop.get_executor());
  std::optional<LogWriter> writer_;
  LogPosition at{.time = parse_timestamp(kStamp), .count = 1};

  LogWriter& writer(api::LogFormat format) { return writer_.emplace(pipe, std::move(format), "p", "c", "s"); }
  /// What has been written since the last time.
  std::string written() { return std::exchange(pipe->out(), {}); }

  void line(std::string_view text, bool open = false) {
    writer_->fragment({.text = text, .time = at.time, .stamp = kStamp, .begins = true, .ends = true, .open = open}, at);
  }
  void part(std::string_view text, bool begins, bool ends) {
    writer_->fragment({.text = text, .time = at.time, .stamp = begins ? kStamp : "", .begins = begins, .ends = ends},
                      at);
  }
};

const std::string kCursor = "s.";  // and so on

TEST_CASE_METHOD(WriterFixture, "log writer: text is the line, with its time if that is asked for") {
  writer({});
  line("one \xff");
  line("");
  CHECK(written() == "one \xff\n\n");
  writer({.timestamps = true});
  line("one");
  CHECK(written() == std::string(kStamp) + " one\n");
  writer_->mark(LogMark::gap, at);
  writer_->mark(LogMark::restart, at);
  CHECK(written().empty());
}

TEST_CASE_METHOD(WriterFixture, "log writer: a line that ended without a line feed gets one when another follows") {
  writer({});
  line("cut off", true);
  CHECK(written() == "cut off");
  line("next");
  CHECK(written() == "\nnext\n");
}

TEST_CASE_METHOD(WriterFixture, "log writer: a JSON line has all that there is to know, and a marker is one, too") {
  writer({.shape = LogShape::json_lines});
  line("say \"hi\" \xff\x01");
  const auto text = written();
  CHECK(text.ends_with("\n"));
  const auto json = parse_json(text);
  CHECK(text_at(json, "/pod") == "p");
  CHECK(text_at(json, "/container") == "c");
  CHECK(text_at(json, "/time") == kStamp);
  CHECK(text_at(json, "/line") == "say \"hi\" \xef\xbf\xbd\x01");
  CHECK(*api::LogCursor::parse(text_at(json, "/cursor"))->find("s") == at);

  writer_->mark(LogMark::restart, at);
  const auto marker = parse_json(written());
  CHECK(text_at(marker, "/marker") == "restart");
  CHECK_FALSE(text_at(marker, "/message").empty());
  CHECK(text_at(marker, "/time") == "2024-01-02T03:04:05.000000007Z");
  CHECK(find(marker, "/line") == nullptr);
}

TEST_CASE_METHOD(WriterFixture, "log writer: times are told in UTC") {
  writer({.shape = LogShape::json_lines});
  writer_->fragment(
      {.text = "a", .time = at.time, .stamp = "2024-01-02T04:04:05.5+01:00", .begins = true, .ends = true}, at);
  CHECK(text_at(parse_json(written()), "/time") == "2024-01-02T03:04:05.5Z");
  writer_->fragment({.text = "a", .time = {}, .stamp = "", .begins = true, .ends = true}, at);
  CHECK(text_at(parse_json(written()), "/time").empty());
}

TEST_CASE_METHOD(WriterFixture, "log writer: events have the cursor as their id, and markers their names") {
  writer({.shape = LogShape::events});
  line("one");
  const auto text = written();
  CHECK(text.starts_with("id: s."));
  CHECK(text.find("\ndata: {\"pod\":\"p\",\"container\":\"c\",\"time\":\"" + std::string(kStamp) +
                  "\",\"line\":\"one\"}\n\n") != std::string::npos);
  writer_->mark(LogMark::gap, at);
  CHECK(written().find("\nevent: gap\ndata: {") != std::string::npos);
}

TEST_CASE_METHOD(WriterFixture, "log writer: only lines that contain a text are written, but all count") {
  writer({.contains = "b c"});
  line("a b d");
  line("a b c");
  line("b");
  part("a b", true, false);
  part(" c d", false, true);
  CHECK(written() == "a b c\na b c d\n");
  at.count = 9;
  line("not this");
  CHECK(pipe->cursor().find("s")->count == 9);
}

TEST_CASE_METHOD(WriterFixture, "log writer: a line comes whole, whatever pieces it came in, and again if it was cut") {
  for (const auto shape : {LogShape::text, LogShape::json_lines}) {
    writer({.shape = shape});
    part("on", true, false);
    part("", false, false);
    CHECK(written().empty());
    writer_->interrupted();
    part("on", true, false);
    part("e", false, true);
    if (shape == LogShape::text)
      CHECK(written() == "one\n");
    else
      CHECK(text_at(parse_json(written()), "/line") == "one");
  }
}

TEST_CASE_METHOD(WriterFixture, "log writer: a very long line is cut as JSON, and the next line says so") {
  writer({.shape = LogShape::json_lines});
  const std::string half(LogWriter::kMaxLine / 2, 'x');
  for (int i = 0; i < 5; ++i) part(half, i == 0, false);
  CHECK(written().empty());
  part("", false, true);
  const auto text = written();
  const auto feed = text.find('\n');
  CHECK(text_at(parse_json(text.substr(0, feed)), "/line") == half + half);
  CHECK(text_at(parse_json(text.substr(feed + 1)), "/marker") == "truncated");
  part(half, true, false);
  part(half, false, true);
  CHECK(written().find("marker") == std::string::npos);
}

TEST_CASE_METHOD(WriterFixture,
                 "log writer: a very long line comes as text byte for byte, and in spite of breaks once") {
  writer({});
  const std::string half(LogWriter::kMaxLine / 2, 'x');
  std::string text;
  for (int i = 0; i < 5; ++i) part(half, i == 0, false);
  text += written();
  CHECK(text.size() == 5 * half.size());
  for (int again = 0; again < 2; ++again) {
    writer_->interrupted();
    for (int i = 0; i < 3; ++i) part(half, i == 0, false);
    CHECK(written().empty());
  }
  writer_->interrupted();
  for (int i = 0; i < 6; ++i) part(half, i == 0, false);
  part("end", false, true);
  text += written();
  CHECK(text == half + half + half + half + half + half + "end\n");
  line("next");
  CHECK(written() == "next\n");
}

TEST_CASE_METHOD(WriterFixture, "log writer: a very long line whose rest is lost ends all the same") {
  writer({});
  const std::string much(LogWriter::kMaxLine, 'x');
  part(much, true, false);
  part("y", false, false);
  CHECK(written() == much + "y");
  writer_->interrupted();
  writer_->mark(LogMark::gap, at);
  line("next");
  CHECK(written() == "\nnext\n");
}

TEST_CASE_METHOD(WriterFixture, "log writer: a very long line without what is looked for is left out") {
  writer({.contains = "needle"});
  const std::string much(LogWriter::kMaxLine, 'x');
  part(much, true, false);
  part("needle", false, true);
  part("needle" + much, true, false);
  part("end", false, true);
  CHECK(written() == "needle" + much + "end\n");
}

TEST_CASE_METHOD(WriterFixture, "log writer: a limit of bytes is kept to the byte") {
  writer({.limit_bytes = 6});
  line("one");
  CHECK_FALSE(writer_->full());
  line("two");
  CHECK(writer_->full());
  line("three");
  CHECK(written() == "one\ntw");
}

}  // namespace
}  // namespace quartermaster::test
