# Starts, kills and restarts the `ambry dev` that the suites talk to. State in files, so that suites can restart it too.

server_binary() { echo "${COMPAT_BINARY:-$COMPAT_ROOT/src/Ambry.Host/bin/Release/net10.0/ambry}"; }

server_build() {
  [ -n "${COMPAT_BINARY:-}${COMPAT_NO_BUILD:-}" ] && return 0
  dotnet build "$COMPAT_ROOT/src/Ambry.Host" -c Release -nologo -v q -clp:NoSummary || return 1
}

# Two ports that nothing listens at, below the ephemeral range so that no client socket takes them.
server_pick_ports() {
  local port found=()
  for port in $(shuf -i 20000-32000 -n 200); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || found+=("$port")
    [ ${#found[@]} -eq 2 ] && break
  done
  export COMPAT_PORT=${found[0]} COMPAT_ADMIN_PORT=${found[1]}
  export AWS_ENDPOINT_URL=http://127.0.0.1:$COMPAT_PORT
}

# server_start DIR [words…]
server_start() {
  local dir=$1
  shift
  echo "$dir" >"$COMPAT_SCRATCH/ambry.dir"
  "$(server_binary)" dev --data "$dir" --listen "127.0.0.1:$COMPAT_PORT" --admin "127.0.0.1:$COMPAT_ADMIN_PORT" \
    --domain s3.localhost "$@" >>"$COMPAT_SCRATCH/ambry.log" 2>&1 &
  echo $! >"$COMPAT_SCRATCH/ambry.pid"
  server_wait_ready
}

server_wait_ready() {
  local i
  for i in $(seq 300); do
    [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$COMPAT_ADMIN_PORT/health/ready")" = 200 ] && return 0
    server_alive || break
    sleep 0.1
  done
  echo "ambry did not become ready; the end of its log:" >&2
  tail -n 20 "$COMPAT_SCRATCH/ambry.log" >&2
  return 1
}

server_pid() { cat "$COMPAT_SCRATCH/ambry.pid"; }

server_alive() { kill -0 "$(server_pid)" 2>/dev/null; }

server_kill9() {
  kill -9 "$(server_pid)" 2>/dev/null
  server_wait_gone
}

server_stop() {
  kill -TERM "$(server_pid)" 2>/dev/null
  server_wait_gone
}

server_wait_gone() {
  local i
  for i in $(seq 400); do
    server_alive || return 0
    sleep 0.1
  done
  return 1
}

server_restart() { server_start "$(cat "$COMPAT_SCRATCH/ambry.dir")" "$@"; }

# A cluster of three nodes; endpoint and keys go into the environment.
cluster_start() {
  server_pick_ports
  export COMPAT_CLUSTER=$COMPAT_SCRATCH/cluster AWS_REGION=us-east-1
  "$COMPAT_ROOT/tools/local-cluster" start ${COMPAT_NO_BUILD:+--no-build} --nodes 3 --dir "$COMPAT_CLUSTER" \
    --listen "127.0.0.1:$COMPAT_PORT" || return 1
  AWS_ACCESS_KEY_ID=$(cluster_key accessKey) AWS_SECRET_ACCESS_KEY=$(cluster_key secretKey)
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
}

cluster_key() { sed -nE "s/.*\"$1\": *\"([^\"]*)\".*/\1/p" "$COMPAT_CLUSTER/credentials.json"; }

cluster_stop() { "$COMPAT_ROOT/tools/local-cluster" stop --dir "$COMPAT_CLUSTER"; }
