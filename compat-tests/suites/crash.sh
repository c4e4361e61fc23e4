# kill -9 in the middle of a sync, restart, finish, compare every byte.
. "$COMPAT_HERE/lib/check.sh"
need aws "apt-get install awscli"
[ -n "${COMPAT_EXTERNAL:-}" ] && { echo "skip crash: needs its own ambry"; exit 0; }
dir=$COMPAT_SCRATCH/crash
bucket=$(unique_bucket crash)
mkdir -p "$dir"

objects() { aws s3 ls "s3://$bucket/sdk/" --recursive 2>/dev/null | wc -l; }

# kill_in_sync ROUND UPLOADS: kills the store in mid-sync, after so many uploads; remembers which ones the client was told
# had succeeded.
kill_in_sync() {
  # No retries: after the kill every file that is left would cost a back-off.
  AWS_MAX_ATTEMPTS=1 aws s3 sync "$SDK_FOLDER" "s3://$bucket/sdk" --no-progress >"$dir/sync-$1.log" 2>&1 &
  local sync=$! i
  for i in $(seq 600); do
    [ "$(grep -c '^upload:' "$dir/sync-$1.log")" -ge "$2" ] && break
    sleep 0.1
  done
  server_kill9
  wait $sync && { echo "the sync ended before the kill"; return 1; }
  server_restart
  grep '^upload:' "$dir/sync-$1.log" | sed 's/.* to s3:\/\/[^/]*\///' >>"$dir/acknowledged"
  local found
  found=$(objects)
  echo "found $found objects, acknowledged so far: $(sort -u "$dir/acknowledged" | wc -l)"
  [ "$found" -gt 0 ]
}

acknowledged_are_there() {
  aws s3 ls "s3://$bucket/sdk/" --recursive | awk '{ $1 = $2 = $3 = ""; print substr($0, 4) }' | sort >"$dir/listed"
  sort -u "$dir/acknowledged" >"$dir/wanted"
  [ -s "$dir/wanted" ]
  local missing
  missing=$(comm -13 "$dir/listed" "$dir/wanted")
  [ -z "$missing" ] || { echo "acknowledged and gone:"; head <<<"$missing"; return 1; }
}

# Every listed object must read back whole before the sync goes on: no name points at missing bytes.
listed_read_back_whole() {
  rm -rf "$dir/partial"
  aws s3 sync "s3://$bucket/sdk" "$dir/partial" --no-progress --only-show-errors
  (cd "$dir/partial" && find . -type f -print0) | while IFS= read -r -d '' file; do
    cmp "$dir/partial/$file" "$SDK_FOLDER/$file" || exit 1
  done
}

finish() { aws s3 sync "$SDK_FOLDER" "s3://$bucket/sdk" --no-progress --only-show-errors; }
compare() {
  aws s3 sync "s3://$bucket/sdk" "$dir/back" --no-progress --only-show-errors
  diff -r "$SDK_FOLDER" "$dir/back"
}

check "make a bucket" aws s3 mb "s3://$bucket"
check "kill -9 in mid-sync, restart without help" kill_in_sync 1 200
check "every acknowledged object is there" acknowledged_are_there
check "kill -9 again, later in the sync" kill_in_sync 2 900
check "every acknowledged object is still there" acknowledged_are_there
check "what is listed reads back whole" listed_read_back_whole
check "finish the sync" finish
check "compare every byte" compare
check "clean stop and start keep everything" bash -c '. "$COMPAT_HERE/lib/check.sh"; server_stop && server_restart'
check "compare again" compare
rm -rf "$dir"
