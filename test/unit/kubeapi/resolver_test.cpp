// Host names, with a resolver that does what the test wants: this program's own getaddrinfo stands before the C
// library's.
#include <dlfcn.h>
#include <netdb.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <semaphore>

#include "test/unit/kubeapi/client_fixture.hpp"

namespace {
std::counting_semaphore<> answer_now{0};  // lets one lookup of "blocked.test" go on
}

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
  static const auto original = reinterpret_cast<int (*)(const char*, const char*, const addrinfo*, addrinfo**)>(
      ::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name != nullptr && std::strcmp(name, "blocked.test") == 0) {
    answer_now.acquire();
    return EAI_AGAIN;
  }
  if (name != nullptr && std::strcmp(name, "unknown.test") == 0) return EAI_NONAME;
  if (name == nullptr || std::strcmp(name, "several.test") != 0) return original(name, service, hints, result);
  // Two addresses, of which only the second is listened on.
  addrinfo* second = nullptr;
  if (const int error = original("127.0.0.1", service, hints, &second); error != 0) return error;
  if (const int error = original("127.0.0.2", service, hints, result); error != 0) return error;
  addrinfo* last = *result;
  while (last->ai_next != nullptr) last = last->ai_next;
  last->ai_next = second;
  return 0;
}

namespace quartermaster::test {
namespace {

TEST_CASE_METHOD(ClientFixture, "all addresses of a name are tried", "[resolver]") {
  server().answer_all();
  auto config = server().config();
  config.host = "several.test";
  connect(config);
  REQUIRE(ask(get("/")));
  CHECK(header(server().requests()[0], "Host") == "several.test:" + std::to_string(server().port()));
}

TEST_CASE_METHOD(ClientFixture, "a name that does not exist is unavailable", "[resolver]") {
  auto config = server().config();
  config.host = "unknown.test";
  connect(config);
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(response.error().message.ends_with(" cannot be reached: looking up its name: Host not found (authoritative)"));
}

TEST_CASE_METHOD(ClientFixture, "nobody waits for a resolver that does not answer", "[resolver]") {
  while (answer_now.try_acquire()) continue;  // of a lookup that was given up before it began
  auto config = server().config();
  config.host = "blocked.test";
  std::stop_source stop;
  Call call;
  call.stop = stop.get_token();
  SECTION("its own limit") {
    options.connect_timeout = std::chrono::milliseconds(10);
    connect(config);
    const auto response = ask(get("/"), call);
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::unavailable);
    CHECK(response.error().message.ends_with("cannot be reached: looking up its name: no answer in time"));
  }
  SECTION("the deadline") {
    connect(config);
    call.deadline = Clock::now() + std::chrono::milliseconds(10);
    const auto response = ask(get("/"), call);
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::timeout);
  }
  SECTION("the stop") {
    connect(config);
    auto pending = start(get("/"), call);
    loop.poll();
    CHECK_FALSE(pending.done());
    stop.request_stop();
    const auto response = pending.get();
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::cancelled);
  }
  CHECK(client().pool_stats().in_use == 0);
  answer_now.release();  // the loop's end waits for the resolver's thread
}

}  // namespace
}  // namespace quartermaster::test
