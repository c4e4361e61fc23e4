# The aws command line: the high-level s3 verbs and s3api.
. "$COMPAT_HERE/lib/check.sh"
need aws "apt-get install awscli"
dir=$COMPAT_SCRATCH/awscli
bucket=$(unique_bucket aws)
make_file "$dir/small" 1234
make_file "$dir/large" $((64 * 1024 * 1024))

round_trip() {
  aws s3 cp "$dir/$1" "s3://$bucket/$1"
  aws s3 cp "s3://$bucket/$1" "$dir/$1.back"
  cmp "$dir/$1" "$dir/$1.back"
}

list_with_delimiter() {
  for key in a/1 a/2 b/1 c; do aws s3 cp "$dir/small" "s3://$bucket/list/$key"; done
  same "$(aws s3api list-objects-v2 --bucket "$bucket" --prefix list/ --delimiter / \
    --query '[CommonPrefixes[].Prefix, Contents[].Key]' --output text | tr '\t\n' '  ')" "list/a/ list/b/ list/c "
  same "$(aws s3 ls "s3://$bucket/list/" --recursive | wc -l)" 4
  same "$(aws s3api list-objects --bucket "$bucket" --prefix list/ --max-items 3 --page-size 2 --query 'length(Contents)')" 3
}

copy_and_move() {
  aws s3 cp "s3://$bucket/small" "s3://$bucket/copied"
  aws s3 mv "s3://$bucket/copied" "s3://$bucket/moved"
  aws s3 cp "s3://$bucket/moved" - | cmp - "$dir/small"
  refuses 404 aws s3api head-object --bucket "$bucket" --key copied
  aws s3 cp "s3://$bucket/large" "s3://$bucket/large-copy"
  aws s3 cp "s3://$bucket/large-copy" - | cmp - "$dir/large"
}

presign() {
  curl -sf "$(aws s3 presign "s3://$bucket/small")" | cmp - "$dir/small"
  same "$(curl -s -o /dev/null -w '%{http_code}' "$(aws s3 presign "s3://$bucket/small" | sed 's/Signature=./Signature=0/;t')x")" 403
}

metadata() {
  aws s3 cp "$dir/small" "s3://$bucket/meta" --content-type text/x-thing --cache-control "max-age=60" \
    --content-disposition 'attachment; filename="a b"' --metadata shape=round,colour=blue
  aws s3api head-object --bucket "$bucket" --key meta >"$dir/head.json"
  for wanted in '"ContentType": "text/x-thing"' '"CacheControl": "max-age=60"' '"shape": "round"' '"colour": "blue"'; do
    grep -q "$wanted" "$dir/head.json"
  done
}

stdin_upload() {
  make_file "$dir/stream" $((20 * 1024 * 1024))
  aws s3 cp - "s3://$bucket/stream" <"$dir/stream"
  aws s3 cp "s3://$bucket/stream" - | cmp - "$dir/stream"
}

ranges() {
  aws s3api get-object --bucket "$bucket" --key small --range bytes=10-19 "$dir/range"
  cmp "$dir/range" <(tail -c +11 "$dir/small" | head -c 10)
  refuses InvalidRange aws s3api get-object --bucket "$bucket" --key small --range bytes=5000- "$dir/range"
}

conditional_writes() {
  aws s3api put-object --bucket "$bucket" --key once --if-none-match '*' --body "$dir/small" --output json >"$dir/once.json"
  refuses PreconditionFailed aws s3api put-object --bucket "$bucket" --key once --if-none-match '*' --body "$dir/small"
}

checksums() {
  for algorithm in CRC32 CRC32C CRC64NVME SHA1 SHA256; do
    aws s3api put-object --bucket "$bucket" --key "sum-$algorithm" --body "$dir/small" --checksum-algorithm $algorithm >"$dir/sum.json" \
      || { [ $algorithm = CRC64NVME ] || [ $algorithm = CRC32C ]; continue; }
    grep -q "Checksum$algorithm" "$dir/sum.json"
    aws s3api head-object --bucket "$bucket" --key "sum-$algorithm" --checksum-mode ENABLED | grep -q "Checksum$algorithm"
  done
}

errors() {
  refuses NoSuchKey aws s3api get-object --bucket "$bucket" --key absent "$dir/none"
  refuses NoSuchBucket aws s3 ls s3://no-such-bucket-anywhere
  refuses BucketNotEmpty aws s3api delete-bucket --bucket "$bucket"
  refuses SignatureDoesNotMatch env AWS_SECRET_ACCESS_KEY=wrong-secret aws s3 ls
  refuses InvalidAccessKeyId env AWS_ACCESS_KEY_ID=nobody aws s3 ls
}

remove() {
  aws s3 rm "s3://$bucket" --recursive
  same "$(aws s3 ls "s3://$bucket" --recursive | wc -l)" 0
  aws s3 rb "s3://$bucket"
  ! aws s3 ls | grep -q "$bucket"
}

check "aws s3 mb" aws s3 mb "s3://$bucket"
check "aws s3 cp of a small file, both ways" round_trip small
check "aws s3 cp of 64 MiB in parts, both ways" round_trip large
check "aws s3 cp from a pipe" stdin_upload
check "listing with and without a delimiter" list_with_delimiter
check "copy and move on the server" copy_and_move
check "presign and fetch with curl" presign
check "headers and metadata round-trip" metadata
check "ranges" ranges
check "put --if-none-match" conditional_writes
check "checksums of every algorithm the client has" checksums
check "errors carry their codes" errors
check "aws s3 rm --recursive and rb" remove
