// The certificates of the simulated API server: those of all tests.
#pragma once

#include "test/support/pki.hpp"

namespace quartermaster::apisim {

using test::CertificateAuthority;
using test::CertificateRequest;
using test::KeyPair;

}  // namespace quartermaster::apisim
