# rclone: its own S3 client, with MD5 checks of every transfer.
. "$COMPAT_HERE/lib/check.sh"
need rclone "apt-get install rclone"
dir=$COMPAT_SCRATCH/rclone
bucket=$(unique_bucket rclone)
mkdir -p "$dir"
export RCLONE_CONFIG=$dir/rclone.conf
cat >"$RCLONE_CONFIG" <<CFG
[ambry]
type = s3
provider = Other
env_auth = true
endpoint = $AWS_ENDPOINT_URL
region = $AWS_REGION
force_path_style = true
CFG
make_file "$dir/tree/top" 999
make_file "$dir/tree/deep/er/file with space" 5000
make_file "$dir/tree/deep/plus+and%percent" 100
make_file "$dir/tree/unicode-äöü-日本" 77
make_file "$dir/tree/empty" 0
make_file "$dir/tree/large" $((64 * 1024 * 1024))

up() { rclone copy "$dir/tree" "ambry:$bucket/tree"; }
verify() { rclone check --download "$dir/tree" "ambry:$bucket/tree"; }
hashes() { rclone check "$dir/tree" "ambry:$bucket/tree"; }
down() { rclone copy "ambry:$bucket/tree" "$dir/back" && diff -r "$dir/tree" "$dir/back"; }
server_copy() { rclone copyto "ambry:$bucket/tree/top" "ambry:$bucket/copy" && rclone cat "ambry:$bucket/copy" | cmp - "$dir/tree/top"; }
server_move() { rclone moveto "ambry:$bucket/copy" "ambry:$bucket/moved" && ! rclone lsf "ambry:$bucket" | grep -qx copy; }
listing() { same "$(rclone lsf -R --files-only "ambry:$bucket/tree" | wc -l)" 6; }
streamed() { rclone rcat "ambry:$bucket/streamed" <"$dir/tree/large" && rclone cat "ambry:$bucket/streamed" | cmp - "$dir/tree/large"; }

check "rclone mkdir" rclone mkdir "ambry:$bucket"
check "copy a tree up" up
check "compare by hash" hashes
check "compare by content" verify
check "list it" listing
check "copy it down" down
check "copy on the server" server_copy
check "move on the server" server_move
check "upload of unknown length" streamed
check "purge" rclone purge "ambry:$bucket"
