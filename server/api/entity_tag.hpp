// Entity tags. A list's tag is made of the digests of its items, so that all replicas make the same one, from a cache
// or without.
#pragma once

#include <string>
#include <string_view>

#include "kubeapi/page.hpp"
#include "server/http/message.hpp"

namespace quartermaster::api {

/// A strong validator, with its quotes.
std::string entity_tag(const kubeapi::Digest& digest);

/// If-None-Match: whether the header's value names the tag, or "*".
bool matches_tag(std::string_view header, std::string_view tag);

/// An answer with this tag, still without its body: 304 if the caller has what it stands for, else 200 with the type.
http::Reply reply_with_tag(const http::Message& request, std::string tag, std::string_view content_type);

}  // namespace quartermaster::api
