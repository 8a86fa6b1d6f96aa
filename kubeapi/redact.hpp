// What the API server says about a secret that it does not accept, without the secret.
#pragma once

#include "model/error.hpp"

namespace quartermaster::kubeapi {

/// The API server quotes what it cannot read: a 400 shows a part of the body, a 422 to a patch all of the object. Keeps
/// what is said about fields that hold no value.
Error without_values(Error error);

}  // namespace quartermaster::kubeapi
