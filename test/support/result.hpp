// How Catch2 shows a Result: REQUIRE(result) then tells the error.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "model/error.hpp"

namespace Catch {

template <class T>
struct StringMaker<quartermaster::Result<T>> {
  static std::string convert(const quartermaster::Result<T>& result) {
    return result ? "{a value}"
                  : "{error " + std::to_string(static_cast<int>(result.error().code)) + ": " + result.error().message +
                        "}";
  }
};

}  // namespace Catch
