// Reads pages as the reflector does, for a caller who waits.
#include "kubeapi/pages.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "kubeapi/answers.hpp"
#include "kubeapi/turn.hpp"
#include "model/json_splitter.hpp"

namespace quartermaster::kubeapi {
namespace {

constexpr std::size_t kMaxObjectBytes = std::size_t{8} << 20;
constexpr int kRestartsInPages = 2;

Task<Result<PagesEnd>> read_page(Api& api, model::Kind kind, std::string ns, ListOptions options, Call call,
                                 const EachObject& each, Turn& turn) {
  const auto body = co_await api.stream_list(kind, std::move(ns), std::move(options), std::move(call));
  if (!body) co_return body.error();
  json::ListSplitter splitter(kMaxObjectBytes);
  for (;;) {
    const auto bytes = co_await (*body)->read();
    if (!bytes) co_return bytes.error();
    if (bytes->empty()) break;
    splitter.feed(*bytes);
    for (;;) {
      const auto text = splitter.next();
      if (!text) co_return senseless();
      if (!*text) break;
      const auto object = json::parse(**text);
      if (!object) co_return senseless();
      each(object->root());
      if (turn.over()) co_await turn.pass_on();
    }
  }
  const auto list = splitter.finish();
  if (!list || !is_list_of(kind, list->root())) co_return senseless();
  const auto meta = list->root()["metadata"];
  co_return PagesEnd{std::string(meta["continue"].string()), std::string(meta["resourceVersion"].string())};
}

}  // namespace

Task<Result<PagesEnd>> for_each_object(Api& api, model::Kind kind, std::string ns, ListOptions options, Call call,
                                       EachObject each, std::function<void()> restart, std::function<bool()> enough) {
  Turn turn(co_await asio::this_coro::executor);
  const ListOptions first = options;
  // Else the token or the version is the caller's, and so is its 410.
  const bool from_start = first.continue_token.empty() && first.resource_version_match.empty();
  std::size_t found = 0;
  const EachObject count = [&](json::Value object) {
    ++found;
    each(object);
  };
  std::string version;
  for (int restarts = 0;;) {
    const bool in_pages = restarts <= kRestartsInPages;
    if (in_pages) options.limit = first.limit == 0 ? kPageSize : std::min(kPageSize, first.limit - found);
    auto page = co_await read_page(api, kind, ns, options, call, count, turn);
    if (!page) {
      const bool lost = page.error().code == ErrorCode::expired && !options.continue_token.empty();
      if (!lost || !from_start || !in_pages) co_return page.error();
      ++restarts;
      found = 0;
      version.clear();
      restart();
      options = first;
      continue;
    }
    if (version.empty()) version = std::move(page->resource_version);
    page->resource_version = version;
    const bool full = first.limit > 0 && found >= first.limit;
    if (page->continue_token.empty() || full || (enough && enough())) co_return page;
    options.continue_token = std::move(page->continue_token);
    // They go with the first page only.
    options.resource_version.clear();
    options.resource_version_match.clear();
  }
}

}  // namespace quartermaster::kubeapi
