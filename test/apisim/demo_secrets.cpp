// Demo: secrets of several types, with values that are no text, too.
#include "test/apisim/demo.hpp"

namespace quartermaster::apisim {

void load_demo_secrets(ApiServer& server) {
  put_demo(server, R"([
    {"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
     "metadata": {"name": "database", "namespace": "team-red", "creationTimestamp": "@33d", "labels": {"app": "web"},
                  "annotations": {"rotated-by": "nobody yet"}},
     "data": {"username": "cmVk", "password": "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ=="}},
    {"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
     "metadata": {"name": "keystore", "namespace": "team-red", "creationTimestamp": "@20d"},
     "data": {"store.p12": "MIIACAHugP/+AIDKyv8AAQIDBAUGBwgJ", "empty": ""}},
    {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true,
     "metadata": {"name": "license", "namespace": "team-red", "creationTimestamp": "@33d"},
     "data": {"key": "QUJDRC0xMjM0LUVGR0g="}},
    {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
     "metadata": {"name": "registry", "namespace": "team-red", "creationTimestamp": "@33d"},
     "data": {".dockerconfigjson": "eyJhdXRocyI6eyJleGFtcGxlLmNvbSI6eyJhdXRoIjoiY21Wa09uSmxaQT09In19fQ=="}},
    {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
     "metadata": {"name": "web-tls", "namespace": "team-red", "creationTimestamp": "@10d"},
     "data": {"tls.crt": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==", "tls.key": "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCg=="}},
    {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/basic-auth",
     "metadata": {"name": "ci", "namespace": "team-red", "creationTimestamp": "@9d"},
     "data": {"username": "Y2k=", "password": "Y2k="}},
    {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
     "metadata": {"name": "default-token-x7k2p", "namespace": "team-red", "creationTimestamp": "@33d",
                  "annotations": {"kubernetes.io/service-account.name": "default"}},
     "data": {"namespace": "dGVhbS1yZWQ=", "token": "bm90IGEgcmVhbCBvbmU="}},
    {"apiVersion": "v1", "kind": "ServiceAccount",
     "metadata": {"name": "default", "namespace": "team-red", "creationTimestamp": "@33d"},
     "secrets": [{"name": "default-token-x7k2p"}], "imagePullSecrets": [{"name": "registry"}]}
  ])");
}

}  // namespace quartermaster::apisim
