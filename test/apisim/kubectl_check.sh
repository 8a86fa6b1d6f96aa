#!/bin/bash
# Runs kubectl against the simulated API server and looks at what it prints. Skips (77) where there is no kubectl.
#   kubectl_check.sh build/debug/apisim
# KUBECTL names another kubectl; KUBECONFIG_UNDER_TEST another cluster, for which only the cases that bring their own
# objects are run: so they can be compared with a real control plane.
set -u
apisim=${1:-build/debug/apisim}
kubectl=${KUBECTL:-$(command -v kubectl)} || { echo "no kubectl: skipped"; exit 77; }
[ -x "$kubectl" ] || { echo "no kubectl: skipped"; exit 77; }

dir=$(mktemp -d)
export KUBECONFIG=${KUBECONFIG_UNDER_TEST:-$dir/kubeconfig} HOME=$dir
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$dir"' EXIT
if [ -z "${KUBECONFIG_UNDER_TEST:-}" ]; then
  exec {ready}< <(exec "$apisim" --demo --tls --kubeconfig-out "$KUBECONFIG")
  server=$!
  read -r -t 20 -u "$ready" line || { echo "apisim does not start"; exit 1; }
fi

passed=0 failed=0
# check EXPECTED-REGEX COMMAND...: standard output and errors together hold a line that matches.
check() {
  local expected=$1 output
  shift
  output=$("$@" 2>&1)
  if grep -Eq -- "$expected" <<<"$output"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  expected: %s\n  got:\n%s\n' "$*" "$expected" "$(sed 's/^/    /' <<<"$output")"
  fi
}
k() { timeout 60 "$kubectl" "$@"; }
in_demo() { k -n team-red "$@"; }

demo_cases() {
  check '^team-old +Terminating' k get namespaces
  check '^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE$' k get pods --all-namespaces
  check '^worker-7d9f8-tq8zm +0/1 +CrashLoopBackOff +7 +5d$' in_demo get pods
  check '^typo +0/1 +ImagePullBackOff' in_demo get pods
  check '^web-.* 2/2 +Running +1 +5d +10\.244\.0\.7 +node-1 ' in_demo get pods -o wide
  check '^report +0/1 +Evicted' in_demo get pods
  check '^migrate-4-7hcz9 +0/1 +Completed' in_demo get pods
  check '^    reason: CrashLoopBackOff|reason: CrashLoopBackOff$' in_demo get pod worker-7d9f8-tq8zm -o yaml
  check '^data-redis-0 +Bound +pvc-data-redis-0 +8Gi +RWO +fast +5d$' in_demo get pvc
  check '^keystore +Opaque +2 ' in_demo get secrets
  check '^fast \(default\) +example.com/ssd +Delete +WaitForFirstConsumer +false' k get storageclass
  check '^Controlled By: +ReplicaSet/worker-7d9f8$' in_demo describe pod worker-7d9f8-tq8zm
  check 'Warning +BackOff +.*Back-off restarting failed container' in_demo describe pod worker-7d9f8-tq8zm
  check 'FailedScheduling .*Insufficient cpu' in_demo describe pod huge
  check '^Used By: +redis-0$' in_demo describe pvc data-redis-0
  check 'ProvisioningFailed .*"gold" not found' in_demo describe pvc wanted
  check '^password: +28 bytes$' in_demo describe secret database
  check 'requests.storage +184Gi +200Gi' k describe namespace team-red
  check '^limits.cpu +1600m +16$' in_demo describe quota compute
  check '^GET /item/99 200 27ms$' in_demo logs web-5f6d7c8b9-x2v4k -c web --tail=1
  check '^first scrape: 42 series$' in_demo logs web-5f6d7c8b9-x2v4k -c metrics
  check '^exit 1$' in_demo logs worker-7d9f8-tq8zm
  check '^fatal: no such queue: jobs$' in_demo logs worker-7d9f8-tq8zm -p
  check 'container third is not valid for pod' in_demo logs web-5f6d7c8b9-x2v4k -c third
  check 'previous terminated container "redis" in pod "redis-0" not found' in_demo logs redis-0 -p
  check '^done in 812ms$' in_demo logs -f migrate-4-7hcz9
  check 'pod "web-5f6d7c8b9-x2v4k" deleted' in_demo delete pod web-5f6d7c8b9-x2v4k
  check 'deployment "web" successfully rolled out' in_demo rollout status deployment/web --timeout=30s
  check 'successfully rolled out' k -n team-blue rollout status deployment/hello --timeout=30s
}

own_cases() {
  local ns=kubectl-check
  check "namespace/$ns created" k create namespace $ns
  check "namespaces \"$ns\" already exists" k create namespace $ns
  check 'secret/s created' k -n $ns create secret generic s --from-literal=user=me --from-literal=password=x
  check '^s +Opaque +2 ' k -n $ns get secrets
  check '^  password: eA==$' k -n $ns get secret s -o yaml
  check 'secret/s labeled' k -n $ns label secret s tier=db
  check '^s ' k -n $ns get secret -l tier=db
  check 'secret/s annotated' k -n $ns annotate secret s note='hi there'
  check 'secret/s patched' k -n $ns patch secret s -p '{"stringData": {"more": "y"}}'
  check '^more: +1 bytes$' k -n $ns describe secret s
  check 'resourcequota/q created' k -n $ns create quota q --hard=configmaps=10,requests.cpu=1500m
  check '^requests.cpu +0 +1500m$' k -n $ns describe quota q
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: %s}\ndata: {a: "1"}\n' $ns >"$dir/c.yaml"
  check 'configmap/c created' k apply -f "$dir/c.yaml"
  check 'configmap/c unchanged' k apply -f "$dir/c.yaml"
  sed -i 's/"1"/"2"/' "$dir/c.yaml"
  check 'configmap/c configured' k apply -f "$dir/c.yaml"
  check '^2$' k -n $ns get configmap c -o 'jsonpath={.data.a}'
  check 'spec.resources\[storage\]: Required value' k -n $ns create -f - <<<'{"apiVersion": "v1", "kind":
    "PersistentVolumeClaim", "metadata": {"name": "p"}, "spec": {"accessModes": ["ReadWriteOnce"]}}'
  check 'configmap "c" deleted' k -n $ns delete -f "$dir/c.yaml"
  check 'configmaps "c" not found' k -n $ns get configmap c
  check '"s" deleted' k -n $ns delete secret s
  check '^w +Opaque' watch_a_secret $ns
  check "namespace \"$ns\" deleted" k delete namespace $ns
  check "namespaces \"$ns\" not found" k get namespace $ns
}

# What `get -w` prints of a secret that is made while it watches: it ends with the time-out, so its first lines count.
watch_a_secret() {
  k -n "$1" get secrets -w --request-timeout=5s 2>&1 &
  local watcher=$!
  sleep 1
  k -n "$1" create secret generic w --from-literal=a=b >/dev/null
  wait $watcher
}

own_cases
[ -n "${KUBECONFIG_UNDER_TEST:-}" ] || demo_cases
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
