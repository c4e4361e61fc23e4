# A real tree of thousands of files: the installed .NET SDK's own folder, up and down again, every byte compared.
. "$COMPAT_HERE/lib/check.sh"
need aws "apt-get install awscli"
dir=$COMPAT_SCRATCH/sync
bucket=$(unique_bucket sync)
mkdir -p "$dir"

tree_is_large_enough() {
  [ "$(find "$SDK_FOLDER" -type f | wc -l)" -ge 3000 ]
  [ "$(du -sm "$SDK_FOLDER" | cut -f1)" -ge 300 ]
}

up() { aws s3 sync "$SDK_FOLDER" "s3://$bucket/sdk" --no-progress --only-show-errors; }
again() { same "$(aws s3 sync "$SDK_FOLDER" "s3://$bucket/sdk" --no-progress | wc -l)" 0; }
down() {
  aws s3 sync "s3://$bucket/sdk" "$dir/back" --no-progress --only-show-errors
  diff -r "$SDK_FOLDER" "$dir/back"
}
count() { same "$(aws s3 ls "s3://$bucket/sdk/" --recursive | wc -l)" "$(find "$SDK_FOLDER" -type f | wc -l)"; }

check "the tree has 3,000 files and 300 MB" tree_is_large_enough
check "make a bucket" aws s3 mb "s3://$bucket"
check "sync the tree up" up
check "list it whole" count
check "a second sync has nothing to do" again
check "sync it down and compare every byte" down
check "remove it" aws s3 rm "s3://$bucket" --recursive --only-show-errors
check "remove the bucket" aws s3 rb "s3://$bucket"
rm -rf "$dir"
