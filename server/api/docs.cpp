// The page that shows the API description, and the viewer that it loads. Both are still: callers keep them, and ask
// each time whether they have changed.
#include <utility>

#include "server/api/entity_tag.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/viewer.hpp"
#include "server/http/accept.hpp"

namespace quartermaster::api {
namespace {

// What the page may do: run the viewer, ask this origin, and no other. The viewer sets styles of its elements.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// In three parts, between which stands the way to the root. The token is in memory alone.
constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>quartermaster</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 } rapi-doc { height: 100vh }</style>
<script src=")";
constexpr std::string_view kViewer = R"(/docs/rapidoc.js"></script>
</head>
<body>
<rapi-doc render-style="read" show-header="false" allow-server-selection="false" persist-auth="false" load-fonts="false"
 use-path-in-nav-bar="true" show-method-in-nav-bar="as-colored-text" sort-endpoints-by="none" spec-url=")";

/// All links are relative, so that it works behind a proxy that adds a prefix to the paths. By a path that ends in a
/// slash the page is one level deeper.
std::string page(std::string_view target) {
  const std::string_view root = target.substr(0, target.find('?')).ends_with('/') ? ".." : ".";
  std::string text(kHead);
  text.append(root).append(kViewer).append(root).append("/openapi.json\" server-url=\"").append(root);
  return text.append("\" default-api-server=\"").append(root).append("\"></rapi-doc>\n</body>\n</html>\n");
}

std::string tag_of(std::string_view bytes) { return entity_tag(kubeapi::Digest::of(bytes)); }

/// Without its body.
http::Reply still_reply(const Context& context, std::string tag, std::string_view type) {
  auto reply = reply_with_tag(context.request, std::move(tag), type);
  reply.header("Cache-Control", "no-cache").header("X-Content-Type-Options", "nosniff");
  return reply;
}

}  // namespace

Task<Result<http::Reply>> get_docs(Context& context) {
  const auto target = context.request.target();
  auto text = page({target.data(), target.size()});
  auto reply = still_reply(context, tag_of(text), "text/html; charset=utf-8");
  reply.header("Content-Security-Policy", std::string(kPolicy)).header("Referrer-Policy", "no-referrer");
  if (reply.status == 200) reply.body = std::move(text);
  co_return reply;
}

Task<Result<http::Reply>> get_docs_viewer(Context& context) {
  const auto accepted = context.request.find(http::Field::accept_encoding);
  if (accepted != context.request.end() && !http::accepts_coding(accepted->value(), "gzip")) {
    co_return not_acceptable("this is only to be had compressed: accept the content coding gzip",
                             context.call.request_id);
  }
  static const auto tag = tag_of(viewer_script());
  auto reply = still_reply(context, tag, "text/javascript; charset=utf-8");
  reply.header("Vary", "Accept-Encoding");
  if (reply.status == 200) {
    reply.header("Content-Encoding", "gzip");
    reply.pinned.pieces = {viewer_script()};
  }
  co_return reply;
}

}  // namespace quartermaster::api
