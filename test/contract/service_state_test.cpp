// The service about itself.
#include <unistd.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

TEST_CASE("the liveness probes answer 200 and ask nobody") {
  check_stays_local([] {
    for (const std::string path : {"/liveniess", "/liveness", "/livez", "/livez/"}) {
      INFO(path);
      CHECK(service().get(path).status == 200);
    }
  });
}

TEST_CASE("the readiness probes answer 200, and list their checks if asked to") {
  for (const std::string path : {"/readiness", "/readyz"}) {
    INFO(path);
    CHECK(service().get(path).status == 200);
    const HttpAnswer verbose = service().get(path + "?verbose");
    CHECK(verbose.status == 200);
    CHECK(verbose.body.size() > service().get(path).body.size());
  }
}

TEST_CASE("stats has all its fields, and they count") {
  const json::value before = service().get("/stats").json();
  CHECK(at(before, "/pid") == json::value(service().process().pid()));
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  CHECK(text_at(before, "/hostname") == host);
  for (const std::string field : {"uptime", "time", "total_response_time", "average_response_time"}) {
    INFO(field);
    CHECK_FALSE(text_at(before, "/" + field).empty());
  }
  for (const std::string field : {"uptime_sec", "unixtime", "count", "total_count", "total_response_time_sec",
                                  "average_response_time_sec", "total_response_size", "average_response_size"}) {
    INFO(field);
    CHECK(at(before, "/" + field).is_number());
  }
  for (const std::string field : {"status_code_count", "total_status_code_count", "caches"}) {
    INFO(field);
    CHECK(at(before, "/" + field).is_object());
  }
  service().get("/api/v1/nothing");
  service().get("/livez");
  const json::value after = service().get("/stats").json();
  const auto number = [](const json::value& stats, const std::string& field) {
    return at(stats, "/" + field).to_number<double>();
  };
  CHECK(number(after, "total_count") >= number(before, "total_count") + 2);
  CHECK(number(after, "total_response_size") > number(before, "total_response_size"));
  const auto not_found = [](const json::value& stats) {
    const json::value* count = find(stats, "/total_status_code_count/404");
    return count == nullptr ? 0.0 : count->to_number<double>();
  };
  CHECK(not_found(after) == not_found(before) + 1);
}

TEST_CASE("metrics are in Prometheus' text format, with the families that are promised") {
  service().get("/api/v1/storageclass");
  const HttpAnswer answer = service().get("/metrics");
  REQUIRE(answer.status == 200);
  CHECK(answer.header("Content-Type").starts_with("text/plain"));
  CHECK(answer.body.ends_with("\n"));

  const std::regex comment(
      R"(# (HELP [a-zA-Z_:][a-zA-Z0-9_:]* .*|TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram|summary|untyped)))");
  const std::regex sample(
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*",?)*\})? (\S+)( -?[0-9]+)?)re");
  std::map<std::string, std::string> types;
  std::set<std::string> series;
  std::istringstream lines(answer.body);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    std::smatch match;
    if (line.starts_with("#")) {
      REQUIRE(std::regex_match(line, comment));
      if (line.starts_with("# TYPE ")) {
        const std::string rest = line.substr(7);
        CHECK(types.emplace(rest.substr(0, rest.find(' ')), rest.substr(rest.find(' ') + 1)).second);
      }
      continue;
    }
    if (line.empty()) continue;
    REQUIRE(std::regex_match(line, match, sample));
    CHECK(series.insert(match[1].str() + match[2].str()).second);
    const std::string family = std::regex_replace(match[1].str(), std::regex("_(bucket|sum|count)$"), "");
    CHECK((types.contains(match[1].str()) || types.contains(family)));
    if (match[5] != "+Inf" && match[5] != "NaN") CHECK_NOTHROW(std::stod(match[5].str()));
  }
  CHECK(types["quartermaster_upstream_requests_total"] == "counter");
  std::size_t histograms = 0;
  for (const auto& [name, type] : types) {
    CHECK((name.starts_with("quartermaster_") || name.starts_with("process_")));
    histograms += type == "histogram" ? 1 : 0;
  }
  CHECK(histograms >= 2);
  // Labels hold routes, never what a caller wrote.
  service().get("/api/v1/pvc/a-namespace-of-a-caller/name/a-name-of-a-caller");
  service().get("/a-path-of-a-caller");
  CHECK_THAT(service().get("/metrics").body, !Catch::Contains("of-a-caller"));
}

TEST_CASE("the version is told") {
  const HttpAnswer answer = service().get("/version");
  CHECK(answer.status == 200);
  CHECK(answer.json().is_object());
}

TEST_CASE("the API description is OpenAPI 3.1 and describes every route") {
  const HttpAnswer answer = service().get("/openapi.json");
  REQUIRE(answer.status == 200);
  CHECK(answer.header("Content-Type").starts_with("application/json"));
  const json::value body = answer.json();
  CHECK(text_at(body, "/openapi").starts_with("3.1"));
  const json::object& paths = at(body, "/paths").as_object();
  for (const std::string path : {"/api/v1/pod/{namespace}",
                                 "/api/v1/pod/{namespace}/name/{pod}",
                                 "/api/v1/pod/{namespace}/name/{pod}/events",
                                 "/api/v1/pod/{namespace}/name/{pod}/logs",
                                 "/api/v1/pod/{namespace}/logs",
                                 "/api/v1/pod/{namespace}/name/{pod}/restart",
                                 "/api/v1/pvc/{namespace}",
                                 "/api/v1/pvc/{namespace}/name/{pvcname}",
                                 "/api/v1/secret/{namespace}",
                                 "/api/v1/secret/{namespace}/name/{secretname}",
                                 "/api/v1/storageclass",
                                 "/api/v1/storageclass/{name}",
                                 "/api/v1/tenant",
                                 "/api/v1/tenant/{tenantName}",
                                 "/liveniess",
                                 "/liveness",
                                 "/livez",
                                 "/readiness",
                                 "/readyz",
                                 "/stats",
                                 "/metrics",
                                 "/version",
                                 "/openapi.json",
                                 "/docs",
                                 "/docs/rapidoc.js"}) {
    INFO(path);
    CHECK(paths.contains(path));
  }
}

TEST_CASE("the page for the API description asks its own origin alone, by paths that a prefix does not break") {
  check_stays_local([] {
    const HttpAnswer page = service().get("/docs");
    REQUIRE(page.status == 200);
    CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.header("X-Content-Type-Options") == "nosniff");
    CHECK_THAT(page.header("Content-Security-Policy"),
               Catch::StartsWith("default-src 'none'; script-src 'self';") && Catch::Contains("connect-src 'self'"));
    for (const std::string part : {R"(src="./docs/rapidoc.js")", R"(spec-url="./openapi.json")", R"(server-url=".")",
                                   R"(load-fonts="false")", R"(persist-auth="false")"}) {
      CHECK_THAT(page.body, Catch::Contains(part));
    }
    CHECK_THAT(page.body, !Catch::Contains("//") && !Catch::Contains("=\"/"));
    const HttpAnswer deeper = service().get("/docs/?a=b");
    for (const std::string part :
         {R"(src="../docs/rapidoc.js")", R"(spec-url="../openapi.json")", R"(server-url="..")"}) {
      CHECK_THAT(deeper.body, Catch::Contains(part));
    }
    const HttpAnswer known = service().get("/docs", {{"If-None-Match", page.header("ETag")}});
    CHECK(known.status == 304);
    CHECK(known.header("ETag") == page.header("ETag"));
    CHECK(service().get("/docs", {{"If-None-Match", deeper.header("ETag")}}).status == 200);
    const HttpAnswer head = service().call({.method = "HEAD", .target = "/docs"});
    CHECK(head.status == 200);
    CHECK(head.header("Content-Length") == std::to_string(page.body.size()));
  });
}

TEST_CASE("the viewer of the API description is compressed, or refused") {
  const std::string target = "/docs/rapidoc.js";
  check_stays_local([&] {
    const HttpAnswer script = service().get(target);
    REQUIRE(script.status == 200);
    CHECK(script.header("Content-Type") == "text/javascript; charset=utf-8");
    CHECK(script.header("Content-Encoding") == "gzip");
    CHECK(script.header("Vary") == "Accept-Encoding");
    CHECK(script.header("X-Content-Type-Options") == "nosniff");
    CHECK(script.body.starts_with("\x1f\x8b"));
    CHECK(service().get(target, {{"Accept-Encoding", "br, gzip;q=0.5"}}).body == script.body);

    const HttpAnswer refused = service().get(target, {{"Accept-Encoding", "identity"}});
    CHECK(outcome(refused) == "406 NotAcceptable");
    CHECK_THAT(text_at(refused.json(), "/errMessage"), Catch::Contains("gzip"));
    const HttpAnswer known = service().get(target, {{"If-None-Match", "W/" + script.header("ETag")}});
    CHECK(known.status == 304);
    CHECK(known.header("Vary") == "Accept-Encoding");
    const HttpAnswer head = service().call({.method = "HEAD", .target = target});
    CHECK(head.status == 200);
    CHECK(head.header("Content-Length") == std::to_string(script.body.size()));
  });
}

}  // namespace quartermaster::test
