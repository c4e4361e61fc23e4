# The fixed interface of the executable: options, exit codes, health, credentials.
. "$COMPAT_HERE/lib/check.sh"
[ -n "${COMPAT_EXTERNAL:-}" ] && { echo "skip start: needs its own ambry"; exit 0; }
ambry=$(server_binary)
dir=$COMPAT_SCRATCH/start
mkdir -p "$dir"

# fails_with CODE WORD COMMAND…: the exit code, and exactly one line on stderr with the word in it.
fails_with() {
  local code=$1 word=$2 status=0
  shift 2
  timeout 60 "$@" >"$dir/out" 2>"$dir/err" || status=$?
  same "$status" "$code"
  same "$(grep -c . "$dir/err")" 1
  grep -q -- "$word" "$dir/err"
}

help_everywhere() {
  "$ambry" --help | grep -q dev
  for option in --data --listen --admin --domain --region --durability; do "$ambry" dev --help | grep -q -- $option; done
}

health() {
  same "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$COMPAT_ADMIN_PORT/health/live")" 200
  same "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$COMPAT_ADMIN_PORT/health/ready")" 200
  same "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$COMPAT_ADMIN_PORT/other")" 404
}

unusable_folder() {
  : >"$dir/a-file"
  fails_with 1 a-file "$ambry" dev --data "$dir/a-file/below" --listen 127.0.0.1:19998 --admin 127.0.0.1:19999
}

makes_credentials() {
  local pid
  env -u AMBRY_ACCESS_KEY -u AMBRY_SECRET_KEY "$ambry" dev --data "$dir/fresh" --listen 127.0.0.1:19996 --admin 127.0.0.1:19997 \
    >"$dir/fresh.out" 2>&1 &
  pid=$!
  for _ in $(seq 200); do grep -q AWS_SECRET_ACCESS_KEY "$dir/fresh.out" && break; sleep 0.1; done
  same "$(stat -c %a "$dir/fresh/credentials.json")" 600
  (
    unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    eval "$(grep '^  export' "$dir/fresh.out")"
    ! command -v aws >/dev/null || aws s3 mb s3://pasted
  )
  kill -TERM $pid
  wait $pid
}

term_drains() {
  local pid status=0
  "$ambry" --data "$dir/drain" --listen 127.0.0.1:19994 --admin 127.0.0.1:19995 >"$dir/drain.out" 2>&1 &
  pid=$!
  for _ in $(seq 200); do grep -q ready "$dir/drain.out" && break; sleep 0.1; done
  kill -TERM $pid
  wait $pid || status=$?
  same "$status" 0
}

check "every verb has --help" help_everywhere
check "health is 200 when ready" health
check "an unknown option is one line and exit 2" fails_with 2 --no-such "$ambry" dev --no-such
check "a bad address is one line and exit 2" fails_with 2 --listen "$ambry" dev --listen nowhere
check "a bad durability mode is one line and exit 2" fails_with 2 durability "$ambry" dev --durability sometimes
check "half a key pair is one line" fails_with 1 AMBRY_SECRET_KEY env -u AMBRY_SECRET_KEY AMBRY_ACCESS_KEY=only \
  "$ambry" dev --data "$dir/half" --listen 127.0.0.1:19998 --admin 127.0.0.1:19999
check "a folder another process holds is one line" fails_with 1 "$COMPAT_SCRATCH/data" \
  "$ambry" dev --data "$COMPAT_SCRATCH/data" --listen 127.0.0.1:19998 --admin 127.0.0.1:19999
check "an unusable folder is one line" unusable_folder
check "a taken S3 port is one line" fails_with 1 "$COMPAT_PORT" \
  "$ambry" dev --data "$dir/other" --listen "127.0.0.1:$COMPAT_PORT" --admin 127.0.0.1:19999
check "a taken admin port is one line" fails_with 1 "$COMPAT_ADMIN_PORT" \
  "$ambry" dev --data "$dir/other" --listen 127.0.0.1:19998 --admin "127.0.0.1:$COMPAT_ADMIN_PORT"
check "first start makes credentials for the owner alone, and the printed block works" makes_credentials
check "SIGTERM drains and exits 0" term_drains
