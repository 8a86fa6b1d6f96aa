// Who refers to a secret, as the API server says now; and what of it the caller may not see.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/secret_usage.hpp"
#include "server/api/pages.hpp"
#include "server/api/require.hpp"
#include "server/api/route.hpp"

namespace quartermaster::api {

/// A kind of objects that could not be looked at.
struct Unread {
  model::Kind kind;
  Error why;
};

/// The member `unread`: [{resource, reason, message}].
void write_unread(json::Writer& writer, const std::vector<Unread>& unread);

/// An object, and where in it the secret is named.
template <class T>
struct User {
  T object;
  std::vector<std::string> places;
};

using PlacesOf = std::vector<std::string> (*)(json::Value object, std::string_view secret);

/// All of a kind in the namespace that refer to the secret, by name, as `read` makes them.
template <class T>
Task<Result<std::vector<User<T>>>> users_of(Context& context, model::Kind kind, std::string secret, PlacesOf places_of,
                                            T (*read)(json::Value)) {
  std::vector<User<T>> users;
  const auto each = [&users, &secret, places_of, read](json::Value object) {
    auto places = places_of(object, secret);
    if (!places.empty()) users.push_back({read(object), std::move(places)});
  };
  const auto restart = [&users] { users.clear(); };
  const auto end =
      co_await for_each_object(context.services.api, kind, context.at("namespace"), {}, context.call, each, restart);
  if (!end) co_return end.error();
  co_return users;
}

}  // namespace quartermaster::api
