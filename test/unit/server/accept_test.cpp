// What Accept fields prefer.
#include "server/http/accept.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace quartermaster;

TEST_CASE("accept: events only for who names them and likes them better than JSON") {
  for (const std::string yes :
       {"text/event-stream", "Text/Event-Stream", "text/event-stream, */*;q=0.1", "text/event-stream;q=0.9, */*;q=0.8",
        "application/json;q=0.5, text/event-stream", "text/event-stream; q=0.2", "text/html, text/event-stream ; q=1.0",
        "*/*;q=0.5, text/event-stream;charset=utf-8"}) {
    CAPTURE(yes);
    CHECK(http::prefers_events(yes));
  }
  for (const std::string no :
       {"", "*/*", "text/*", "application/json", "application/json, text/event-stream", "text/event-stream, */*",
        "text/event-stream;q=0", "text/event-stream;q=0.5, application/json", "text/event-stream;q=0.5, application/*",
        "text/event-stream;q=x", "text/event-stream;q=2", "text/event-streams, a/b", "x/text/event-stream"}) {
    CAPTURE(no);
    CHECK_FALSE(http::prefers_events(no));
  }
}

TEST_CASE("accept: the most specific range counts, whatever the order") {
  CHECK(http::weight_of("", "a/b") == 1000);
  CHECK(http::weight_of("*/*;q=0.3", "a/b") == 300);
  CHECK(http::weight_of("a/b;q=0.25, a/*;q=0.5, */*;q=0.75", "a/b") == 250);
  CHECK(http::weight_of("*/*;q=0.75, a/*;q=0.5, a/b;q=0.25", "a/b") == 250);
  CHECK(http::weight_of("a/*;q=0.5", "b/a") == 0);
  CHECK(http::weight_of("a/b;q=0.123", "a/b") == 123);
  CHECK(http::weight_of("a/b;q=1.000", "a/b") == 1000);
  CHECK(http::weight_of("a/b;q=1.001", "a/b") == 0);
  CHECK(http::weight_of("a/b;q=0.1234", "a/b") == 0);
  CHECK(http::weight_of("a/b;level=1;q=0.4", "a/b") == 400);
}

TEST_CASE("accept: of the types that are known, the one that is named with the greatest weight is preferred") {
  const auto [value, type] = GENERATE(table<std::string, std::string>({
      {"", "x/y"},
      {"*/*", "x/y"},
      {"a/*", "x/y"},
      {"text/html", "x/y"},
      {"a/b", "a/b"},
      {"x/y", "x/y"},
      {"text/html, A/B ;q=0.9", "a/b"},
      {"a/b, c/d", "a/b"},
      {"c/d , a/b", "c/d"},
      {"x/y, a/b", "x/y"},
      {"a/b, x/y", "a/b"},
      {"a/b, */*", "a/b"},
      {"c/d;q=0.1, a/b", "a/b"},
      {"a/b;q=0.4, c/d;q=0.5", "c/d"},
      {"a/b;q=0.9, */*", "x/y"},
      {"a/b;q=0.9, x/*", "x/y"},
      {"a/b;q=0.9, */*;q=0.8", "a/b"},
      {"a/b;q=0", "x/y"},
      {"a/b;q=0, c/d;q=0.001", "c/d"},
      {"a/b;q=x", "x/y"},
      {"a/bx, xa/b", "x/y"},
  }));
  CAPTURE(value);
  CHECK(http::most_preferred(value, {"c/d", "a/b", "x/y"}) == type);
}

TEST_CASE("accept: a content coding is accepted, or not") {
  const auto [value, accepted] = GENERATE(table<std::string, bool>({
      {"gzip", true},
      {"gzip, deflate, br, zstd", true},
      {"br, GZip;q=0.1", true},
      {"identity;q=0.5, *", true},
      {"*;q=0, gzip", true},
      {"gzip; q=1.0", true},
      {"", false},
      {"identity", false},
      {"br", false},
      {"gzip2", false},
      {"gzip;q=0", false},
      {"gzip ; q=0.000, *", false},
      {"*, gzip;q=0", false},
      {"*;q=0", false},
  }));
  CAPTURE(value);
  CHECK(http::accepts_coding(value, "gzip") == accepted);
}
