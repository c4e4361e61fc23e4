# s3cmd, an older client with its own signing and listing code.
. "$COMPAT_HERE/lib/check.sh"
need s3cmd "apt-get install s3cmd"
dir=$COMPAT_SCRATCH/s3cmd
bucket=$(unique_bucket s3cmd)
make_file "$dir/small" 4321
make_file "$dir/large" $((40 * 1024 * 1024))
host=${AWS_ENDPOINT_URL#http://}
cat >"$dir/config" <<CFG
[default]
access_key = $AWS_ACCESS_KEY_ID
secret_key = $AWS_SECRET_ACCESS_KEY
host_base = $host
host_bucket = $host
use_https = False
bucket_location = $AWS_REGION
CFG
s3() { s3cmd -c "$dir/config" --no-progress "$@"; }

round_trip() {
  s3 put "$dir/$1" "s3://$bucket/$1"
  s3 get --force "s3://$bucket/$1" "$dir/$1.back"
  cmp "$dir/$1" "$dir/$1.back"
}
listing() {
  s3 put "$dir/small" "s3://$bucket/folder/with space+plus"
  s3 ls "s3://$bucket/" | grep -q "DIR.*folder/"
  s3 ls -r "s3://$bucket/" | grep -qF "folder/with space+plus"
}
copy_move() {
  s3 cp "s3://$bucket/small" "s3://$bucket/copied"
  s3 mv "s3://$bucket/copied" "s3://$bucket/moved"
  s3 get --force "s3://$bucket/moved" "$dir/moved"
  cmp "$dir/moved" "$dir/small"
}
sync_tree() {
  mkdir -p "$dir/tree/a/b"
  for i in 1 2 3; do make_file "$dir/tree/a/b/$i" $((i * 1000)); done
  s3 sync "$dir/tree/" "s3://$bucket/tree/"
  s3 sync "s3://$bucket/tree/" "$dir/tree-back/"
  diff -r "$dir/tree" "$dir/tree-back"
}
information() { s3 info "s3://$bucket/small" | grep -q "File size: 4321"; }

check "s3cmd mb" s3 mb "s3://$bucket"
check "put and get a small file" round_trip small
check "put and get in parts" round_trip large
check "listing and odd keys" listing
check "copy and move" copy_move
check "sync a tree both ways" sync_tree
check "del --recursive and rb" bash -c "s3cmd -c '$dir/config' del --recursive --force s3://$bucket/ && s3cmd -c '$dir/config' rb s3://$bucket"
